import { createDeflate, createGunzip, createGzip, createInflate, constants } from 'node:zlib'
import { BodyMalformed } from '../lib/errors.ts'
import { release } from '../lib/release.ts'
import { PIECE_BYTES } from '../lib/turn.ts'
import { collect } from './receive.ts'

/** The content encodings that are understood. HTTP's deflate is wrapped in zlib's format. */
export const ENCODINGS = ['gzip', 'deflate'] as const

/** A content encoding. */
export type Encoding = typeof ENCODINGS[number]

/** How many bytes come out of one byte of deflate, at most. */
const EXPANSION = 1032

/** The encoding that a header names, and nothing else: `gzip`, not `gzip, deflate, br`. */
export function encodingOf (header: string | string[] | undefined): Encoding | undefined {
  const name = String(header ?? '').trim().toLowerCase()
  return ENCODINGS.find(encoding => encoding === name)
}

/**
 * Unpacks a compressed body in pieces, off the event loop, and no further than to the limit. The memory of the compressed
 * body is released: it must share it with nothing else, not even with other small buffers of Node.js.
 *
 * @param limitBytes largest size of the unpacked body
 * @param offsetBytes where in its memory the unpacked body begins
 * @throws BodyTooLarge, BodyMalformed
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
 */
export async function unpack (packed: Buffer, encoding: Encoding, limitBytes: number, offsetBytes = 0): Promise<Buffer<ArrayBuffer>> {
  const options = { chunkSize: PIECE_BYTES }
  const source = encoding === 'gzip' ? createGunzip(options) : createInflate(options)
  source.end(packed)
  try {
    return await collect(source, limitBytes, { offsetBytes })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw code.startsWith('Z_') ? new BodyMalformed(`The body is not ${encoding}, as its Content-Encoding says, or it is cut off.`) : error
  } finally {
    await destroyed(source)
    release(packed)
  }
}

/** How much memory a compressed body may take when it is unpacked. */
export function unpackedBytesOf (packed: Uint8Array, limitBytes: number): number {
  return Math.min(limitBytes, packed.byteLength * EXPANSION)
}

/** Compresses an answer, off the event loop. */
export async function pack (body: Buffer, encoding: Encoding): Promise<Buffer> {
  const options = { chunkSize: PIECE_BYTES, level: constants.Z_BEST_SPEED }
  const packer = encoding === 'gzip' ? createGzip(options) : createDeflate(options)
  packer.end(body)
  return await collect(packer, Infinity)
}

/** Waits until a stream reads its input no more. */
async function destroyed (source: ReturnType<typeof createGunzip>): Promise<void> {
  if (source.closed) return
  await new Promise<void>(resolve => { source.once('close', resolve).destroy() })
}
