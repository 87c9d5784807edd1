import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { form } from '../helper.ts'
import { largePhoto } from './photos.ts'
import { environment, metric, start } from './process.ts'

t.test('a service under odd clients', async t => {
  const service = await start(t, { WORKERS: '1' })
  const { port } = new URL(service.url)

  /** Sends bytes over a bare connection and reads one answer, to the end of its JSON body. */
  async function raw (bytes: string): Promise<string> {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(bytes)
    let received = ''
    for await (const chunk of socket) {
      received += chunk
      if (/\r\n\r\n\{.*\}$/s.test(received)) break
    }
    return received
  }

  /** Sends the start of a request over a bare connection. The server has read it when this returns. */
  async function begin (bytes: string): Promise<ReturnType<typeof connect>> {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
    t.teardown(() => socket.destroy())
    await new Promise(resolve => socket.write(bytes, resolve))
    await (await fetch(`${service.url}/livez`)).arrayBuffer()
    return socket
  }

  t.test('what is not HTTP, and headers that are too large, have the shape of every other error', async t => {
    const garbage = await raw('GARBAGE\r\n\r\n')
    t.match(garbage, /^HTTP\/1\.1 400 .*"statusCode":400,"code":"SRV_REQUEST_INVALID"/s)
    const huge = await raw(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
    t.match(huge, /^HTTP\/1\.1 431 .*"statusCode":431,"code":"SRV_HEADERS_TOO_LARGE"/s)
    const encoding = await raw('GET /%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    t.match(encoding, /^HTTP\/1\.1 400 .*"statusCode":400,"code":"SRV_REQUEST_INVALID"/s)
  })

  t.test('a body that says it is too large is refused before its first byte', async t => {
    t.match(await raw('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 999999999\r\n\r\n'), /^HTTP\/1\.1 413 .*SRV_BODY_TOO_LARGE/s)
  })

  t.test('a form with too many files is read to its end and refused', async t => {
    const files = Array.from({ length: 90 }, (_, at) => ({ name: `${at}.jpg`, bytes: new Uint8Array(100_000) }))
    const response = await fetch(`${service.url}/predict`, { method: 'POST', body: form(...files) })
    t.match(await response.json(), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS', message: /more than 64 inputs/ })
  })

  t.test('the server drops the queued work of a client that disconnects, and logs no error', async t => {
    const before = service.lines.length
    const gone = new AbortController()
    const large = await largePhoto()
    const predict = async (signal?: AbortSignal) => await fetch(`${service.url}/predict`, {
      method: 'POST', body: large, headers: { 'content-type': 'image/jpeg' }, ...signal && { signal }
    })
    const asked = Promise.allSettled(Array.from({ length: 20 }, () => predict(gone.signal)))
    while (await metric(service.url, 'servery_admitted_rows') < 10) await sleep(1)
    gone.abort()
    await asked
    const partial = await begin('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 5000\r\n\r\n--b\r\n')
    partial.destroy()
    // Large photos run in the order of their arrival, so this one runs after all that the server did not drop.
    t.equal((await predict()).status, 200)
    t.match(await (await fetch(`${service.url}/healthz`)).json(), { queued: 0, running: 0 })
    const runs = await metric(service.url, 'servery_run_duration_seconds_count')
    t.ok(runs < 15, `the model ran ${runs} times for 21 photos`)
    const lines = service.lines.slice(before).filter(({ path }) => path === '/predict')
    t.equal(new Set(lines.map(({ reqId }) => reqId)).size, lines.length, 'no request has two lines')
    t.ok(lines.some(({ aborted }) => aborted === true))
    t.same(lines.filter(({ level }) => level === 'error' || level === 'fatal'), [], 'no line is an error')
  })

  t.test('an upload that stalls does not hold a shutdown', async t => {
    await begin('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 100\r\n\r\nhalf')
    t.equal(await service.stop(), 0)
  })
})

t.test('a port that is taken ends the start with one line and exit code 1', async t => {
  const { url, stop } = await start(t, { WORKERS: '1' })
  const child = spawn(process.execPath, [projectFile('dist/server.js')], {
    env: environment({ HOST: '127.0.0.1', PORT: new URL(url).port, WORKERS: '1', LOG_LEVEL: 'silent' })
  })
  const chunks: Buffer[] = []
  child.stderr.on('data', chunk => chunks.push(chunk))
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(Buffer.concat(chunks).toString(), /^servery: the port \d+ is in use; choose another with --port\n$/)
  t.equal(await stop(), 0)
})
