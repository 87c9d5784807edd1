import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, isOk } from './connection.ts'

const MAX_CONNECTIONS = 1024

const SEND_INTERVAL_MS = 2
const WAIT_INTERVAL_MS = 20

export interface OpenLoop {
  port: number
  /** A whole request, as its bytes on the wire. */
  request: Buffer
  /** Requests a second. */
  rate: number
  /** The time in which requests are sent. */
  seconds: number
  /** The time for late answers, after the last request. */
  patienceMs: number
}

export interface Outcome {
  sent: number
  /** Milliseconds from the due time of a request to its answer 200. */
  times: number[]
  /** The answers 200 that came while requests were being sent. */
  within: number
  /** Milliseconds from the due time of a request to its answer 503 with Retry-After. */
  refusals: number[]
  /** The time in which requests were sent. */
  elapsedSeconds: number
}

/**
 * Sends requests at a rate, whether or not the earlier ones are answered. It uses plain sockets: the client shares the
 * cores with the server, so a costly client would distort the result.
 */
export async function openLoop ({ port, request, rate, seconds, patienceMs }: OpenLoop): Promise<Outcome> {
  const due: number[] = []
  const idle: Connection[] = []
  const all = new Set<Connection>()
  const times: number[] = []
  const refusals: number[] = []
  let [sent, failed] = [0, 0]

  const send = () => {
    while (due.length > 0) {
      const connection = idle.pop() ?? (all.size < MAX_CONNECTIONS ? open() : undefined)
      if (!connection) return
      connection.ask(request, due.shift()!)
    }
  }
  const open = (): Connection => {
    const connection: Connection = new Connection(port, (head, since) => {
      if (isOk(head)) times.push(performance.now() - since)
      else if (/^HTTP\/1.1 503 [^]*\r\nretry-after: *[1-9]/i.test(head)) refusals.push(performance.now() - since)
      else failed++
      idle.push(connection)
      send()
    }, isBusy => {
      all.delete(connection)
      if (isBusy) failed++
      else if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1)
      send()
    })
    all.add(connection)
    return connection
  }

  const started = performance.now()
  const total = Math.round(rate * seconds)
  let [elapsedSeconds, within] = [0, 0]
  do {
    await sleep(SEND_INTERVAL_MS)
    within = times.length
    elapsedSeconds = (performance.now() - started) / 1000
    // After a delay of this process, the loop catches up: the number of requests does not depend on the machine.
    for (; sent < total && sent <= elapsedSeconds * rate; sent++) due.push(started + sent / rate * 1000)
    send()
  } while (elapsedSeconds < seconds || sent < total)
  const end = performance.now() + patienceMs
  while (times.length + refusals.length + failed < sent && performance.now() < end) await sleep(WAIT_INTERVAL_MS)
  for (const connection of all) connection.close()
  return { sent, times, within, refusals, elapsedSeconds }
}
