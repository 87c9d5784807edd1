import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { projectFile } from '../lib/project.ts'
import { photo } from './photo.ts'
import { usageOf } from './process-tree.ts'
import { median } from './statistics.ts'

/**
 * Loads a server for half an hour with valid, huge, corrupt and abandoned uploads, and checks that its memory does not
 * grow. Prints a line a minute and writes every sample. Exits with 1 when the median memory grew by more than a tenth
 * from the first third of the run to the last. The first tenth of the run does not count.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, port: { type: 'string', default: '8720' }, out: { type: 'string', default: 'bench/soak.json' } }
})
const minutes = Number(values.minutes)
const url = `http://127.0.0.1:${values.port}`

const SAMPLE_INTERVAL_SECONDS = 5
const CLIENTS = 8
const MAX_GROWTH = 0.1

const small = await photo(512)
const large = await photo(4000)
const REQUESTS: Array<{ share: number, name: string, send: (signal: AbortSignal) => Promise<number> }> = [
  { share: 70, name: 'photo of 512 pixels', send: signal => upload(small, signal) },
  { share: 6, name: 'photo of 12 megapixels', send: signal => upload(large, signal) },
  { share: 6, name: 'truncated', send: signal => upload(small.subarray(0, small.length / 2), signal) },
  { share: 6, name: 'no picture', send: signal => upload(readFileSync(projectFile('README.md')), signal) },
  { share: 6, name: 'too many bytes', send: signal => upload(Buffer.alloc(21 * 1024 * 1024), signal) },
  { share: 6, name: 'abandoned', send: async signal => await upload(large, AbortSignal.any([signal, AbortSignal.timeout(5 + Math.random() * 60)])) }
]

const server = spawn(process.execPath, [projectFile('dist/server.js')], {
  env: { ...process.env, PORT: values.port, HOST: '127.0.0.1', LOG_LEVEL: 'warn' }, stdio: ['ignore', 'ignore', 'inherit'], detached: true
})
const answers = new Map<string, number>()
const samples: Array<{ seconds: number, memory: number }> = []
try {
  while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) await sleep(50)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const end = AbortSignal.timeout(minutes * 60_000)
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!end.aborted) {
      const { name, send } = pick()
      const status = await send(end).catch(() => 'no answer')
      answers.set(`${name}: ${status}`, (answers.get(`${name}: ${status}`) ?? 0) + 1)
    }
  })
  for (let at = SAMPLE_INTERVAL_SECONDS; at <= minutes * 60; at += SAMPLE_INTERVAL_SECONDS) {
    await sleep(at * 1000 - seconds() * 1000)
    samples.push({ seconds: at, memory: usageOf(server.pid!).memoryBytes / 1024 / 1024 })
    if (at % 60 === 0) process.stdout.write(`${at / 60} min: ${samples.at(-1)!.memory.toFixed(0)} MiB\n`)
  }
  await Promise.all(clients)
  if (!(await fetch(`${url}/readyz`)).ok) throw new Error('the server is no longer ready')
} finally {
  server.kill('SIGTERM')
  await once(server, 'exit')
}
const third = (from: number) => median(samples.slice(Math.floor(samples.length * from), Math.floor(samples.length * (from + 0.3))).map(({ memory }) => memory))
const [first, last] = [third(0.1), third(0.7)]
const result = { minutes, first, last, growth: last / first - 1, answers: Object.fromEntries([...answers].sort()), samples }
writeFileSync(values.out, `${JSON.stringify(result)}\n`)
process.stdout.write(`${JSON.stringify({ ...result, samples: samples.length }, null, 2)}\n`)
if (result.growth > MAX_GROWTH) process.exitCode = 1

async function upload (bytes: Uint8Array, signal: AbortSignal): Promise<number> {
  const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes), signal })
  await response.arrayBuffer()
  return response.status
}

/** Picks a request at random, each in proportion to its share. */
function pick (): typeof REQUESTS[number] {
  let place = Math.random() * REQUESTS.reduce((sum, { share }) => sum + share, 0)
  return REQUESTS.find(({ share }) => (place -= share) < 0) ?? REQUESTS[0]!
}
