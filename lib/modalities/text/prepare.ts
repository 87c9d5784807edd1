/// <reference lib="es2024.string" />
import { extname } from 'node:path'
import { BodyMalformed, TextTooLong, TextUnusable } from '../../errors.ts'
import type { Signature } from '../../tensor.ts'
import type { Item } from '../kinds.ts'
import type { Limits, Modality, Row } from '../modality.ts'
import { textsFromCsv } from './csv.ts'
import { findExamples } from './examples.ts'
import { explainText, VARIATIONS } from './explain.ts'
import { textIn, type TextInput, type TextItem } from './input.ts'

/** Default for the largest number of admitted texts. */
const QUEUE_LIMIT = 4096

/** A text of typical length, for the calibration. */
const EXAMPLE = 'The food was good and the service was quick, but we waited long for a table.'

/** How many characters of a message of ONNX Runtime go into an error. */
const REASON_LIMIT = 300

/** Texts of as many bytes or fewer are in one batch, whatever their lengths. */
const SHORT_BYTES = 64

/** How many bytes of text make a token, about: in most languages it has three or four. */
const TOKEN_BYTES = 3

/** How many tokens a batch may have, about. What a model computes on the way takes up to 100 kB for each. */
const BATCH_TOKENS = 4096

/** How many bytes of text a batch may have, about. A tokenizer takes up to a second for them, in which its worker does nothing else. */
const BATCH_BYTES = 64 * 1024

/** Texts have no buffers to move. */
const NO_BUFFERS: ArrayBuffer[] = []

/**
 * The text modality, on the event loop. The workers tokenize.
 *
 * @param signature what the ONNX file declares
 */
export function textModality (input: TextInput, signature: Signature): Modality {
  const { tensor, tokenizer, example = EXAMPLE, pair: isPair = false } = input
  const maxTokens = tokenizer?.maxTokens ?? Infinity
  return {
    tensors: signature.inputs.filter(({ name }) => tensor === undefined || name === tensor),
    summary: tokenizer ? `${isPair ? 'two texts' : 'a text'}, cut to ${maxTokens} tokens` : `a text, into '${tensor}'`,
    hasRows: true,
    size: tokenizer ? `${maxTokens} tokens` : 'text',
    formats: ['JSON', 'plain text', 'CSV'],
    extensions: ['.txt', '.md', '.csv', '.tsv'],
    queueLimit: QUEUE_LIMIT,
    isQuick: false,
    isEven: false,
    prepare: (item, limits, name = () => 'the text') => checked(ownItem(item), limits, name, maxTokens),
    nameOf: (_item, at, count) => count > 1 ? `text ${at + 1}` : 'the text',
    damaged: (_item, reason) => new TextUnusable(`${reason}.`),
    tooHeavy: (_item, weightBytes, limitBytes) => new TextUnusable(`the text takes ${weightBytes} bytes of memory, over the limit of ${limitBytes}.`),
    // What a graph does with a text itself may fail for some texts.
    ...tensor !== undefined && { refused: (_item: Item, reason: string) => new TextUnusable(`the model cannot take the text: ${reason.slice(0, REASON_LIMIT)}`) },
    example: () => isPair ? { text: example, pair: example } : { text: example },
    fromFile: async (bytes, path) => await itemsIn(bytes, path, input),
    examples: findExamples,
    variations: VARIATIONS,
    explain: async (row, _kept, probability, again) => {
      return await explainText(textIn('payload' in row.content ? row.content.payload : null), probability, again, item => rowOf(item, maxTokens), maxTokens, tokenizer?.truncationSide ?? 'right')
    }
  }
}

/** @throws TextTooLong, TextUnusable that names the text */
function checked (item: TextItem, { characters }: Limits, name: () => string, maxTokens: number): Row {
  const length = item.text.length + (item.pair?.length ?? 0)
  if (length > characters) throw new TextTooLong(name(), length, characters)
  // UTF-8 cannot write half of a character.
  if (!item.text.isWellFormed() || item.pair?.isWellFormed() === false) {
    throw new TextUnusable(`${name()} has half of a character: a surrogate (\\ud800 to \\udfff) without its other one. Send both, or none.`)
  }
  return rowOf(item, maxTokens)
}

/**
 * The row of a text. A batch is as long as its longest text, so that texts share one only with texts of about their length;
 * and the longer they are, the fewer are in it.
 *
 * @see docs/decisions/0014-texts-of-a-length.md
 */
function rowOf ({ text, pair }: TextItem, maxTokens: number): Row {
  const bytes = Buffer.byteLength(text) + (pair === undefined ? 0 : Buffer.byteLength(pair))
  const mostBytes = Math.max(SHORT_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
  const tokens = Math.min(maxTokens, mostBytes / TOKEN_BYTES)
  return {
    content: { payload: pair === undefined ? { text } : { text, pair } },
    weightBytes: 0,
    isSlow: false,
    batchKey: `${mostBytes}`,
    batchLimit: Math.max(1, Math.floor(Math.min(BATCH_TOKENS / tokens, BATCH_BYTES / mostBytes))),
    transfer: NO_BUFFERS
  }
}

/** The texts of a file: a column of a CSV file, or the whole of another one. */
async function itemsIn (bytes: Buffer, path: string, input: TextInput): Promise<Array<{ item: TextItem, name: string }>> {
  if (['.csv', '.tsv'].includes(extname(path).toLowerCase())) {
    const { items } = await textsFromCsv(bytes, input)
    return items.map((item, at) => ({ item, name: `${path}:${at + 1}` }))
  }
  try {
    return [{ item: { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }, name: path }]
  } catch {
    throw new BodyMalformed(`${path} is not text in UTF-8; save it in this encoding.`)
  }
}

function ownItem (item: Item): TextItem {
  if (!('text' in item)) throw new Error('the model takes texts, but the input is none')
  return item
}
