import type { IncomingMessage } from 'node:http'
import { BodyTooLarge } from '../lib/errors.ts'
import { release } from '../lib/release.ts'

/** Memory for a body whose length is announced, until as many bytes have arrived. To announce a large body is free. */
const START_LIMIT_BYTES = 1024 * 1024

/**
 * Receives the body of a request into one buffer. To collect its pieces and join them would take twice the memory.
 *
 * @throws BodyTooLarge as soon as it has more bytes than the limit. The plugin `lingering` drops the rest.
 * @throws Error when the connection breaks
 */
export async function receive (request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'])
  let body = Buffer.allocUnsafeSlow(0)
  let length = 0
  const arrived = new Promise<void>((resolve, reject) => {
    const keep = (piece: Buffer) => {
      if (length + piece.length > limitBytes) {
        request.off('data', keep)
        return reject(new BodyTooLarge(limitBytes))
      }
      if (length + piece.length > body.length) body = enlarged(body, length, capacity(length + piece.length))
      piece.copy(body, length)
      length += piece.length
    }
    request.on('data', keep).once('end', resolve).once('error', reject).resume()
  })
  try {
    await arrived
  } catch (error) {
    // Not after the next garbage collection: others may send large bodies now.
    release(body)
    throw error
  }
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
  release(body)
  return larger
}
