import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import sharp from 'sharp'
import { loadConfig } from '../lib/config.ts'
import { loadModel } from '../lib/model/model.ts'
import { projectFile } from '../lib/project.ts'
import { usageOf } from './process-tree.ts'
import { report, type Measurement } from './report.ts'
import { SYSTEMS, type System, type Work } from './systems.ts'

const PORT = 8710

const WORKS: Work[] = [
  { name: 'photo of 512 pixels', model: 'tensorfood', kind: 'picture', side: 512 },
  { name: 'photo of 12 megapixels', model: 'tensorfood', kind: 'picture', side: 4000 },
  { name: 'one row', model: 'iris', kind: 'rows', rows: 1 },
  { name: '100 rows', model: 'iris', kind: 'rows', rows: 100 }
]

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: 'bench/results' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '1,16,64' },
    systems: { type: 'string', default: '' },
    works: { type: 'string', default: '' }
  }
})
const seconds = Number(values.seconds)
const CONNECTIONS = values.connections.split(',').map(Number)
const chosen = <T extends { name: string }>(all: T[], text: string) => text ? all.filter(({ name }) => text.split(',').some(part => name.startsWith(part))) : all
const systems = chosen(SYSTEMS, values.systems)
const works = chosen(WORKS, values.works)

const measurements: Measurement[] = []
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const work of works) {
    const body = await bodyOf(work)
    // Round by round the order turns, so that none is always the first on a cool machine.
    const order = [...systems.slice(round % systems.length), ...systems.slice(0, round % systems.length)]
    for (const system of order) measurements.push(...await measure(system, work, body, round))
    if (work.kind === 'picture') measurements.push(await limit(work, body, round))
  }
}
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'measurements.json'), `${JSON.stringify(measurements, null, 1)}\n`)
const { markdown, picture } = await report(measurements, `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`)
writeFileSync(join(values.out, 'results.md'), markdown)
writeFileSync(join(values.out, 'results.png'), picture)
process.stdout.write(markdown)

/** A picture that no camera took: noise over gradients, as hard to decode as a photo of that size. */
async function bodyOf (work: Work): Promise<Buffer> {
  if (work.kind === 'rows') {
    const { input } = JSON.parse(readFileSync(projectFile(`models/${work.model}/card.json`), 'utf8'))
    const row: number[] = input.features.map(({ example }: { example: number }) => example)
    return Buffer.from(JSON.stringify(work.rows === 1 ? row : Array.from({ length: work.rows }, () => row)))
  }
  const [width, height] = [work.side, Math.round(work.side * 3 / 4)]
  const noise = await sharp({ create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 18 } } }).blur(0.8).png().toBuffer()
  const shade = await sharp(readFileSync(projectFile('test/fixtures/pictures/rgb.png'))).resize(width, height, { fit: 'fill' }).png().toBuffer()
  return await sharp(shade).composite([{ input: noise, blend: 'overlay' }]).jpeg({ quality: 88 }).toBuffer()
}

async function measure (system: System, work: Work, body: Buffer, round: number): Promise<Measurement[]> {
  const started = performance.now()
  const [command = '', ...args] = system.command(values.python, PORT)
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(PORT), HOST: '127.0.0.1', LOG_LEVEL: 'warn', MODEL_NAME: work.model, BENCH_MODEL: projectFile(`models/${work.model}`) },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true
  })
  try {
    const url = `http://127.0.0.1:${PORT}`
    const request = requestOf(system, work, body)
    await until(async () => (await fetch(url + system.ready)).ok)
    const readyAfter = (performance.now() - started) / 1000
    await until(async () => (await fetch(url + request.path, { ...request, body: new Uint8Array(request.body), signal: AbortSignal.timeout(5000) })).ok)
    await load(url, request, 16, 2)
    const results: Measurement[] = []
    for (const connections of CONNECTIONS) {
      const before = usageOf(child.pid!)
      const probing = probe(url + system.ready, seconds)
      const result = await load(url, request, connections, seconds)
      const probes = await probing
      const after = usageOf(child.pid!)
      const answers = result['2xx']
      results.push({
        system: system.name,
        work: work.name,
        round,
        connections,
        rate: answers / result.duration,
        p50: result.latency.p50,
        p99: result.latency.p99,
        errors: result.errors + result.timeouts + result.non2xx,
        cpu: (after.cpu - before.cpu) / answers,
        memory: after.memory / 1024 / 1024,
        readyAfter,
        probe: probes
      })
      process.stderr.write(`round ${round}, ${work.name}, ${system.name}, ${connections} connections: ${(answers / result.duration).toFixed(1)}/s, p99 ${result.latency.p99} ms, errors ${results.at(-1)!.errors}\n`)
    }
    return results
  } finally {
    await stop(child)
  }
}

interface Request {
  path: string
  method: 'POST'
  headers: Record<string, string>
  body: Buffer
}

function requestOf (system: System, work: Work, body: Buffer): Request {
  const path = system.path(work)
  if (work.kind === 'rows') {
    const json = JSON.stringify(system.json(JSON.parse(body.toString())))
    return { path, method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.from(json) }
  }
  const boundary = 'bench-boundary'
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  return {
    path,
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), body, Buffer.from(`\r\n--${boundary}--\r\n`)])
  }
}

/** Closed loop: each connection sends its next request when it has its answer. */
async function load (url: string, request: Request, connections: number, duration: number): Promise<autocannon.Result> {
  return await autocannon({ url: url + request.path, method: request.method, headers: request.headers, body: request.body, connections, duration, timeout: 30 })
}

/** Milliseconds of a readiness probe while the load runs: the 99th percentile. */
async function probe (url: string, duration: number): Promise<number> {
  const times: number[] = []
  const end = performance.now() + duration * 1000
  while (performance.now() < end) {
    const started = performance.now()
    await fetch(url).then(response => response.arrayBuffer(), () => {})
    times.push(performance.now() - started)
    await sleep(50)
  }
  times.sort((a, b) => a - b)
  return times[Math.min(times.length - 1, Math.floor(times.length * 0.99))] ?? 0
}

/** The same decode and inference on all cores, with no HTTP at all. */
async function limit ({ model: name, ...work }: Work, bytes: Buffer, round: number): Promise<Measurement> {
  const model = await loadModel(loadConfig({ MODEL_NAME: name }))
  let answers = 0
  const run = async (until: number) => {
    while (performance.now() < until) {
      await model.predict([{ name: 'photo', bytes }], { topK: 5, deadline: 60_000 })
      answers++
    }
  }
  const all = (duration: number) => Promise.all(Array.from({ length: 16 }, () => run(performance.now() + duration * 1000)))
  await all(2)
  answers = 0
  const cpu = process.cpuUsage()
  await all(seconds)
  const { user, system } = process.cpuUsage(cpu)
  await model.close()
  return { system: 'no HTTP', work: work.name, round, connections: 16, rate: answers / seconds, p50: 0, p99: 0, errors: 0, cpu: (user + system) / 1000 / answers, memory: 0, readyAfter: 0, probe: 0 }
}

async function until (ready: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await ready().catch(() => false))) {
    if (performance.now() > end) throw new Error('not ready within a minute')
    await sleep(20)
  }
}

async function stop (child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  // The whole group: some of the peers leave their workers behind.
  process.kill(-child.pid!, 'SIGTERM')
  await Promise.race([exited, sleep(8000)])
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // All of them had ended.
  }
  await sleep(500)
}
