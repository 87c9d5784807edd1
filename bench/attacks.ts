import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { projectFile } from '../lib/project.ts'
import { BAITS, type Bait } from './attack-bodies.ts'
import { photo } from './photo.ts'
import { usageOf } from './process-tree.ts'
import { quantile } from './statistics.ts'

/**
 * Attacks a service with API keys while one honest client uses it. The server, the client and the attackers share the
 * cores of this machine. Prints one Markdown table. Exits with 1 when the server refused the honest client, is not
 * ready after the attacks, or does not exit with 0.
 *
 *     npm run attacks -- --only JSON --seconds 5
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    port: { type: 'string', default: '8730' },
    /** Runs only the attacks with this text in their name. */
    only: { type: 'string', default: '' },
    /** Is an attacker: for the processes that this script starts. */
    attack: { type: 'string' }
  }
})
const port = Number(values.port)
const PIECE = Buffer.alloc(1_000_000)
const KEY = 'correct-horse-battery'

const PROBE_INTERVAL_MS = 20
/** The attack runs this long before the measurement starts. */
const LEAD_MS = 1000
/** How often the server's memory is measured. */
const MEMORY_INTERVAL_MS = 50

/** Keeps `count` connections open: each that ends is replaced. `live` uses one connection until it ends. */
async function keepUp (count: number, live: (socket: ReturnType<typeof connect>) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => {
    for (;;) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.resume()
      await Promise.race([once(socket, 'close'), live(socket)]).catch(() => {})
      tell('connections')
      socket.destroy()
      await sleep(10)
    }
  }))
}

/** Sends a start at once, then one more piece a second. */
async function drip (socket: ReturnType<typeof connect>, start: string, piece: string): Promise<void> {
  socket.write(start)
  while (!socket.destroyed) {
    await sleep(1000)
    socket.write(piece)
  }
}

/** Sends requests over `count` connections, each as soon as the last one is answered. */
async function flood (count: number, headers: () => Record<string, string>, method: string): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => {
    for (;;) {
      await fetch(`http://127.0.0.1:${port}/predict`, { method, headers: headers(), ...method === 'POST' && { body: 'x' } })
        .then(async response => { await response.arrayBuffer(); tell(String(response.status)) }, () => tell('no answer'))
    }
  }))
}

const ATTACKS: Record<string, () => Promise<void>> = {
  nothing: async () => { await sleep(1e9) },
  '500 connections, a byte of headers a second': () => keepUp(500, socket => drip(socket, 'POST /predict HTTP/1.1\r\nhost: a\r\nx-slow: ', 'y')),
  '500 connections, a byte of a body a second': () => keepUp(500, socket => {
    return drip(socket, `POST /predict HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${KEY}\r\ncontent-type: image/png\r\ncontent-length: 20000000\r\n\r\n`, 'y')
  }),
  '100 bodies of 20 MB that never end': () => keepUp(100, async socket => {
    socket.write(`POST /predict HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${KEY}\r\ncontent-type: image/png\r\ncontent-length: 20000000\r\n\r\n`)
    for (let sent = 0; sent < 19_000_000; sent += PIECE.length) await new Promise(resolve => socket.write(PIECE, resolve))
    await once(socket, 'close')
  }),
  '200 connections that ask for a megabyte and read nothing': () => keepUp(200, async socket => {
    socket.pause()
    socket.write('GET /swagger/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(socket, 'close')
  }),
  '15 KB of headers in each request, 32 connections': () => flood(32, () => Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x-${at}`, 'y'.repeat(140)])), 'GET'),
  '1,000 idle connections': () => keepUp(1000, async socket => { await once(socket, 'close') }),
  'a wrong key, 32 connections': () => flood(32, () => ({ authorization: 'Bearer wrong-wrong-wrong-wrong' }), 'POST'),
  'another key in each request, 32 connections': () => flood(32, () => ({ authorization: `Bearer ${Math.random()}${Math.random()}` }), 'POST'),
  ...Object.fromEntries(Object.entries(BAITS).map(([name, bait]) => [name, async () => await lay(bait)]))
}

/** Sends a bait over and over. */
async function lay ({ headers, body, atOnce, leavesAfterMs }: Bait): Promise<void> {
  const bytes = new Uint8Array(await body())
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (;;) {
      await fetch(`http://127.0.0.1:${port}/predict`, {
        method: 'POST', headers: { ...headers, authorization: `Bearer ${KEY}` }, body: bytes, ...leavesAfterMs !== undefined && { signal: AbortSignal.timeout(leavesAfterMs) }
      }).then(async response => { await response.arrayBuffer(); tell(String(response.status)) }, () => tell('no answer'))
    }
  }))
}

