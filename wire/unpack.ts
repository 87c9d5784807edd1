import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate } from 'node:zlib'
import { BodyMalformed } from '../lib/errors.ts'
import { PIECE_BYTES } from '../lib/turn.ts'
import { receive } from './receive.ts'

/** The content encodings that `receiveUnpacked` decodes. HTTP's deflate is wrapped in zlib's format. */
export const ENCODINGS = ['gzip', 'deflate'] as const

/** How many bytes come out of one byte of deflate, at most. */
const EXPANSION = 1032

/**
 * Receives a body that may be compressed. It is unpacked while it arrives, and no further than to the limit.
 *
 * @param limitBytes largest size of the unpacked body
 * @param offsetBytes where in its memory the body begins
 * @throws BodyTooLarge, BodyMalformed
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
 */
export async function receiveUnpacked (request: IncomingMessage, limitBytes: number, offsetBytes = 0): Promise<Buffer<ArrayBuffer>> {
  const encoding = encodingOf(request)
  if (encoding === undefined) return await receive(request, limitBytes, { offsetBytes })
  const source = encoding === 'gzip' ? createGunzip({ chunkSize: PIECE_BYTES }) : createInflate({ chunkSize: PIECE_BYTES })
  const fail = (error: Error) => { source.destroy(error) }
  request.once('error', fail).pipe(source)
  try {
    return await receive(request, limitBytes, { source, offsetBytes })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw code.startsWith('Z_') ? new BodyMalformed(`The body is not ${encoding}, as its Content-Encoding says, or it is cut off.`) : error
  } finally {
    request.off('error', fail).unpipe(source)
    source.destroy()
  }
}

/** How much memory a compressed body may take when it is unpacked; 0 for one that is not compressed. */
export function unpackedBytesOf (request: IncomingMessage, limitBytes: number): number {
  if (encodingOf(request) === undefined) return 0
  const packedBytes = Number(request.headers['content-length'] ?? limitBytes)
  return Math.min(limitBytes, packedBytes * EXPANSION)
}

function encodingOf ({ headers }: IncomingMessage): typeof ENCODINGS[number] | undefined {
  return ENCODINGS.find(encoding => encoding === headers['content-encoding']?.toLowerCase())
}
