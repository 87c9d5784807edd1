import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { projectFile } from '../lib/project.ts'
import { makeCorpus, randomFrom, type Sample } from './corpus.ts'
import { usageOf } from './process-tree.ts'
import { trendOf } from './statistics.ts'

/**
 * Loads a server with pictures of all formats, valid, damaged, huge and abandoned ones, and with bodies that are no
 * pictures, and checks that its memory does not grow. Prints a line a minute, and in the end the trend of the memory in
 * MiB a minute with its 95 % confidence interval, the peak, and the answers to each kind. Exits with 1 when even the lower
 * end of the interval is above MAX_GROWTH. The first third of the run does not count.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    port: { type: 'string', default: '8720' },
    /** Folder whose files are sent too. */
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench/soak.json' }
  }
})
const minutes = Number(values.minutes)
const url = `http://127.0.0.1:${values.port}`

const SAMPLE_INTERVAL_SECONDS = 2
const CLIENTS = 8

/** Share of the run in which the memory may still grow: every worker has to meet every format first. */
const WARM_UP = 1 / 3

/**
 * MiB a minute. It is 360 MiB a day: less than a container with the memory limit of the manifests has left above the
 * peak. A leak below that is found by a longer run, whose interval is narrower.
 */
const MAX_GROWTH = 0.25

const random = randomFrom(Number(values.seed))
const corpus = await makeCorpus(random, values.corpus)
const shares = corpus.reduce((sum, { share }) => sum + share, 0)

const server = spawn(process.execPath, [projectFile('dist/server.js')], {
  env: { ...process.env, PORT: values.port, HOST: '127.0.0.1', LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'], detached: true
})
const answers: Record<string, Record<string, number>> = {}
const samples: Array<{ time: number, value: number }> = []
let peak = 0
try {
  while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) {
    if (server.exitCode !== null) throw new Error('the server did not start')
    await sleep(50)
  }
  const started = performance.now()
  const end = AbortSignal.timeout(minutes * 60_000)
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!end.aborted) {
      const sample = pick()
      const status = await send(sample, end).catch(() => 'no answer')
      const counts = answers[sample.name] ??= {}
      counts[status] = (counts[status] ?? 0) + 1
    }
  })
  for (let at = SAMPLE_INTERVAL_SECONDS; at <= minutes * 60; at += SAMPLE_INTERVAL_SECONDS) {
    await sleep(Math.max(0, at * 1000 - (performance.now() - started)))
    samples.push({ time: at / 60, value: usageOf(server.pid!).memoryBytes / 1024 / 1024 })
    if (at % 60 === 0) process.stdout.write(`${at / 60} min: ${samples.at(-1)!.value.toFixed(0)} MiB\n`)
  }
  await Promise.all(clients)
  peak = peakOf(server.pid!)
  if (!(await fetch(`${url}/readyz`)).ok) throw new Error('the server is no longer ready')
} finally {
  if (server.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}
const trend = trendOf(samples.slice(Math.floor(samples.length * WARM_UP)))
const total = Object.values(answers).flatMap(counts => Object.values(counts)).reduce((sum, count) => sum + count, 0)
const result = { minutes, seed: values.seed, requests: total, peak, trend, answers }
writeFileSync(values.out, `${JSON.stringify({ ...result, samples })}\n`)
process.stdout.write(`
| sent | answers |
|---|---|
${Object.entries(answers).sort().map(([name, counts]) => `| ${name} | ${Object.entries(counts).map(([status, count]) => `${status}: ${count}`).join(', ')} |`).join('\n')}

${total} requests. Memory: ${trend.slope.toFixed(2)} MiB a minute (95 % confidence: ${trend.low.toFixed(2)} to ${trend.high.toFixed(2)}), peak ${peak.toFixed(0)} MiB.
`)
if (trend.low > MAX_GROWTH) {
  process.stdout.write(`FAILED: the memory grows by more than ${MAX_GROWTH} MiB a minute.\n`)
  process.exitCode = 1
}

async function send ({ body, type, path, isAbandoned }: Sample, end: AbortSignal): Promise<number> {
  const signal = isAbandoned ? AbortSignal.any([end, AbortSignal.timeout(5 + Math.round(random() * 500))]) : end
  const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body, signal })
  await response.arrayBuffer()
  return response.status
}

/** Picks a request at random, each in proportion to its share. */
function pick (): Sample {
  let place = random() * shares
  return corpus.find(({ share }) => (place -= share) < 0) ?? corpus[0]!
}

/** Largest resident memory of a process since its start, in MiB. */
function peakOf (pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