/** What happened to the attackers, and how often. */
const counts = new Map<string, number>()
function tell (event: string): void {
  counts.set(event, (counts.get(event) ?? 0) + 1)
}

if (values.attack !== undefined) {
  process.once('disconnect', () => process.exit())
  const attack = ATTACKS[values.attack]?.()
  setInterval(() => process.send?.(Object.fromEntries(counts)), 200)
  await attack
}

const url = `http://127.0.0.1:${port}`
const picture = new Uint8Array(await photo(512))
const HONEST = {
  tensorfood: { headers: { 'content-type': 'image/jpeg' }, body: picture },
  iris: { headers: { 'content-type': 'application/json' }, body: '[5.9,3,5.1,1.8]' }
}
const rows = []
let isWell = true
for (const attack of Object.keys(ATTACKS)) {
  if (attack.includes(values.only)) rows.push(await survive(attack, BAITS[attack]?.model ?? 'tensorfood'))
}
process.stdout.write(`| attack | the attacker's answers | honest predictions | refused | p50, ms | p99, ms | \`/livez\` p99, ms | longest, ms | peak memory, MiB |
|---|---|---|---|---|---|---|---|---|
${rows.map(row => `| ${row.join(' | ')} |`).join('\n')}

The server ${isWell ? 'answered every honest request and exited with 0' : 'FAILED: it refused an honest request, was not ready in the end, or did not exit with 0'}.
`)
if (!isWell) process.exitCode = 1

/** Starts a server, attacks it, and measures what an honest client and a probe notice. Returns a row of the table. */
async function survive (attack: string, model: keyof typeof HONEST): Promise<Array<string | number>> {
  const server = spawn(process.execPath, [projectFile('dist/server.js')], {
    env: { ...process.env, MODEL_NAME: model, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'fatal', API_KEYS: `honest:${KEY}` }, stdio: ['ignore', 'ignore', 'inherit']
  })
  try {
    while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) await sleep(50)
    const attacker = fork(process.argv[1]!, ['--attack', attack, '--port', values.port])
    const ended = once(attacker, 'exit')
    let seen: Record<string, number> = {}
    attacker.on('message', message => { seen = message as Record<string, number> })
    let peakBytes = 0
    const memory = setInterval(() => { peakBytes = Math.max(peakBytes, usageOf(server.pid!).memoryBytes) }, MEMORY_INTERVAL_MS)
    // An attacker may first have to make its body.
    await once(attacker, 'message')
    await sleep(LEAD_MS)
    const end = performance.now() + Number(values.seconds) * 1000
    const { headers, body } = HONEST[model]
    const [predictions, probes] = await Promise.all([
      measure(end, 0, () => fetch(`${url}/predict`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, ...headers }, body })),
      measure(end, PROBE_INTERVAL_MS, () => fetch(`${url}/livez`))
    ])
    clearInterval(memory)
    if (attacker.exitCode !== null) throw new Error(`the attacker ended early: ${attack}`)
    attacker.kill('SIGKILL')
    await ended
    if (predictions.refused + probes.refused > 0 || !(await fetch(`${url}/readyz`)).ok) isWell = false
    const answers = Object.entries(seen).map(([event, count]) => `${event}: ${count}`).join(', ') || '–'
    const times = [quantile(predictions.times, 0.5), quantile(predictions.times, 0.99), quantile(probes.times, 0.99), Math.max(...probes.times)]
    return [attack, answers, predictions.times.length, predictions.refused, ...times.map(time => time.toFixed(1)), (peakBytes / 1024 / 1024).toFixed(0)]
  } finally {
    server.kill('SIGTERM')
    const [code] = await once(server, 'exit')
    if (code !== 0) isWell = false
  }
}

/** Asks until `end`, with a pause after each answer. */
async function measure (end: number, pauseMs: number, ask: () => Promise<Response>): Promise<{ times: number[], refused: number }> {
  const times: number[] = []
  let refused = 0
  while (performance.now() < end) {
    const started = performance.now()
    const ok = await ask().then(async response => { await response.arrayBuffer(); return response.ok }, () => false)
    if (ok) times.push(performance.now() - started)
    else refused++
    await sleep(pauseMs)
  }
  return { times, refused }
}
