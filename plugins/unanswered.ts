import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** A request that has no answer yet. */
export interface Unanswered {
  socket: Socket
  response: ServerResponse
  /** Bytes of it that have arrived so far, headers aside where they came alone. */
  receivedBytes: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The requests that have no answer yet, one for each connection: a connection gives its answers in order. */
    unanswered: () => Unanswered[]
  }
}

/** Keeps the last request of each connection, for a shutdown and for the memory that bodies take. */
export default fp(async app => {
  // Written over: entries that come and go with each request would keep requests from the quick garbage collector.
  const latest = new Map<Socket, { response: ServerResponse, bytesBefore: number }>()
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // The sockets of inject() count nothing, and never close.
    if (!(socket instanceof Socket)) return done()
    const last = latest.get(socket)
    if (!last) socket.once('close', () => latest.delete(socket))
    // The bodies of requests that are sent without waiting for answers count from the first of them on.
    latest.set(socket, { response: reply.raw, bytesBefore: last && !last.response.closed ? last.bytesBefore : socket.bytesRead })
    done()
  })
  app.decorate('unanswered', () => [...latest].flatMap(([socket, { response, bytesBefore }]) => {
    return response.closed ? [] : [{ socket, response, receivedBytes: socket.bytesRead - bytesBefore }]
  }))
}, { name: 'unanswered' })
