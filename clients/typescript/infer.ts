/**
 * Tensors over the Open Inference Protocol, as bytes in both directions. It works in browsers and in Node.js, with any
 * server that has the binary tensor data extension, and imports nothing.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */

/** Numbers in row-major order, with the datatype that belongs to their array. */
type Numbers =
  | { datatype: 'FP32', data: Float32Array }
  | { datatype: 'FP64', data: Float64Array }
  | { datatype: 'INT8', data: Int8Array }
  | { datatype: 'INT16', data: Int16Array }
  | { datatype: 'INT32', data: Int32Array }
  | { datatype: 'INT64', data: BigInt64Array }
  | { datatype: 'UINT8', data: Uint8Array }
  | { datatype: 'UINT16', data: Uint16Array }
  | { datatype: 'UINT32', data: Uint32Array }
  | { datatype: 'UINT64', data: BigUint64Array }
  /** The 16 bits of each number. */
  | { datatype: 'FP16', data: Uint16Array }
  /** 0 or 1. */
  | { datatype: 'BOOL', data: Uint8Array }

/** A tensor of an answer. The texts of BYTES are UTF-8. */
export type OutputTensor = { shape: number[] } & (Numbers | { datatype: 'BYTES', data: string[] })

/** A tensor to send. */
export interface InputTensor {
  shape: number[]
  /** Typed arrays of numbers; for BYTES a list of texts, which are sent as UTF-8, or of bytes, such as encoded pictures. */
  data: OutputTensor['data'] | Uint8ClampedArray | ReadonlyArray<string | Uint8Array>
  /** Needed for FP16 and BOOL alone. Default: that of the array, such as FP32 for a Float32Array, or BYTES for a list. */
  datatype?: OutputTensor['datatype']
}

export interface InferRequest {
  /** By the names of the model's inputs. */
  inputs: Record<string, InputTensor>
  /** Names of the outputs to return. `classes` asks for texts `value:index:label` of the greatest values instead. Default: all outputs. */
  outputs?: ReadonlyArray<string | { name: string, classes: number }>
  /** Default: the version that the server chooses. */
  version?: string
  /** The answer has the same id. */
  id?: string
  signal?: AbortSignal
}

export interface InferAnswer {
  model_name: string
  model_version?: string
  id?: string
  /** By their names. */
  outputs: Record<string, OutputTensor>
}

/** An answer that is no inference. */
export class InferError extends Error {
  override readonly name = 'InferError'
  /** HTTP status. */
  readonly status: number
  /** Seconds after which to try again, if the server says so. */
  readonly retryAfter: number | undefined

  constructor (message: string, { status, headers }: Response) {
    super(message)
    this.status = status
    this.retryAfter = headers.has('retry-after') ? Number(headers.get('retry-after')) : undefined
  }
}

const LENGTH_HEADER = 'inference-header-content-length'

/** Bytes of the length before each element of BYTES. */
const PREFIX_BYTES = 4

/**
 * Runs a model on tensors.
 *
 * @param baseUrl address of the server
 * @param model the model's name in the server's addresses
 * @throws InferError with the server's text when it does not answer 200
 * @throws TypeError when there is no connection, or when a tensor has no datatype
 */
