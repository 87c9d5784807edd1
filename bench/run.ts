import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { loadConfig } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { projectFile } from '../lib/project.ts'
import { openLoop } from './open-loop.ts'
import { photo } from './photo.ts'
import { usageOf } from './process-tree.ts'
import { report, type Measurement, type Overload } from './report.ts'
import { SYSTEMS, type System, type Work } from './systems.ts'

const PORT = 8710

const WORKS: Work[] = [
  { name: 'photo of 512 pixels', model: 'tensorfood', kind: 'picture', side: 512 },
  { name: 'photo of 12 megapixels', model: 'tensorfood', kind: 'picture', side: 4000, longer: 4 },
  { name: 'one row', model: 'iris', kind: 'rows', rows: 1 },
  { name: '100 rows', model: 'iris', kind: 'rows', rows: 100 }
]

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    mlserver: { type: 'string' },
    out: { type: 'string', default: 'bench/results' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '1,16,64' },
    systems: { type: 'string', default: '' },
    works: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false }
  }
})
const seconds = Number(values.seconds)
const CONNECTIONS = values.connections.split(',').map(Number)
const chosen = <T extends { name: string }>(all: T[], text: string) => text ? all.filter(({ name }) => text.split(',').some(part => name.startsWith(part))) : all
const systems = chosen(SYSTEMS, values.systems).filter(({ name, environment }) => {
  const there = !environment || values[environment] !== undefined
  if (!there) process.stderr.write(`NOT RUN: ${name}: give its Python with --${environment}\n`)
  return there
})
const works = chosen(WORKS, values.works)

/** How many times its own capacity a system is offered, to see what becomes of it. */
const OVERLOAD = 3

/** Milliseconds after which an answer is too late: Servery's deadline. */
const DEADLINE = 10_000

// With --keep, what an earlier run found about other works stays in the report.
const earlier: { measurements: Measurement[], overloads: Overload[] } = values.keep ? JSON.parse(readFileSync(join(values.out, 'measurements.json'), 'utf8')) : { measurements: [], overloads: [] }
const measurements = earlier.measurements.filter(({ work }) => !works.some(({ name }) => name === work))
const overloads = works.includes(WORKS[0]!) ? [] : earlier.overloads
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
writeFileSync(join(values.out, 'measurements.json'), `${JSON.stringify({ measurements, overloads })}\n`)
const { markdown, picture } = await report(measurements, overloads, `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`)
writeFileSync(join(values.out, 'results.md'), markdown)
writeFileSync(join(values.out, 'results.png'), picture)
process.stdout.write(markdown)

async function bodyOf (work: Work): Promise<Buffer> {
  if (work.kind === 'picture') return await photo(work.side)
  const { input } = JSON.parse(readFileSync(projectFile(`models/${work.model}/card.json`), 'utf8'))
  const row: number[] = input.features.map(({ example }: { example: number }) => example)
  return Buffer.from(JSON.stringify(work.rows === 1 ? row : Array.from({ length: work.rows }, () => row)))
}

async function measure (system: System, work: Work, body: Buffer, round: number): Promise<Measurement[]> {
  const started = performance.now()
  const [command = '', ...args] = system.command(values[system.environment ?? 'python'] ?? '', PORT)
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(PORT), HOST: '127.0.0.1', LOG_LEVEL: 'warn', MODEL_NAME: work.model, BENCH_MODEL: projectFile(`models/${work.model}`), ...system.env?.(PORT) },
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
    const duration = seconds * (work.longer ?? 1)
    for (const connections of CONNECTIONS) {
      const before = usageOf(child.pid!)
      const probing = probe(url + system.ready, duration)
      const result = await load(url, request, connections, duration)
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
    if (work === WORKS[0]) {
      const offered = OVERLOAD * Math.max(...results.map(({ rate }) => rate))
      const probing = probe(url + system.ready, seconds)
      const outcome = await overload(request, offered)
      overloads.push({ system: system.name, round, offered, ...outcome, peak: offered / OVERLOAD, probe: await probing })
      process.stderr.write(`round ${round}, ${system.name}, offered ${offered.toFixed(0)}/s: ${JSON.stringify(overloads.at(-1))}\n`)
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
  if (system.picture) {
    return { path, method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(system.picture(body))) }
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

/** Requests come at a rate, whether or not those before are answered. */
async function overload (request: Request, offered: number): Promise<{ answered: number, refused: number, failed: number, p99: number }> {
  const head = [
    `${request.method} ${request.path} HTTP/1.1`, `host: 127.0.0.1:${PORT}`, `content-length: ${request.body.length}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
  ]
  const { sent, times, within, refusals, elapsed } = await openLoop({
    port: PORT, request: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), request.body]), rate: offered, duration: seconds, patience: DEADLINE
  })
  times.sort((a, b) => a - b)
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0
  return { answered: within / elapsed, refused: refusals.length / elapsed, failed: (sent - times.length - refusals.length) / elapsed, p99 }
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
async function limit ({ model: name, longer = 1, ...work }: Work, bytes: Buffer, round: number): Promise<Measurement> {
  const model = await loadClassifier(loadConfig({ MODEL_NAME: name }))
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
  await all(seconds * longer)
  const { user, system } = process.cpuUsage(cpu)
  await model.close()
  return { system: 'no HTTP', work: work.name, round, connections: 16, rate: answers / (seconds * longer), p50: 0, p99: 0, errors: 0, cpu: (user + system) / 1000 / answers, memory: 0, readyAfter: 0, probe: 0 }
}

async function until (ready: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await ready().catch(() => false))) {
    if (performance.now() > end) throw new Error('not ready within a minute')
    await sleep(20)
  }
}

async function stop (child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null ? once(child, 'exit') : Promise.resolve()
  signal(child, 'SIGTERM')
  await Promise.race([exited, sleep(8000)])
  signal(child, 'SIGKILL')
  await sleep(500)
}

/** To the whole group: some of the peers leave their workers behind. */
function signal (child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-child.pid!, name)
  } catch {
    // All of them had ended.
  }
}
