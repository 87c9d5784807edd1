import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { wireOf } from '../wire/index.ts'
import { closedLoad, fairness, LOAD_GENERATOR, openLoad, probe } from './measure.ts'
import { killFamily, usageOf, watchMemory } from './process-tree.ts'
import { untilReady } from './readiness.ts'
import { report, type Measurement, type Results } from './report.ts'
import { NO_HTTP, SYSTEMS, type System } from './systems.ts'
import { LARGE_PHOTO, ONE_ROW, SMALL_PHOTO, WORKS, type Question, type Work } from './works.ts'

/** An overload offers a system this many times its own peak rate. */
const OVERLOAD_FACTOR = 3

/** Connections of the load under which the liveness probe is measured. */
const LIVENESS_CONNECTIONS = 64

/** Requests in progress while the model runs without HTTP, and while a server warms up. */
const CONCURRENCY = 16
const WARM_UP_SECONDS = 2

/** How often the memory of a system is measured under a load. It takes some milliseconds. */
const MEMORY_INTERVAL_MS = 500

const START_TIMEOUT_MS = 60_000
const RETRY_INTERVAL_MS = 20
const STOP_TIMEOUT_MS = 8000

/** After its processes are killed, a port is free by then. */
const PORT_FREE_MS = 250

const BYTES_PER_MIB = 1024 * 1024
const FIRST_ANSWER_TIMEOUT_MS = 5000

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    mlserver: { type: 'string' },
    triton: { type: 'string' },
    port: { type: 'string', default: '8710' },
    out: { type: 'string', default: 'bench/results' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    starts: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16,64' },
    systems: { type: 'string', default: '' },
    works: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false }
  }
})
const PORT = Number(values.port)
const ORIGIN = `http://127.0.0.1:${PORT}`
const seconds = Number(values.seconds)
const CONNECTIONS = values.connections.split(',').map(Number)
const chosen = <T extends { name: string }>(all: T[], text: string) => text ? all.filter(({ name }) => text.split(',').some(part => name.startsWith(part))) : all
const works = chosen(WORKS, values.works)
const systems = chosen(SYSTEMS, values.systems).filter(({ name, environment, build }) => {
  const reason = environment && values[environment] === undefined ? `give its Python with --${environment}` : build?.() ?? null
  if (reason !== null) process.stderr.write(`NOT RUN: ${name}: ${reason}\n`)
  return reason === null
})

const results: Results = { load: LOAD_GENERATOR, measurements: [], overloads: [], fairness: [], liveness: [], starts: [] }
if (values.keep) {
  // The report keeps the results of an earlier run about other works. An older file may lack a section, or the peak of memory.
  const earlier: Partial<Results> = JSON.parse(readFileSync(join(values.out, 'measurements.json'), 'utf8'))
  const { starts = [], overloads = [], fairness = [], liveness = [] } = earlier
  const others = (earlier.measurements ?? []).filter(({ work }) => !works.some(({ name }) => name === work))
  results.measurements = others.map(each => ({ ...each, peak: each.peak ?? each.memory }))
  if (!works.includes(SMALL_PHOTO)) Object.assign(results, { overloads, fairness, liveness })
  if (Number(values.starts) === 0) results.starts = starts
}
await measureStarts(Number(values.starts))
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const work of works) {
    // Each round starts with another system, so that none always has the cool machine.
    const order = [...systems.slice(round % systems.length), ...systems.slice(0, round % systems.length)]
    for (const system of order) await attempt(`${system.name}, ${work.name}`, () => measure(system, work, round))
    const { itself } = await work.question()
    if (itself) results.measurements.push(await withoutHttp(work, itself, round))
  }
  mkdirSync(values.out, { recursive: true })
  writeFileSync(join(values.out, 'measurements.json'), `${JSON.stringify(results)}\n`)
}
const { markdown, picture } = await report(results, `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`)
writeFileSync(join(values.out, 'results.md'), markdown)
writeFileSync(join(values.out, 'results.png'), picture)
process.stdout.write(markdown)

