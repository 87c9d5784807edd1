import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { release } from '../lib/release.ts'

/** Largest answer that is joined. To send one in pieces costs more than to copy it. */
const JOINED_LIMIT_BYTES = 64 * 1024

/**
 * Sends an answer that has several pieces without joining them, and frees them when they are sent. Garbage collection would
 * come late, and with a full pass for some dozen tensors, which takes longer than all else.
 *
 * @param pieces belong to this answer alone. Those that are a part of a larger buffer are not freed, because others may read it.
 */
export function sendPieces (reply: FastifyReply, pieces: readonly Uint8Array[]): FastifyReply {
  const [first, ...others] = pieces
  if (first && others.length === 0) return reply.send(Buffer.from(first.buffer, first.byteOffset, first.byteLength))
  const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (length <= JOINED_LIMIT_BYTES) return reply.send(Buffer.concat(pieces))
  reply.raw.once('close', () => {
    for (const piece of pieces) if (piece.byteLength === piece.buffer.byteLength) release(piece)
  })
  return reply.header('content-length', length).send(Readable.from(pieces, { objectMode: false }))
}
