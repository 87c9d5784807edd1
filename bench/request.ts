/** One HTTP request that a load sends again and again. */
export interface HttpRequest {
  path: string
  method: 'POST'
  headers: Record<string, string>
  body: Buffer
}

const BOUNDARY = 'bench-boundary'

/** A JSON body. */
export function json (path: string, value: unknown): HttpRequest {
  return { path, method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
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

/** The request as its bytes on the wire. */
export function wireBytes ({ path, method, headers, body }: HttpRequest): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', `content-length: ${body.length}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}