/** Does one part of the run. The others go on when it fails; the run then ends with status 1. */
async function attempt (part: string, run: () => Promise<void>): Promise<void> {
  await run().catch((error: unknown) => {
    process.stderr.write(`FAILED: ${part}: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  })
}

/** Starts a system, puts it under every load of a work, and stops it. */
async function measure (system: System, work: Work, round: number): Promise<void> {
  const request = (await work.question()).requestTo(system)
  if (!request) return
  const started = performance.now()
  const child = start(system, work)
  try {
    await untilReady(PORT, system.ready, START_TIMEOUT_MS)
    const readyAfter = (performance.now() - started) / 1000
    await until(async () => (await fetch(ORIGIN + request.path, { ...request, body: new Uint8Array(request.body), signal: AbortSignal.timeout(FIRST_ANSWER_TIMEOUT_MS) })).ok)
    const load = work.load ?? closedLoad
    await load(ORIGIN, request, CONCURRENCY, WARM_UP_SECONDS)
    const duration = seconds * work.longer
    let peak = 0
    for (const connections of CONNECTIONS) {
      const before = usageOf(child.pid!)
      const endWatch = watchMemory(child.pid!, MEMORY_INTERVAL_MS)
      const probing = probe(ORIGIN + system.ready, duration)
      const { rate, answers, errors, p50, p99 } = await load(ORIGIN, request, connections, duration)
      const after = usageOf(child.pid!)
      const { p99Ms } = await probing
      const peakBytes = endWatch()
      peak = Math.max(peak, rate)
      results.measurements.push({
        system: system.name,
        work: work.name,
        round,
        connections,
        rate,
        p50,
        p99,
        errors,
        cpu: (after.cpuMs - before.cpuMs) / answers,
        memory: after.memoryBytes / BYTES_PER_MIB,
        peak: peakBytes / BYTES_PER_MIB,
        readyAfter,
        probe: p99Ms
      })
      tell(round, work, system, `${connections} connections`, { rate, p99 })
    }
    if (work === SMALL_PHOTO && !system.isLimit) await strain(system, round, peak)
  } finally {
    await stop(child)
  }
}

/** What a system does at its limit: more photos than it can answer, small photos beside large ones, and its liveness. */
async function strain (system: System, round: number, peak: number): Promise<void> {
  const [small, large] = await Promise.all([SMALL_PHOTO, LARGE_PHOTO].map(async work => (await work.question()).requestTo(system)))
  if (!small || !large) return
  const offered = OVERLOAD_FACTOR * peak
  const [overload, ready] = await Promise.all([openLoad(ORIGIN, small, offered, seconds), probe(ORIGIN + system.ready, seconds)])
  results.overloads.push({ system: system.name, round, peak, offered, ...overload, probe: ready.p99Ms })
  tell(round, SMALL_PHOTO, system, 'overload', results.overloads.at(-1))

  results.fairness.push({ system: system.name, round, ...await fairness(ORIGIN, small, large, seconds) })
  tell(round, SMALL_PHOTO, system, 'fairness', results.fairness.at(-1))

  if (system.live === undefined) return
  const [live] = await Promise.all([probe(ORIGIN + system.live, seconds), closedLoad(ORIGIN, small, LIVENESS_CONNECTIONS, seconds)])
  results.liveness.push({ system: system.name, round, connections: LIVENESS_CONNECTIONS, p99: live.p99Ms, longest: live.longestMs })
  tell(round, SMALL_PHOTO, system, 'liveness', results.liveness.at(-1))
}

function tell (round: number, work: Work, system: System, load: string, figures: unknown): void {
  process.stderr.write(`round ${round}, ${work.name}, ${system.name}, ${load}: ${JSON.stringify(figures)}\n`)
}

/** Starts each system again and again, all in turn. */
async function measureStarts (count: number): Promise<void> {
  for (let round = 1; round <= count; round++) {
    for (const system of [...systems.slice(round % systems.length), ...systems.slice(0, round % systems.length)]) {
      for (const work of [SMALL_PHOTO, ONE_ROW]) await attempt(`start of ${system.name}, ${work.name}`, () => measureStart(system, work, round))
    }
  }
}

/** Notes how long a system takes until it is ready. */
async function measureStart (system: System, work: Work, round: number): Promise<void> {
  if (!(await work.question()).requestTo(system)) return
  const started = performance.now()
  const child = start(system, work)
  try {
    await untilReady(PORT, system.ready, START_TIMEOUT_MS)
    results.starts.push({ system: system.name, model: work.name, round, seconds: (performance.now() - started) / 1000 })
    tell(round, work, system, 'start', results.starts.at(-1)?.seconds)
  } finally {
    killFamily(child.pid!)
    await sleep(PORT_FREE_MS)
  }
}

/** The rate of the same work in this process, without HTTP: from a photo's bytes, or from rows that JSON has been parsed to. */
async function withoutHttp ({ name: work, model: folder, longer }: Work, question: NonNullable<Question['itself']>, round: number): Promise<Measurement> {
  const model = await loadClassifier(loadConfig({ MODEL_PATH: folder() }))
  const wire = wireOf(model.card, model.signature)
  const { queueLimit } = model.status()
  let answers = 0
  const run = async (end: number) => {
    while (performance.now() < end) {
      const items = Buffer.isBuffer(question) ? [{ name: 'photo', bytes: question }] : (await wire.question(question, queueLimit)).items
      await model.predict(items, { topK: 5, deadline: 60_000 })
      answers++
    }
  }
  const runAll = (duration: number) => Promise.all(Array.from({ length: CONCURRENCY }, () => run(performance.now() + duration * 1000)))
  await runAll(WARM_UP_SECONDS)
  answers = 0
  const before = process.cpuUsage()
  await runAll(seconds * longer)
  const { user, system } = process.cpuUsage(before)
  await model.close()
  return { system: NO_HTTP, work, round, connections: CONCURRENCY, rate: answers / (seconds * longer), p50: 0, p99: 0, errors: 0, cpu: (user + system) / 1000 / answers, memory: 0, peak: 0, readyAfter: 0, probe: 0 }
}

function start ({ command, env, environment = 'python' }: System, { model }: Work): ChildProcess {
  const [program = '', ...args] = command(values[environment] ?? '', PORT)
  return spawn(program, args, {
    env: { ...process.env, PORT: String(PORT), HOST: '127.0.0.1', LOG_LEVEL: 'warn', MODEL_PATH: model(), BENCH_MODEL: model(), ...env?.(PORT) },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true
  })
}

async function until (isReady: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + START_TIMEOUT_MS
  while (!(await isReady().catch(() => false))) {
    if (performance.now() > end) throw new Error('not ready within a minute')
    await sleep(RETRY_INTERVAL_MS)
  }
}

async function stop (child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null ? once(child, 'exit') : Promise.resolve()
  signal(child, 'SIGTERM')
  await Promise.race([exited, sleep(STOP_TIMEOUT_MS)])
  signal(child, 'SIGKILL')
  killFamily(child.pid!)
  await sleep(PORT_FREE_MS)
}

/** Signals the whole process group, since some of the peers leave their workers behind. */
function signal (child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-child.pid!, name)
  } catch {
    // Every process of the group has ended.
  }
}
