import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Connections at most. */
const CONNECTIONS = 1024

const HEADERS_END = '\r\n\r\n'

/** Where the status stands in the head of an answer: after `HTTP/1.1 `. */
const STATUS = 9

/** What a connection received last; shared, since each looks at it at once and in the turn that it came in. */
const READS = Buffer.alloc(64 * 1024)

export interface OpenLoop {
  port: number
  /** A whole request as it goes over the wire. */
  request: Buffer
  /** Requests a second. */
  rate: number
  /** Seconds in which requests are sent. */
  duration: number
  /** Milliseconds in which those that were sent may still be answered. */
  patience: number
}

export interface Outcome {
  sent: number
  /** Milliseconds of each answer 200, from when its request was due. */
  times: number[]
  /** Of those, how many came before the last request was sent. */
  within: number
  /** Milliseconds of each answer 503 that says when to try again. */
  refusals: number[]
  /** Seconds in which requests were sent. */
  elapsed: number
}

/**
 * Sends requests at a rate, whether or not those before are answered. On plain sockets: a client that shares the cores
 * with the server must cost little, or it takes from the server what it wants to measure.
 */
export async function openLoop ({ port, request, rate, duration, patience }: OpenLoop): Promise<Outcome> {
  const due: number[] = []
  const idle: Connection[] = []
  const all = new Set<Connection>()
  const times: number[] = []
  const refusals: number[] = []
  let [sent, failed] = [0, 0]

  const send = () => {
    while (due.length > 0) {
      const connection = idle.pop() ?? (all.size < CONNECTIONS ? open() : undefined)
      if (!connection) return
      connection.ask(request, due.shift()!)
    }
  }
  const open = (): Connection => {
    const connection: Connection = new Connection(port, (head, since) => {
      if (head.startsWith('200', STATUS)) times.push(performance.now() - since)
      else if (head.startsWith('503', STATUS) && /\r\nretry-after: *[1-9]/i.test(head)) refusals.push(performance.now() - since)
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
  let within = 0
  for (let now = started; now - started < duration * 1000; now = performance.now()) {
    for (; sent < (now - started) / 1000 * rate; sent++) due.push(now)
    send()
    within = times.length
    await sleep(2)
  }
  const elapsed = (performance.now() - started) / 1000
  const end = performance.now() + patience
  while (times.length + refusals.length + failed < sent && performance.now() < end) await sleep(20)
  for (const connection of all) connection.close()
  return { sent, times, within, refusals, elapsed }
}

/** A connection that waits for one answer at a time. */
class Connection {
  readonly #socket: Socket
  readonly #onAnswer: (head: string, since: number) => void
  #since: number | null = null
  #received = ''
  #isClosed = false

  /** @param onClose told whether an answer was still waited for */
  constructor (port: number, onAnswer: (head: string, since: number) => void, onClose: (isBusy: boolean) => void) {
    this.#onAnswer = onAnswer
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: READS, callback: length => this.#read(length) } })
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
    this.#received += READS.toString('latin1', 0, length)
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
