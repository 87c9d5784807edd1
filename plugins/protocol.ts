import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import { ExpectationFailed, RequestInvalid } from '../lib/errors.ts'

/** A host and an optional port. Empty is valid, too. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/**
 * Server options that leave the checks of this plugin to it. Otherwise Node.js and the router would refuse a request
 * before the hooks that log and count it.
 */
export const serverOptions = {
  http: { requireHostHeader: false },
  // The router refuses a longer path parameter. No path is longer than the headers may be.
  routerOptions: { maxParamLength: 16 * 1024 },
  rewriteUrl: ({ url = '/' }) => isDecodable(url) ? url : url.replaceAll('%', '%25')
} satisfies FastifyServerOptions & { http: object }

/**
 * Refuses a request that HTTP itself forbids, or whose method or path no route has, before its body is read: a wrong
 * Host, Expect or URL, CONNECT, 404 and 405. A client that waits for `100 Continue` gets it when all hooks have
 * accepted the headers; otherwise it gets the error and does not send its body.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
 */
export default fp(async app => {
  const waiting = new WeakSet<ServerResponse>()
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(response)
    app.routing(request, response)
  })
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => app.routing(request, response))
  app.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    // Node.js has removed its own listeners. Without one, an error would end the process.
    socket.on('error', () => socket.destroy())
    response.once('finish', () => socket.destroySoon())
    app.routing(request, response)
  })

  app.addHook('onRequest', (request, reply, done) => {
    const problem = problemOf(request.raw, request.originalUrl)
    // Fastify's own handler of unknown routes runs after the parsers of bodies.
    done(problem ?? (request.is404 ? app.noRoute(request, reply) : undefined))
  })

  app.addHook('preParsing', (_request, { raw }, _payload, done) => {
    if (waiting.has(raw)) raw.writeContinue()
    done()
  })
}, { name: 'protocol', dependencies: ['errors'] })

function problemOf ({ headers: { host, expect }, rawHeaders, httpVersion, url }: IncomingMessage, originalUrl: string): Error | null {
  if (url !== originalUrl) return new RequestInvalid("The path of the URL is not valid: each '%' must begin an escaped byte of UTF-8, such as %20.")
  if (httpVersion === '1.1' && host === undefined) return new RequestInvalid('The request has no Host header; HTTP/1.1 requires one.')
  if (host !== undefined && !HOST.test(host)) return new RequestInvalid('The Host header is not valid; send a host and an optional port, such as localhost:8000.')
  if (countOf('host', rawHeaders) > 1) return new RequestInvalid('The request has more than one Host header; send one.')
  return expect === undefined || /^100-continue$/i.test(expect) ? null : new ExpectationFailed(expect)
}

/** @param rawHeaders each name, followed by its value */
function countOf (header: string, rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === header.length && name.toLowerCase() === header) count++
  }
  return count
}

function isDecodable (url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url.split('?', 1).join(''))
    return true
  } catch {
    return false
  }
}
