import { BodyMalformed, BodyMissing, RequestInvalid, TooManyInputs } from '../../lib/errors.ts'
import type { TensorsItem } from '../../lib/modalities/tensors/input.ts'
import { itemFromJson } from '../../lib/modalities/tensors/values.ts'
import type { Signature } from '../../lib/tensor.ts'
import { Form } from '../form.ts'
import { readJson } from '../json.ts'
import type { Question } from '../modality.ts'

/** How many values and how many levels the JSON of a form may have. */
const FORM_LIMITS = { values: 2 ** 21, depth: 32 }

/**
 * Reads the inputs from a parsed body. The body is one of:
 *
 * - `{"inputs": {name: nested lists}}`: one input, with all axes of the model's tensors
 * - a list of these, or `{"instances": […]}` with such a list
 * - a form with such JSON, as a file or in the field `json`
 *
 * @param limit largest number of inputs; checked before their values are read
 * @throws BodyMissing, BodyMalformed, BodyTooComplex, RequestInvalid, TensorUnusable, TooManyInputs
 */
export async function inputsOf (body: unknown, signature: Signature, limit: number): Promise<Question> {
  if (body === undefined || body === null) throw new BodyMissing(`send tensors as JSON: {"inputs": {${signature.inputs.map(({ name }) => `${JSON.stringify(name)}: …`).join(', ')}}}`)
  if (body instanceof Form) return await inputsOf(await jsonIn(body), signature, limit)
  const list = listIn(body)
  if (!list) return { items: [await itemFromJson(body, 'the input', signature)], isList: false }
  if (list.length === 0) throw new RequestInvalid('the list of inputs is empty.')
  if (list.length > limit) throw new TooManyInputs(limit)
  const items: TensorsItem[] = []
  for (const [at, value] of list.entries()) items.push(await itemFromJson(value, `input ${at + 1}`, signature))
  return { items, isList: true }
}

/** The list of inputs in JSON, or `undefined` if the JSON is a single input. */
function listIn (body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body
  if (!(body instanceof Object && 'instances' in body && Array.isArray(body.instances))) return undefined
  const extra = Object.keys(body).find(key => key !== 'instances')
  if (extra !== undefined) throw new RequestInvalid(`body has an unknown field '${extra.slice(0, 40)}' beside 'instances'.`)
  return body.instances
}

async function jsonIn ({ files: [file, another], fields }: Form): Promise<unknown> {
  const text = fields.get('json')
  if (another || (file && fields.size > 0) || fields.size > 1 || (!file && text === undefined)) {
    throw new RequestInvalid("the form must have one file of JSON, or the field 'json', and nothing else.")
  }
  const value = await readJson(file?.bytes ?? Buffer.from(text ?? ''), FORM_LIMITS)
  if (value === null) throw new BodyMalformed('The JSON of the form is null.')
  return value
}
