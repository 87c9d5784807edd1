import type { FastifyReply } from 'fastify'

/**
 * Sends JSON with the Content-Type `application/json`, and nothing after it: some clients read the text of an error only
 * then. Fastify would add a charset to JSON, but not to bytes.
 *
 * @see https://github.com/kserve/kserve/blob/master/python/kserve/kserve/inference_client.py
 */
export function sendJson (reply: FastifyReply, value: unknown): FastifyReply {
  return sendJsonText(reply, JSON.stringify(value))
}

/** As `sendJson`, for JSON that is written already. */
export function sendJsonText (reply: FastifyReply, json: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(json))
}
