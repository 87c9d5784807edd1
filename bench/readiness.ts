import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_INTERVAL_MS = 2
const ANSWER_TIMEOUT_MS = 1000

/**
 * Resolves when a path answers 200. It asks on plain sockets, which costs next to nothing: the server starts on the same cores.
 *
 * @throws Error when there is no such answer in time
 */
export async function untilReady (port: number, path: string, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!await answers200(port, path)) {
    if (performance.now() > end) throw new Error(`no answer 200 of ${path} within ${timeoutMs} ms`)
    await sleep(POLL_INTERVAL_MS)
  }
}

async function answers200 (port: number, path: string): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_TIMEOUT_MS })
    let head = ''
    const end = () => {
      socket.destroy()
      resolve(head.startsWith('HTTP/1.1 200 '))
    }
    socket.setEncoding('latin1').on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`))
    socket.on('data', text => {
      head += text
      if (head.includes('\r\n')) end()
    })
    socket.on('error', end).on('end', end).on('timeout', end)
  })
}
