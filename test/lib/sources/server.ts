import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** Answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A test, or whatever else says when a server is to end. */
export interface Owner {
  teardown: (end: () => void) => unknown
}

/** What a server of a test was asked, and where it is. */
export interface Served {
  origin: string
  requests: IncomingMessage[]
}

/** Starts a server for the time of a test. */
export async function serve (t: Owner, answer: Answer, host = '127.0.0.1'): Promise<Served> {
  return await listen(t, createServer(), answer, host)
}

/** As `serve`, with a server of its own kind. */
export async function listen (t: Owner, server: Server, answer: Answer, host = '127.0.0.1', scheme = 'http'): Promise<Served> {
  const requests: IncomingMessage[] = []
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { origin: `${scheme}://${host}:${typeof address === 'object' ? address?.port : ''}`, requests }
}

/** Sends a file as servers of files do, from what a Range asks for on. */
export function sendFrom (request: IncomingMessage, response: ServerResponse, bytes: Buffer, { etag = '"1"', cut = bytes.length } = {}): void {
  const [, first = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? []
  const offset = request.headers['if-range'] === etag ? Number(first) : 0
  const range = offset > 0 ? { 'content-range': `bytes ${offset}-${bytes.length - 1}/${bytes.length}` } : {}
  response.writeHead(offset > 0 ? 206 : 200, { etag, 'content-length': bytes.length - offset, ...range })
  response.write(bytes.subarray(offset, cut), () => {
    if (cut < bytes.length) setTimeout(() => response.destroy(), 200)
    else response.end()
  })
}
