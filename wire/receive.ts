import type { IncomingMessage } from 'node:http'
import { BodyTooLarge } from '../lib/errors.ts'

/** Memory for a body whose length is announced, until as many bytes have arrived. To announce a large body is free. */
const START_LIMIT_BYTES = 1024 * 1024

/**
 * Receives the body of a request into one buffer. To collect its pieces and join them would take twice the memory.
 *
 * @throws BodyTooLarge when it has more bytes than the limit, after all have arrived: most clients read the answer only
 * then. The bytes over the limit are not kept.
 * @throws Error when the connection breaks
 */
export async function receive (request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'])
  let body = Buffer.alloc(0)
  let length = 0
  await new Promise<void>((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      if (length <= limitBytes && length + piece.length <= limitBytes) {
        if (length + piece.length > body.length) body = enlarged(body, length, capacity(length + piece.length))
        piece.copy(body, length)
      } else {
        body = Buffer.alloc(0)
      }
      length += piece.length
    })
    request.once('end', resolve).once('error', reject).resume()
  })
  if (length > limitBytes) throw new BodyTooLarge(limitBytes)
  return body.length === length ? body : body.subarray(0, length)

  function capacity (neededBytes: number): number {
    if (announced >= neededBytes) return neededBytes > START_LIMIT_BYTES ? announced : Math.min(announced, START_LIMIT_BYTES)
    return Math.min(limitBytes, Math.max(neededBytes, 2 * body.length))
  }
}

function enlarged (body: Buffer, length: number, capacityBytes: number): Buffer<ArrayBuffer> {
  // Not from the pool of small buffers, whose memory several requests share.
  const larger = Buffer.allocUnsafeSlow(capacityBytes)
  body.copy(larger, 0, 0, length)
  return larger
}
