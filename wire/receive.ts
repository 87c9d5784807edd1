import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
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
  // Each piece that comes from a socket is a copy of Node.js, which nothing else reads.
  const isOwn = request.socket instanceof Socket
  return await collect(request, limitBytes, { announcedBytes: Number(request.headers['content-length']), offsetBytes, isOwn })
}

/**
 * Receives a small body as text. Its pieces are not copied into memory of its own: most small bodies are one piece.
 *
 * @param done gets the text, or the error when the connection breaks
 */
export function receiveText (request: IncomingMessage, done: (error: Error | null, text: string) => void): void {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => { pieces.push(piece) }).on('end', () => {
    const [first] = pieces
    done(null, (pieces.length === 1 && first ? first : Buffer.concat(pieces)).toString())
  }).on('error', error => {
    // A connection may also break after the body has arrived.
    if (!request.readableEnded) done(error, '')
  }).resume()
}

/**
 * Collects the bytes of a stream as `receive` does.
 *
 * @param announcedBytes how many there are, if that is known
 * @param isOwn whether nothing else reads the pieces of the stream, so that they are freed at once. Garbage collection would
 *   come late, and with a full pass for some dozen megabytes, which takes longer than to receive them.
 */
export async function collect (source: Readable, limitBytes: number, { announcedBytes = NaN, offsetBytes = 0, isOwn = false }: { announcedBytes?: number, offsetBytes?: number, isOwn?: boolean } = {}): Promise<Buffer<ArrayBuffer>> {
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
      if (isOwn && piece.length === piece.buffer.byteLength) release(piece)
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
