import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'

/** A request that is not answered yet. */
export interface Unanswered {
  socket: Socket
  response: ServerResponse
  reply: FastifyReply
  /** Bytes that arrived after its headers. A part of the body that arrived with the headers is not counted. */
  receivedBytes: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The requests that are not answered yet, the last one of each connection: HTTP/1.1 answers them in order. */
    unanswered: () => Unanswered[]
  }
}

/** Remembers the last request of each connection: for the shutdown, and for the limit on the memory of bodies. */
export default fp(async app => {
  // A request takes over the entry of the one before it. Adding and deleting entries would make garbage collection slow.
  const latest = new Map<Socket, { reply: FastifyReply, bytesBefore: number }>()
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // The sockets of inject() count no bytes and never close.
    if (!(socket instanceof Socket)) return done()
    const last = latest.get(socket)
    if (!last) {
      socket.once('close', () => latest.delete(socket))
      latest.set(socket, { reply, bytesBefore: socket.bytesRead })
      return done()
    }
    // If a client sends several requests without waiting for answers, the bytes count from the first one on.
    if (last.reply.raw.closed) last.bytesBefore = socket.bytesRead
    last.reply = reply
    done()
  })
  app.decorate('unanswered', () => [...latest].flatMap(([socket, { reply, bytesBefore }]) => {
    const { raw: response } = reply
    return response.closed ? [] : [{ socket, response, reply, receivedBytes: socket.bytesRead - bytesBefore }]
  }))
}, { name: 'unanswered' })