export async function infer (baseUrl: string, model: string, { inputs, outputs, version, id, signal }: InferRequest, { headers, fetch = globalThis.fetch }: { headers?: HeadersInit, fetch?: (request: Request) => Promise<Response> } = {}): Promise<InferAnswer> {
  const tensors = Object.entries(inputs).map(([name, { shape, data, datatype = datatypeOf(data, name) }]) => ({ name, shape, datatype, bytes: bytesOf(data) }))
  const head = new Blob([JSON.stringify({
    id,
    inputs: tensors.map(({ bytes, ...described }) => ({ ...described, parameters: { binary_data_size: bytes.size } })),
    outputs: outputs?.map(output => typeof output === 'string'
      ? { name: output, parameters: { binary_data: true } }
      : { name: output.name, parameters: { binary_data: true, classification: output.classes } }),
    parameters: { binary_data_output: true }
  })])
  const sent = new Headers(headers)
  sent.set('content-type', 'application/octet-stream')
  sent.set(LENGTH_HEADER, String(head.size))
  const path = `/v2/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${encodeURIComponent(version)}`}/infer`
  const response = await fetch(new Request(baseUrl.replace(/\/$/, '') + path, {
    method: 'POST', headers: sent, body: new Blob([head, ...tensors.map(({ bytes }) => bytes)]), ...signal && { signal }
  }))
  const body = new Uint8Array(await response.arrayBuffer())
  if (response.status !== 200) throw new InferError(errorIn(body) ?? `the server answered ${response.status} ${response.statusText}`, response)
  return answerOf(body, Number(response.headers.get(LENGTH_HEADER) ?? body.length), response)
}

function answerOf (body: Uint8Array, headBytes: number, response: Response): InferAnswer {
  const { outputs: described, ...answer } = JSON.parse(new TextDecoder().decode(body.subarray(0, headBytes)))
  const outputs: InferAnswer['outputs'] = {}
  let at = headBytes
  for (const { name, datatype, shape, parameters } of described) {
    const size = parameters?.binary_data_size
    if (typeof size !== 'number') throw new InferError(`output '${name}' came without its bytes; the server does not have the binary tensor data extension`, response)
    // A copy, since a typed array must begin at a multiple of its element's size.
    outputs[name] = tensorOf(datatype, shape, body.slice(at, at + size).buffer)
    at += size
  }
  return { ...answer, outputs }
}

/** The server's text in an answer that is an error. */
function errorIn (body: Uint8Array): string | undefined {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(body))
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}

function datatypeOf (data: InputTensor['data'], name: string): OutputTensor['datatype'] {
  if (Array.isArray(data)) return 'BYTES'
  if (data instanceof Float32Array) return 'FP32'
  if (data instanceof Float64Array) return 'FP64'
  if (data instanceof Int8Array) return 'INT8'
  if (data instanceof Int16Array) return 'INT16'
  if (data instanceof Int32Array) return 'INT32'
  if (data instanceof BigInt64Array) return 'INT64'
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'UINT8'
  if (data instanceof Uint16Array) return 'UINT16'
  if (data instanceof Uint32Array) return 'UINT32'
  if (data instanceof BigUint64Array) return 'UINT64'
  throw new TypeError(`input '${name}': 'data' is no typed array and no list; send one, such as a Float32Array`)
}

/** The bytes of a tensor. Typed arrays are little-endian on every machine that has a browser or Node.js. */
function bytesOf (data: InputTensor['data']): Blob {
  if (!isList(data)) return new Blob([new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()])
  return new Blob(data.flatMap(element => {
    const bytes = typeof element === 'string' ? new TextEncoder().encode(element) : element.slice()
    const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES))
    prefix.setUint32(0, bytes.length, true)
    return [prefix, bytes]
  }))
}

function isList (data: InputTensor['data']): data is ReadonlyArray<string | Uint8Array> {
  return Array.isArray(data)
}

function tensorOf (datatype: OutputTensor['datatype'], shape: number[], buffer: ArrayBuffer): OutputTensor {
  switch (datatype) {
    case 'FP32': return { datatype, shape, data: new Float32Array(buffer) }
    case 'FP64': return { datatype, shape, data: new Float64Array(buffer) }
    case 'INT8': return { datatype, shape, data: new Int8Array(buffer) }
    case 'INT16': return { datatype, shape, data: new Int16Array(buffer) }
    case 'INT32': return { datatype, shape, data: new Int32Array(buffer) }
    case 'INT64': return { datatype, shape, data: new BigInt64Array(buffer) }
    case 'BOOL':
    case 'UINT8': return { datatype, shape, data: new Uint8Array(buffer) }
    case 'FP16':
    case 'UINT16': return { datatype, shape, data: new Uint16Array(buffer) }
    case 'UINT32': return { datatype, shape, data: new Uint32Array(buffer) }
    case 'UINT64': return { datatype, shape, data: new BigUint64Array(buffer) }
    case 'BYTES': return { datatype, shape, data: textsIn(buffer) }
  }
}

function textsIn (buffer: ArrayBuffer): string[] {
  const view = new DataView(buffer)
  const texts: string[] = []
  for (let at = 0; at < buffer.byteLength;) {
    const length = view.getUint32(at, true)
    texts.push(new TextDecoder().decode(new Uint8Array(buffer, at + PREFIX_BYTES, length)))
    at += PREFIX_BYTES + length
  }
  return texts
}
