import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { BodyTooLarge } from '../lib/errors.ts'
import { release } from '../lib/release.ts'

/** Memory for a body whose length is announced, until as many bytes have arrived. To announce a large body is free. */
const START_LIMIT_BYTES = 1024 * 1024

/**
 * Receives the body of a request into one buffer. To collect its pieces and join them would take twice the memory.
 *
 * @param offsetBytes where in its memory the body begins, so that a part of it can be aligned
 * @throws BodyTooLarge as soon as it has more bytes than the limit. The plugin `lingering` drops the rest.
 * @throws Error when the connection breaks
 */
export async function receive (request: IncomingMessage, limitBytes: number, offsetBytes = 0): Promise<Buffer<ArrayBuffer>> {
  return await collect(request, limitBytes, { announcedBytes: Number(request.headers['content-length']), offsetBytes })
}

/**
 * Collects the bytes of a stream as `receive` does.
 *
 * @param announcedBytes how many there are, if that is known
 */
export async function collect (source: Readable, limitBytes: number, { announcedBytes = NaN, offsetBytes = 0 }: { announcedBytes?: number, offsetBytes?: number } = {}): Promise<Buffer<ArrayBuffer>> {
  let memory = Buffer.allocUnsafeSlow(0)
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
        memory = enlarged(memory, offsetBytes + length, offsetBytes + room)
      }
      piece.copy(memory, offsetBytes + length)
      length += piece.length
    }
    source.on('data', keep).once('end', resolve).once('error', reject).resume()
  })
  try {
    await arrived
  } catch (error) {
    // Not after the next garbage collection: others may send large bodies now.
    release(memory)
    throw error
  }
  return memory.length === length ? memory : memory.subarray(offsetBytes, offsetBytes + length)

  function capacity (neededBytes: number): number {
    if (announcedBytes >= neededBytes) return neededBytes > START_LIMIT_BYTES ? announcedBytes : Math.min(announcedBytes, START_LIMIT_BYTES)
    return Math.min(limitBytes, Math.max(neededBytes, 2 * room))
  }
}

function enlarged (memory: Buffer<ArrayBuffer>, length: number, capacityBytes: number): Buffer<ArrayBuffer> {
  // Not from the pool of small buffers, whose memory several requests share.
  const larger = Buffer.allocUnsafeSlow(capacityBytes)
  memory.copy(larger, 0, 0, Math.min(length, memory.length))
  release(memory)
  return larger
}
