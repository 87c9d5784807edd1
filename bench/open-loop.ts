import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const MAX_CONNECTIONS = 1024

const HEADERS_END = '\r\n\r\n'

/** The offset of the status in an answer, after `HTTP/1.1 `. */
const STATUS_OFFSET = 9

const SEND_INTERVAL_MS = 2
const WAIT_INTERVAL_MS = 20

/** The buffer of all sockets. Each reads from it in the turn of the event loop that filled it. */
const READ_BUFFER = Buffer.alloc(64 * 1024)

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
      if (head.startsWith('200', STATUS_OFFSET)) times.push(performance.now() - since)
      else if (head.startsWith('503', STATUS_OFFSET) && /\r\nretry-after: *[1-9]/i.test(head)) refusals.push(performance.now() - since)
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

/** A connection that waits for one answer at a time. */
class Connection {
  readonly #socket: Socket
  readonly #onAnswer: (head: string, since: number) => void
  #since: number | null = null
  #received = ''
  #isClosed = false

  /** @param onClose receives whether an answer was outstanding */
  constructor (port: number, onAnswer: (head: string, since: number) => void, onClose: (isBusy: boolean) => void) {
    this.#onAnswer = onAnswer
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: READ_BUFFER, callback: length => this.#read(length) } })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => { if (!this.#isClosed) onClose(this.#since !== null) })
  }

  ask (request: Buffer, since: number): void {
    this.#since = since
    this.#socket.write(request)
  }

  close (): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  #read (length: number): boolean {
    this.#received += READ_BUFFER.toString('latin1', 0, length)
    const headers = this.#received.indexOf(HEADERS_END)
    const [, body = ''] = headers < 0 ? [] : /\r\ncontent-length: *(\d+)/i.exec(this.#received) ?? []
    if (headers < 0 || this.#received.length < headers + HEADERS_END.length + Number(body)) return true
    const head = this.#received.slice(0, headers)
    const since = this.#since
    this.#received = ''
    this.#since = null
    if (since !== null) this.#onAnswer(head, since)
    return true
  }
}
