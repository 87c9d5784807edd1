import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyReply {
    /** Calls `listener` if the client closes the connection before the whole answer is sent. */
    onDisconnect: (listener: () => void) => void
  }
}

/**
 * Tells a handler that its client has gone. Fastify's own `request.signal` cannot do this: it follows the request
 * stream, which closes as soon as the body is read. The response stream closes with the connection. This is a callback,
 * because an AbortSignal for each request costs more than one run of a small model.
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
    // It closes only once. `once` would wrap the listener, and remove it.
    raw.on('close', end)
    if (raw.socket) return
    // A client may send requests without waiting for answers. A response that waits behind another one has no
    // connection yet, and does not close with it. Any number of them may wait.
    socket.setMaxListeners(0).once('close', end)
    raw.once('close', () => { socket.off('close', end) })
  })
}, { name: 'disconnect' })
