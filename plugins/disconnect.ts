import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyReply {
    /** Calls back when the client closes the connection before its answer is out. */
    onDisconnect: (listener: () => void) => void
  }
}

/**
 * Tells a handler that nobody waits for its answer any more. Fastify's own `request.signal` follows the request
 * stream, which closes as soon as the body was read; the response stream closes with the connection. A callback, since
 * an AbortSignal for each request would cost more than the run of a small model.
 *
 * @see https://nodejs.org/api/http.html#event-close_2
 */
export default fp(async app => {
  app.decorateReply('onDisconnect', function (this: FastifyReply, listener: () => void) {
    const { raw, request: { raw: { socket } } } = this
    if (raw.destroyed || socket.destroyed) return listener()
    let isOver = false
    const end = () => {
      if (isOver) return
      isOver = true
      if (!raw.writableFinished) listener()
    }
    raw.once('close', end)
    if (raw.socket) return
    // A client may send requests without waiting for answers. A response that waits behind another one has no
    // connection yet, and does not close with it. Any number of them may wait.
    socket.setMaxListeners(0).once('close', end)
    raw.once('close', () => { socket.off('close', end) })
  })
}, { name: 'disconnect' })
