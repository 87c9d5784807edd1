/** One HTTP request that a load sends again and again. */
export interface HttpRequest {
  path: string
  method: 'POST'
  headers: Record<string, string>
  body: Buffer
}

const BOUNDARY = 'bench-boundary'

/** A JSON body. */
export function json (path: string, value: unknown, headers: Record<string, string> = {}): HttpRequest {
  return { path, method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
}

/** A form with one JPEG file. */
export function form (path: string, jpeg: Buffer): HttpRequest {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  return {
    path,
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([Buffer.from(head), jpeg, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
  }
}

/** A tensor of float32, as a client of the Open Inference Protocol sends it. */
export interface FloatTensor {
  name: string
  shape: number[]
  values: Float32Array
}

/** A tensor as JSON. @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md */
export function tensorAsJson (path: string, { name, shape, values }: FloatTensor): HttpRequest {
  return json(path, { inputs: [{ name, datatype: 'FP32', shape, data: Array.from(values) }] })
}

/**
 * A tensor as bytes, and the answer too.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
export function tensorAsBytes (path: string, { name, shape, values }: FloatTensor): HttpRequest {
  const head = Buffer.from(JSON.stringify({
    inputs: [{ name, datatype: 'FP32', shape, parameters: { binary_data_size: values.byteLength } }], parameters: { binary_data_output: true }
  }))
  return {
    path,
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, new Uint8Array(values.buffer)])
  }
}

/** The request as its bytes on the wire. */
export function wireBytes ({ path, method, headers, body }: HttpRequest): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', `content-length: ${body.length}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}
