import { connect, type Socket } from 'node:net'

const HEADERS_END = '\r\n\r\n'

/** The buffer of all sockets. Each reads from it in the turn of the event loop that filled it. */
const READ_BUFFER = Buffer.alloc(64 * 1024)

/** Whether an answer has the status 200. */
export function isOk (head: string): boolean {
  return head.startsWith('HTTP/1.1 200 ')
}

/**
 * A connection that waits for one answer at a time. It only counts the bytes of a body, which costs next to nothing.
 * The answer must have a Content-Length.
 */
export class Connection {
  readonly #socket: Socket
  readonly #onAnswer: (head: string, since: number) => void
  #since: number | null = null
  #received = ''
  #head = ''
  /** Bytes of the body that have not come yet; `null` before all headers have come. */
  #missingBytes: number | null = null
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
    if (this.#missingBytes === null) this.#readHead(READ_BUFFER.toString('latin1', 0, length))
    else this.#missingBytes -= length
    if (this.#missingBytes === null || this.#missingBytes > 0) return true
    const since = this.#since
    this.#missingBytes = null
    this.#since = null
    if (since !== null) this.#onAnswer(this.#head, since)
    return true
  }

  /** Notes how much of the body is still to come, once all headers have come. */
  #readHead (text: string): void {
    this.#received += text
    const end = this.#received.indexOf(HEADERS_END)
    if (end < 0) return
    this.#head = this.#received.slice(0, end)
    const [, body = ''] = /\r\ncontent-length: *(\d+)/i.exec(this.#head) ?? []
    this.#missingBytes = end + HEADERS_END.length + Number(body) - this.#received.length
    this.#received = ''
  }
}
