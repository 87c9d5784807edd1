import type { Card } from '../../lib/card/card.ts'
import { AnswerTooLong } from '../../lib/errors.ts'
import { tensorsText, valuesIn } from '../../lib/output/text.ts'
import { lengthOf, type Tensors } from '../../lib/tensor.ts'
import { bytesOf } from './binary.ts'
import type { OutputTensor } from './infer.ts'

/** How many values of tensors the JSON of an answer may have. It bounds the memory of the answer to about 50 MiB. */
const ANSWER_LIMIT_VALUES = 2_097_152

/** An answer in bytes. */
export interface AnswerBytes {
  /** The JSON, and the bytes of the tensors, which share their memory. To join them would be a copy. */
  pieces: Uint8Array[]
  /** Length of the JSON, if bytes of tensors follow it. */
  jsonBytes: number | null
}

/**
 * Writes the answer to an inference: JSON, in which the elements of a tensor are one list in row-major order, and after it
 * the bytes of the tensors that were asked for in binary, in the order of the outputs.
 *
 * It is written in pieces, so that the event loop stays free.
 *
 * @throws AnswerTooLong when the JSON would have too many values
 */
export async function answerOf ({ name, version }: Pick<Card, 'name' | 'version'>, outputs: readonly OutputTensor[], { id, isBinary }: { id?: string, isBinary: (output: string) => boolean }): Promise<AnswerBytes> {
  const inJson = outputs.filter(({ name }) => !isBinary(name)).map(({ name, tensor }): Tensors[string] & { name: string } => ({ ...tensor, shape: [lengthOf(tensor.shape)], name }))
  if (valuesIn(Object.fromEntries(inJson.map(({ name, ...tensor }) => [name, tensor]))) > ANSWER_LIMIT_VALUES) throw new AnswerTooLong(ANSWER_LIMIT_VALUES)
  const pace = { values: 0 }
  const texts: string[] = []
  const tensors: Uint8Array[] = []
  for (const { name, datatype, shape, tensor } of outputs) {
    const head = JSON.stringify({ name, datatype, shape }).slice(0, -1)
    if (isBinary(name)) {
      const bytes = await bytesOf(tensor)
      tensors.push(bytes)
      texts.push(`${head},"parameters":{"binary_data_size":${bytes.byteLength}}}`)
    } else {
      const text = await tensorsText({ data: { ...tensor, shape: [lengthOf(shape)] } }, pace)
      texts.push(`${head},${text.slice(1)}`)
    }
  }
  const model = JSON.stringify({ model_name: name, model_version: version, ...id !== undefined && { id } }).slice(0, -1)
  const json = Buffer.from(`${model},"outputs":[${texts.join()}]}`)
  return { pieces: [json, ...tensors], jsonBytes: tensors.length === 0 ? null : json.length }
}
