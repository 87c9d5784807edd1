import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

/** Lets a service listen on the loopback, and closes it when the test ends. */
export async function listen (t: Test, app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => { await app.close() })
}

/** A bare connection to a service that listens, closed when the test ends. What the service does to it is no error. */
export async function dial (t: Test, app: FastifyInstance): Promise<Socket> {
  const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1').on('error', () => {})
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  return socket
}

/** Waits until a connection has brought this text, or is closed; what it brought so far. */
export async function textFrom (socket: Socket, text = ''): Promise<string> {
  let received = ''
  return await new Promise<string>(resolve => {
    const read = (bytes: Buffer) => {
      received += bytes.toString()
      if (text === '' || !received.includes(text)) return
      socket.off('data', read)
      resolve(received)
    }
    socket.on('data', read).once('close', () => resolve(received))
    if (socket.closed) resolve(received)
  })
}

/** Waits for what no event tells; the test runner's own limit ends it. */
export async function until (isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isTrue()) await new Promise(resolve => { setTimeout(resolve, 5) })
}
