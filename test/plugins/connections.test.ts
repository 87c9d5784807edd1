import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { build } from '../helper.ts'

t.test('bodies that together would not fit into memory are refused before they come', async t => {
  const app = await build(t, { UPLOAD_LIMIT: String(200 * 1024 * 1024) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = new URL(app.listeningOrigin)
  const open = (length: number) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: ${length}\r\n\r\n`)
    return socket
  }
  const waiting = [1, 2].map(() => open(200 * 1024 * 1024))
  await sleep(200)
  const third = open(200 * 1024 * 1024)
  const [data] = await once(third, 'data')
  t.match(String(data), /^HTTP\/1\.1 503 .*retry-after.*SRV_OVERLOADED/s)
  for (const socket of [...waiting, third]) socket.destroy()
  await sleep(100)
  const later = open(200 * 1024 * 1024)
  const answer = await Promise.race([once(later, 'data').then(String), sleep(300, 'listened to')])
  t.equal(answer, 'listened to', 'what was given up leaves its room to others')
  later.destroy()
})
