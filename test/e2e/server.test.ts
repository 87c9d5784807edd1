import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'
import { environment, start } from './process.ts'

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

t.test('SIGTERM under load: readiness fails at once, every request that was accepted is answered, exit code 0', async t => {
  const service = await start(t, { WORKERS: '1', QUEUE_LIMIT: '1000' })
  const agent = new Agent({ keepAlive: true, maxSockets: 300 })
  const { port } = new URL(service.url)
  const post = (path: string, body?: Buffer) => new Promise<number>((resolve, reject) => {
    const message = request({ port, path, agent, method: body ? 'POST' : 'GET', headers: body ? { 'content-type': 'image/png' } : {} }, response => {
      response.resume().on('end', () => resolve(response.statusCode!)).on('error', reject)
    })
    message.on('error', reject)
    message.end(body)
  })
  // One connection never says a word, another did once and idles.
  const silent = connect(Number(port), '127.0.0.1')
  await once(silent, 'connect')
  silent.on('error', () => {})
  t.equal(await post('/livez'), 200)

  let answered = 0
  const answers = Promise.all(Array.from({ length: 200 }, async () => {
    const status = await post('/predict', png)
    answered++
    return status
  }))
  while ((await admitted(service.url)) + answered < 200) await sleep(1)
  t.ok(answered < 200, `${200 - answered} requests are in progress`)
  const stopped = service.stop('SIGTERM')
  service.process.kill('SIGTERM')
  service.process.kill('SIGINT')
  await sleep(20)
  t.equal(await post('/readyz'), 503)
  t.same(new Set(await answers), new Set([200]), 'none of 200 requests was lost')
  const started = performance.now()
  t.equal(await stopped, 0)
  t.ok(performance.now() - started < 3000, 'idle connections do not hold the process')
  agent.destroy()
})

t.test('with 64 requests queued, /livez answers in under 20 ms (p99)', async t => {
  const service = await start(t)
  const enough = new AbortController()
  const loading = Promise.all(Array.from({ length: 64 }, async () => {
    while (!enough.signal.aborted) {
      const response = await fetch(`${service.url}/predict`, { method: 'POST', body: png, headers: { 'content-type': 'image/png' } })
      await response.arrayBuffer()
    }
  }))
  // The probe runs in a process of its own, since this one is busy being 64 clients; its first requests, in which it
  // loads its own code, do not count.
  const probe = spawn(process.execPath, ['--input-type=module', '-e', `
    import { setTimeout as sleep } from 'node:timers/promises'
    const times = []
    for (let i = -20; i < 300; i++) {
      const started = performance.now()
      const response = await fetch('${service.url}/livez')
      await response.arrayBuffer()
      if (i >= 0) times.push(performance.now() - started)
      await sleep(10)
    }
    times.sort((a, b) => a - b)
    console.log(JSON.stringify({ p50: times[150], p99: times[297] }))
  `], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  probe.stdout.on('data', chunk => chunks.push(chunk))
  await once(probe, 'close')
  enough.abort()
  await loading
  const { p50, p99 } = JSON.parse(Buffer.concat(chunks).toString())
  t.comment(`/livez p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
  t.ok(p99 < 20, `p99 is ${p99.toFixed(1)} ms`)
  t.equal(await service.stop(), 0)
})

t.test('a wrong setting is one line on stderr and exit code 1', async t => {
  for (const [settings, line] of [
    [{ PORT: 'http' }, /^servery: PORT=http must be integer\n$/],
    [{ MODEL_NAME: 'nothing' }, /^servery: There is no .*models\/nothing\/card\.json; a model is a folder with card\.json and model\.onnx\. Set MODEL_URL to download one\.\n$/],
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

async function admitted (url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/servery_admitted_rows (\d+)/.exec(text)?.[1])
}
