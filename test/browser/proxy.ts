import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A proxy before a service, which holds back or refuses what the page sends, so that a test sees how the page waits. */
export interface Proxy {
  url: string
  /** Holds bodies of requests, or answers, back until the function that this returns is called. */
  hold: (what: 'bodies' | 'answers') => () => void
  /** What to do with the next requests to `/predict`, one after another: answers of its own, such as one that says "busy". */
  refuse: (...refusals: Refusal[]) => void
  /** Whether it ends each connection without an answer, as a service that is gone. */
  isDead: boolean
  /** How many requests to `/predict` have come, and how many there were at the same time at most. */
  counts: { requests: number, together: number }
  /** Closes it. Call it after the pages that use it are closed, or at the end of the test. */
  close: () => void
}

export interface Refusal {
  statusCode: number
  retryAfterSeconds?: number
  message: string
}

/** Starts a proxy before a service at `target`, or before one that gives each picture the same `answer`. */
export async function startProxy (t: Test, target: string, answer?: Record<string, unknown>): Promise<Proxy> {
  const gates = { bodies: Promise.resolve(), answers: Promise.resolve() }
  const refusals: Refusal[] = []
  let open = 0
  const server = createServer(async (incoming, response) => {
    if (proxy.isDead) return incoming.socket.destroy()
    const isPrediction = incoming.method === 'POST'
    if (isPrediction) {
      proxy.counts.requests++
      proxy.counts.together = Math.max(proxy.counts.together, ++open)
      response.once('close', () => { open-- })
      const refusal = refusals.shift()
      if (refusal) {
        incoming.resume()
        return refuse(response, refusal)
      }
      await gates.bodies
      if (answer) {
        await gates.answers
        incoming.resume()
        return send(response, 200, answer)
      }
    }
    const { hostname, port } = new URL(target)
    const outgoing = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, async answered => {
      if (isPrediction) await gates.answers
      response.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(response)
    })
    outgoing.on('error', () => incoming.socket.destroy())
    incoming.pipe(outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: what => {
      let release = () => {}
      gates[what] = new Promise(resolve => { release = resolve })
      return release
    },
    refuse: (...some) => { refusals.push(...some) },
    isDead: false,
    counts: { requests: 0, together: 0 },
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
  t.teardown(proxy.close)
  return proxy
}

function refuse (response: ServerResponse, { statusCode, retryAfterSeconds, message }: Refusal): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds)
  send(response, statusCode, { statusCode, message })
}

function send (response: ServerResponse, statusCode: number, body: Record<string, unknown>): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
