import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'
import { environment, metric, start, WAIT_MS } from './process.ts'

const png = picture('rgb.png')

t.test('a process starts, predicts, and ends with 0 on SIGTERM', async t => {
  const service = await start(t)
  const response = await fetch(`${service.url}/predict`, { method: 'POST', body: form({ name: 'a.png', bytes: png }) })
  t.match(await response.json(), { food: expected.pictures['rgb.png']!.label })
  t.equal(await service.stop(), 0)
  t.match(service.lines.find(({ msg }) => msg === 'Model loaded and warm'), { model: 'tensorfood', durationMs: Number })
  t.match(service.lines.find(({ msg }) => msg === 'Ready'), { durationMs: Number })
  t.match(service.lines.at(-1), { msg: 'Shut down' })
})

t.test('SIGTERM under load: readiness fails while requests are in progress, every accepted request is answered, exit code 0', async t => {
  const service = await start(t, { WORKERS: '1', QUEUE_LIMIT: '1000', DEADLINE_MS: String(WAIT_MS) })
  const agent = new Agent({ keepAlive: true, maxSockets: 300 })
  t.teardown(() => agent.destroy())
  const { port } = new URL(service.url)
  const post = (path: string, body?: Buffer) => new Promise<number>((resolve, reject) => {
    const message = request({ port, path, agent, method: body ? 'POST' : 'GET', headers: body ? { 'content-type': 'image/png' } : {} }, response => {
      response.resume().on('end', () => resolve(response.statusCode!)).on('error', reject)
    })
    message.on('error', reject)
    message.end(body)
  })

  let answered = 0
  const answers = Promise.all(Array.from({ length: 200 }, async () => {
    const status = await post('/predict', png)
    answered++
    return status
  }))
  while (answered + await metric(service.url, 'servery_admitted_rows') < 200) await sleep(1)
  const stopped = service.stop('SIGTERM')
  service.process.kill('SIGTERM')
  service.process.kill('SIGINT')
  let readiness = 200
  while (readiness === 200) readiness = await post('/readyz')
  t.equal(readiness, 503)
  t.ok(answered < 200, `${200 - answered} requests are in progress`)
  t.same(new Set(await answers), new Set([200]), 'none of 200 requests was lost')
  t.equal(await stopped, 0)
})

t.test('idle connections do not hold the process: it exits with 0', async t => {
  const service = await start(t, { WORKERS: '1' })
  const { port } = new URL(service.url)
  // One connection never sends a byte, one stops in its headers, one stays open after its answer.
  const sockets = ['', 'GET /livez HTTP/1.1\r\nhost: a\r\n', 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'].map(bytes => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.write(bytes)
    return socket
  })
  await once(sockets[2]!, 'data')
  t.equal(await service.stop(), 0)
})

t.test('a wrong setting is one line on stderr and exit code 1', async t => {
  for (const [settings, line] of [
    [{ PORT: 'http' }, /^servery: PORT=http must be integer\n$/],
    [{ MODEL_NAME: 'nothing' }, /^servery: There is no .*models\/nothing; name an \.onnx file, a folder or an archive of a model, or set MODEL_URL to download one\.\n$/],
    [{ PREDICTION_LOG: '/dev/null/predictions' }, /^servery: PREDICTION_LOG=\/dev\/null\/predictions cannot be written: .*\n$/]
  ] as const) {
    const child = spawn(process.execPath, [projectFile('dist/server.js')], { env: environment({ ...settings, LOG_LEVEL: 'silent', ...('PORT' in settings ? {} : { PORT: '0' }) }) })
    const chunks: Buffer[] = []
    child.stderr.on('data', chunk => chunks.push(chunk))
    const [code] = await once(child, 'close')
    t.equal(code, 1)
    t.match(Buffer.concat(chunks).toString(), line)
  }
})
