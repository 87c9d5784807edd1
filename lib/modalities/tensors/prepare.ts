import { BodyMalformed, TensorUnusable } from '../../errors.ts'
import type { Signature } from '../../tensor.ts'
import type { Item } from '../kinds.ts'
import type { Modality } from '../modality.ts'
import type { TensorsItem } from './input.ts'
import { exampleOf, itemFromJson, shapeText } from './values.ts'

/** Default for the largest number of admitted inputs. */
const QUEUE_LIMIT = 256

/** How many characters of a message of ONNX Runtime go into an error. */
const REASON_LIMIT = 300

/**
 * The modality of plain tensors, on the event loop. There is nothing to decode.
 *
 * @param signature the inputs that the ONNX file declares
 */
export function tensorsModality (signature: Signature): Modality {
  return {
    tensors: signature.inputs,
    summary: 'tensors, by their names',
    hasRows: false,
    size: signature.inputs.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join(', '),
    formats: ['JSON'],
    extensions: ['.json'],
    queueLimit: QUEUE_LIMIT,
    isQuick: false,
    isEven: true,
    prepare: item => ({ content: { feeds: tensorsIn(item).feeds }, weightBytes: 0, isSlow: false, batchKey: '', transfer: [] }),
    nameOf: (_item, at, count) => count > 1 ? `input ${at + 1}` : 'the input',
    damaged: (_item, reason) => new TensorUnusable(reason),
    tooHeavy: (_item, weightBytes, limitBytes) => new TensorUnusable(`the tensors take ${weightBytes} bytes of memory, over the limit of ${limitBytes}.`),
    refused: (_item, reason) => new TensorUnusable(`the model cannot run on these tensors: ${reason.slice(0, REASON_LIMIT)}`),
    example: () => exampleOf(signature),
    fromFile: async (bytes, path) => [{ item: await itemFromJson(parsed(bytes, path), path, signature), name: path }],
    examples: async () => { throw new Error('a model of plain tensors has no labels, so that there is nothing to evaluate') },
    variations: 0,
    explain: async () => { throw new Error('plain tensors cannot be explained') }
  }
}

function tensorsIn (item: Item): TensorsItem {
  if (!('feeds' in item)) throw new Error('the model takes tensors, but the input is something else')
  return item
}

function parsed (bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new BodyMalformed(`${path} is not JSON: ${error instanceof Error ? error.message.slice(0, REASON_LIMIT) : String(error)}`)
  }
}
