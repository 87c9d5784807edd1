import { RequestInvalid } from '../../lib/errors.ts'
import { placeOf } from './given.ts'
import type { GivenTensor, InferQuestion, WantedOutput } from './question.ts'
import { shapeOf } from './values.ts'

/** How many inputs and how many outputs a request may have. */
export const TENSORS_LIMIT = 256

/** Microseconds in a millisecond. */
const MICROSECONDS = 1000

/** A request for an inference, as REST has it. */
export interface InferRequest {
  question: InferQuestion
  /** The client's own name for the request, to be sent back. */
  id?: string
  /** Milliseconds within which the client wants its answer. */
  timeoutMs?: number
  /** Whether an output is to be sent as bytes after the JSON. */
  isBinary: (output: string) => boolean
}

/**
 * Reads a request from its JSON. A field that is `null` counts as missing, because MLServer's clients send every field.
 * Unknown fields are allowed: KServe's clients send `model_name`.
 *
 * @param json the JSON, parsed
 * @param bytes the bytes after the JSON: those of the tensors with `binary_data_size`, one after the other
 * @throws RequestInvalid that names the field
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference
 */
export function readRequest (json: unknown, bytes: Uint8Array): InferRequest {
  if (!isObject(json)) throw new RequestInvalid("The body must be a JSON object with the list 'inputs'.")
  const { id } = json
  if (!isMissing(id) && typeof id !== 'string') throw new RequestInvalid(`'id' is ${textOf(id)}; send a text.`)
  const parameters = parametersOf(json, '')
  const timeout = parameters['timeout']
  if (!isMissing(timeout) && !isCount(timeout)) throw new RequestInvalid(`'parameters.timeout' is ${textOf(timeout)}; send a whole number of microseconds.`)
  const isBinary = truthOf(parameters['binary_data_output'], "'parameters.binary_data_output'") ?? false
  const inputs = inputsOf(json, bytes)
  const wanted = listOf(json, 'outputs').map((output, at) => outputOf(output, `'outputs[${at}]'`))
  const binary = new Map(wanted.map(({ output: { name }, isBinary }) => [name, isBinary]))
  return {
    question: { inputs, outputs: wanted.map(({ output }) => output) },
    ...typeof id === 'string' && { id },
    ...isCount(timeout) && timeout > 0 && { timeoutMs: Math.ceil(timeout / MICROSECONDS) },
    isBinary: output => binary.get(output) ?? isBinary
  }
}

function inputsOf (json: Record<string, unknown>, bytes: Uint8Array): GivenTensor[] {
  if (isMissing(json['inputs'])) throw new RequestInvalid("The body lacks the list 'inputs'.")
  let next = 0
  const inputs = listOf(json, 'inputs').map((input, at) => {
    const field = `inputs[${at}]`
    if (!isObject(input)) throw new RequestInvalid(`'${field}' is ${textOf(input)}; send an object with 'name', 'datatype', 'shape' and 'data'.`)
    const name = nameOf(input, field)
    const place = placeOf(name)
    const { datatype, shape, data } = input
    if (typeof datatype !== 'string') throw new RequestInvalid(`${place}: 'datatype' is ${textOf(datatype)}; send a text such as FP32.`)
    if (!Array.isArray(shape)) throw new RequestInvalid(`${place}: 'shape' is ${textOf(shape)}; send a list of lengths.`)
    const given = { name, datatype, shape: shapeOf(shape, place) }
    const size = parametersOf(input, `${field}.`)['binary_data_size']
    if (isMissing(size) === isMissing(data)) {
      throw new RequestInvalid(`${place} has ${isMissing(size) ? "neither 'data' nor" : "both 'data' and"} 'parameters.binary_data_size'; send one of them.`)
    }
    if (isMissing(size)) {
      if (!Array.isArray(data)) throw new RequestInvalid(`${place}: 'data' is ${textOf(data)}; send a list.`)
      return { ...given, values: data }
    }
    if (!isCount(size)) throw new RequestInvalid(`${place}: 'binary_data_size' is ${textOf(size)}; send a number of bytes.`)
    if (next + size > bytes.byteLength) {
      throw new RequestInvalid(`${place}: 'binary_data_size' is ${size}, but ${Math.max(0, bytes.byteLength - next)} bytes are left after the JSON; the header Inference-Header-Content-Length says where it ends.`)
    }
    next += size
    return { ...given, bytes: bytes.subarray(next - size, next) }
  })
  if (next !== bytes.byteLength) throw new RequestInvalid(`The body has ${bytes.byteLength} bytes after its JSON; the 'binary_data_size' of all inputs make ${next}.`)
  return inputs
}

function outputOf (output: unknown, field: string): { output: WantedOutput, isBinary: boolean | undefined } {
  if (!isObject(output)) throw new RequestInvalid(`${field} is ${textOf(output)}; send an object with 'name'.`)
  const name = nameOf(output, field.slice(1, -1))
  const parameters = parametersOf(output, `${field.slice(1, -1)}.`)
  const classes = parameters['classification']
  if (!isMissing(classes) && !isCount(classes)) throw new RequestInvalid(`output '${name}': 'classification' is ${textOf(classes)}; send a number of classes.`)
  return {
    output: { name, ...isCount(classes) && classes > 0 && { classes } },
    isBinary: truthOf(parameters['binary_data'], `output '${name}': 'binary_data'`)
  }
}

function nameOf ({ name }: Record<string, unknown>, field: string): string {
  if (typeof name === 'string') return name
  throw new RequestInvalid(`'${field}.name' is ${textOf(name)}; send a text.`)
}

function listOf (json: Record<string, unknown>, field: string): unknown[] {
  const list = json[field]
  if (isMissing(list)) return []
  if (!Array.isArray(list)) throw new RequestInvalid(`'${field}' is ${textOf(list)}; send a list.`)
  if (list.length > TENSORS_LIMIT) throw new RequestInvalid(`'${field}' has ${list.length} entries, over the limit of ${TENSORS_LIMIT}.`)
  return list
}

function parametersOf ({ parameters }: Record<string, unknown>, field: string): Record<string, unknown> {
  if (isMissing(parameters)) return {}
  if (!isObject(parameters)) throw new RequestInvalid(`'${field}parameters' is ${textOf(parameters)}; send an object.`)
  return parameters
}

function truthOf (value: unknown, field: string): boolean | undefined {
  if (isMissing(value)) return undefined
  if (typeof value !== 'boolean') throw new RequestInvalid(`${field} is ${textOf(value)}; send true or false.`)
  return value
}

function isMissing (value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount (value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function textOf (value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return `the text "${value.slice(0, 40)}"`
  return Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 40)
}
