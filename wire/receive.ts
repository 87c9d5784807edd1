import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { BodyTooLarge } from '../lib/errors.ts'
import { release } from '../lib/release.ts'

/** Memory for a body whose length is announced, until as many bytes have arrived. To announce a large body is free. */
const START_LIMIT_BYTES = 1024 * 1024

/** How to receive a body. */
export interface Receiving {
  /** The stream of the body. Default: the request itself. */
  source?: Readable
  /** Where in its memory the body begins, so that a part of it can be aligned. Default: 0. */
  offsetBytes?: number
}

/**
 * Receives the body of a request into one buffer, which shares its memory with nothing else. To collect its pieces and join
 * them would take twice the memory.
 *
 * @throws BodyTooLarge as soon as it has more bytes than the limit. The plugin `lingering` drops the rest.
 * @throws Error when the connection breaks
 */
export async function receive (request: IncomingMessage, limitBytes: number, { source = request, offsetBytes = 0 }: Receiving = {}): Promise<Buffer<ArrayBuffer>> {
  // The length of a compressed body says nothing about the one that comes out.
  const announced = source === request ? Number(request.headers['content-length']) : NaN
  let body = Buffer.allocUnsafeSlow(0)
  let room = 0
  let length = 0
  const arrived = new Promise<void>((resolve, reject) => {
    const keep = (piece: Buffer) => {
      if (length + piece.length > limitBytes) {
        source.off('data', keep)
        return reject(new BodyTooLarge(limitBytes))
      }
      if (length + piece.length > room) {
        room = capacity(length + piece.length)
        body = enlarged(body, offsetBytes + length, offsetBytes + room)
      }
      piece.copy(body, offsetBytes + length)
      length += piece.length
    }
    source.on('data', keep).once('end', resolve).once('error', reject).resume()
  })
  try {
    await arrived
  } catch (error) {
    // Not after the next garbage collection: others may send large bodies now.
    release(body)
    throw error
  }
  return body.length === length ? body : body.subarray(offsetBytes, offsetBytes + length)

  function capacity (neededBytes: number): number {
    if (announced >= neededBytes) return neededBytes > START_LIMIT_BYTES ? announced : Math.min(announced, START_LIMIT_BYTES)
    return Math.min(limitBytes, Math.max(neededBytes, 2 * room))
  }
}

function enlarged (body: Buffer<ArrayBuffer>, length: number, capacityBytes: number): Buffer<ArrayBuffer> {
  // Not from the pool of small buffers, whose memory several requests share.
  const larger = Buffer.allocUnsafeSlow(capacityBytes)
  body.copy(larger, 0, 0, length)
  release(body)
  return larger
}
