import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** A body of at most this size is received to its end, so that the client can use the connection again. */
const SMALL_BODY_BYTES = 1024 * 1024

/** How long a closing connection still receives what its client sends. */
const LINGER_MS = 30_000

/** How many bytes it receives, at most. */
const LINGER_LIMIT_BYTES = 256 * 1024 * 1024

/** How often these limits are checked. */
const CHECK_INTERVAL_MS = 100

/**
 * Lets a client read an error that was sent before its whole request has arrived. A connection that closes with unread
 * bytes is reset, and the reset may overtake the answer. So the server closes only its own direction, and drops what
 * still arrives. nginx calls this a lingering close.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export default fp<{ limitBytes?: number }>(async (app, { limitBytes = LINGER_LIMIT_BYTES }) => {
  app.addHook('onSend', ({ raw, headers }, reply, _payload, done) => {
    const { socket } = raw
    const isChunked = headers['transfer-encoding'] !== undefined
    // The sockets of inject() are none.
    if (raw.complete || !(socket instanceof Socket) || !(isChunked || headers['content-length'] !== undefined)) return done()
    if (isChunked || Number(headers['content-length']) > SMALL_BODY_BYTES) reply.header('connection', 'close')
    // Node.js calls this method after the last answer of a connection. It would close both directions at once.
    socket.destroySoon = () => linger(raw, socket, limitBytes)
    done()
  })
}, { name: 'lingering' })

function linger (request: IncomingMessage, socket: Socket, limitBytes: number): void {
  socket.end()
  request.resume()
  const [started, bytesBefore] = [performance.now(), socket.bytesRead]
  const check = setInterval(() => {
    if (request.complete || socket.bytesRead - bytesBefore > limitBytes || performance.now() - started > LINGER_MS) socket.destroy()
  }, CHECK_INTERVAL_MS).unref()
  socket.once('close', () => clearInterval(check))
}
