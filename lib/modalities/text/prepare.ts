import { TextTooLong, TextUnusable } from '../../errors.ts'
import type { Signature } from '../../tensor.ts'
import type { Item } from '../kinds.ts'
import type { Limits, Modality, Row } from '../modality.ts'
import type { TextInput, TextItem } from './input.ts'

/** Default for the largest number of admitted texts. */
const QUEUE_LIMIT = 4096

/** A text of typical length, for the calibration. */
const EXAMPLE = 'The food was good and the service was quick, but we waited long for a table.'

/**
 * The text modality, on the event loop. The workers tokenize.
 *
 * @param signature what the ONNX file declares
 */
export function textModality (input: TextInput, signature: Signature): Modality {
  const { tensor, example = EXAMPLE } = input
  return {
    tensors: signature.inputs.filter(({ name }) => tensor === undefined || name === tensor),
    summary: tensor === undefined ? `a text, cut to ${input.tokenizer?.maxTokens} tokens` : `a text, into '${tensor}'`,
    hasRows: true,
    size: tensor === undefined ? `${input.tokenizer?.maxTokens} tokens` : 'text',
    formats: ['JSON', 'plain text', 'CSV'],
    queueLimit: QUEUE_LIMIT,
    isQuick: tensor !== undefined,
    prepare: (item, limits) => rowOf(textIn(item), limits),
    nameOf: (_item, at, count) => count > 1 ? `text ${at + 1}` : 'the text',
    damaged: (_item, reason) => new TextUnusable(reason),
    tooHeavy: (_item, weightBytes, limitBytes) => new TextUnusable(`a text takes ${weightBytes} bytes of memory, over the limit of ${limitBytes}.`),
    example: () => ({ text: example }),
    fromFile: async (bytes, path) => [{ item: { text: bytes.toString() }, name: path }],
    examples: async () => [],
    variations: 0,
    explain: async () => ({})
  }
}

function rowOf ({ text, pair }: TextItem, { characters }: Limits): Row {
  const length = text.length + (pair?.length ?? 0)
  if (length > characters) throw new TextTooLong('the text', length, characters)
  return { content: { payload: pair === undefined ? { text } : { text, pair } }, weightBytes: 0, isSlow: false, batchKey: '', transfer: [] }
}

function textIn (item: Item): TextItem {
  if (!('text' in item)) throw new Error('the model takes texts, but the input is none')
  return item
}
