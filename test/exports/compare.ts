import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { projectFile } from '../../lib/project.ts'
import { fieldOf, type Reference } from './judge.ts'
import { judgements, requestsOf, type PredictRequest } from './requests.ts'
import { otherTokens } from './tokens.ts'

/**
 * Starts the service on each export, without a card, and compares its answers with the framework's. It prints a Markdown
 * table. The exit code is 1 if any answer differs.
 *
 * usage: node dist/test/exports/compare.js OUT [--only TEXT] [--jobs N] [--port FIRST] [--table FILE]
 */
const { values, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    port: { type: 'string', default: '21000' },
    table: { type: 'string' }
  }
})
if (folder === undefined) throw new Error('say which folder holds the exports: compare.js OUT')

/** How long a start may take on a busy machine, and how long a refusal. */
const START_MS = 120_000
const REFUSAL_MS = 60_000
const POLL_MS = 50
const BUSY_MS = 500

/** How many faults of one export are printed. */
const FAULTS = 4

/** The outcome of one export: a row of the table. */
interface Row {
  name: string
  reference: Reference
  asked: number
  same: number
  difference: number
  assumptions: number
  faults: string[]
}

const names = (await readdir(folder)).filter(name => name.endsWith('.reference.json')).map(name => name.slice(0, -'.reference.json'.length))
const waiting = names.filter(name => name.includes(values.only)).sort()
const rows: Row[] = []
if (waiting.length === 0) throw new Error(`${folder} holds no reference with '${values.only}' in its name`)

await Promise.all(Array.from({ length: Number(values.jobs) }, async (_, slot) => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const row = await rowOf(folder, name, Number(values.port) + slot)
    rows.push(row)
    for (const fault of row.faults.slice(0, FAULTS)) process.stderr.write(`${name}: ${fault}\n`)
    if (row.faults.length > FAULTS) process.stderr.write(`${name}: and ${row.faults.length - FAULTS} more\n`)
  }
}))
rows.sort((a, b) => a.reference.family.localeCompare(b.reference.family) || a.name.localeCompare(b.name))

const wrong = rows.filter(({ faults }) => faults.length > 0)
const table = ['| family | export | made with | cases | same labels | largest difference | assumptions |', '|---|---|---|---|---|---|---|', ...rows.map(lineOf)].join('\n')
process.stdout.write(`${table}\n\n${rows.length - wrong.length} of ${rows.length} exports are answered as their frameworks answer.\n`)
if (values.table !== undefined) await writeFile(values.table, `${table}\n`)
process.exitCode = wrong.length > 0 ? 1 : 0

async function rowOf (folder: string, name: string, port: number): Promise<Row> {
  const reference: Reference = JSON.parse(await readFile(join(folder, `${name}.reference.json`), 'utf8'))
  const row: Row = { name, reference, asked: 0, same: 0, difference: 0, assumptions: 0, faults: [] }
  const own = reference.settledBy === undefined ? null : await mkdtemp(join(tmpdir(), 'servery-export-'))
  try {
    const model = own === null ? join(folder, reference.model) : await settled(folder, reference, own)
    await (reference.expect === 'refused' ? refuse(row, model, port) : ask(row, folder, model, port))
    row.faults.push(...await otherTokens(model, reference))
  } catch (error) {
    row.faults.push(error instanceof Error ? error.message : String(error))
  } finally {
    if (own !== null) await rm(own, { recursive: true })
  }
  return row
}

/** A copy of the model in a folder of its own, with the card that settles what its files do not say. */
async function settled (folder: string, { model, settledBy }: Reference, own: string): Promise<string> {
  const copy = join(own, basename(model))
  await cp(join(folder, model), copy, { recursive: true })
  await writeFile(join(copy, 'card.json'), JSON.stringify(settledBy))
  return copy
}

/** Starts the command, as a person does, and collects what it prints. */
function start (model: string, port: number) {
  const child = spawn(process.execPath, [projectFile('dist/cli/servery.js'), model, '--port', String(port), '--host', '127.0.0.1'], {
    env: { ...process.env, LOG_LEVEL: 'warn', WORKERS: '1', THREADS: '1', MAX_BATCH: '8' }, stdio: ['ignore', 'pipe', 'pipe']
  })
  const state: { output: string, code: number | null } = { output: '', code: null }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { state.output += text })
  const closed = once(child, 'close').then(([code]) => { state.code = typeof code === 'number' ? code : -1 })
  const stop = async () => {
    child.kill('SIGKILL')
    await closed
  }
  return { state, closed, stop }
}

async function refuse (row: Row, model: string, port: number): Promise<void> {
  const { state, closed, stop } = start(model, port)
  try {
    await Promise.race([closed, sleep(REFUSAL_MS, undefined, { ref: false })])
    if (state.code !== 1) row.faults.push(state.code === null ? 'it was not refused' : `the exit code is ${state.code}, not 1`)
    if (!state.output.includes(row.reference.reason ?? '')) row.faults.push(`the error does not name '${row.reference.reason}': ${state.output.trim()}`)
  } finally {
    await stop()
  }
}

async function ask (row: Row, folder: string, model: string, port: number): Promise<void> {
  const { state, stop } = start(model, port)
  const url = `http://127.0.0.1:${port}`
  try {
    await ready(url, state)
    row.assumptions = listOf(fieldOf(await (await fetch(`${url}/info`)).json(), 'assumptions')).length
    for (const request of requestsOf(folder, row.reference)) {
      row.asked += request.cases.length
      const response = await post(`${url}${request.url}`, request)
      const text = await response.text()
      if (!response.ok) {
        row.faults.push(`HTTP ${response.status}: ${text} (to ${JSON.stringify(String(request.body)).slice(0, 80)})`)
        continue
      }
      const judged = judgements(row.reference, request, JSON.parse(text))
      for (const { faults, isSameLabel, difference } of judged) {
        row.faults.push(...faults)
        row.difference = Math.max(row.difference, difference)
        if (isSameLabel) row.same++
      }
    }
  } finally {
    await stop()
  }
}

/** Sends a request, again while the service says that the machine is too busy: that is no difference to a framework. */
async function post (url: string, { body, type }: PredictRequest): Promise<Response> {
  for (let waited = 0; ; waited += BUSY_MS) {
    const response = await fetch(url, { method: 'POST', body, ...type !== undefined && { headers: { 'content-type': type } } })
    if (response.status !== 503 || waited >= START_MS) return response
    await response.body?.cancel()
    await sleep(BUSY_MS)
  }
}

async function ready (url: string, state: { output: string, code: number | null }): Promise<void> {
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    if (state.code !== null) throw new Error(`it exited with ${state.code}: ${state.output.trim()}`)
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await sleep(POLL_MS)
  }
  throw new Error(`it was not ready within ${START_MS / 1000} s: ${state.output.trim()}`)
}

function lineOf ({ name, reference, asked, same, difference, assumptions, faults }: Row): string {
  const { family, expect } = reference
  const versions = Object.entries(reference.made_with).slice(0, 2).map(([name, version]) => `${name} ${version}`).join(', ')
  const outcome = expect === 'refused'
    ? [faults.length === 0 ? 'refused' : '**not refused**', '', '']
    : [`${same} of ${asked}${faults.length > 0 ? ' **(differs)**' : ''}`, difference.toExponential(1), `${assumptions}${reference.settledBy ? ' (and a card)' : ''}`]
  return `| ${[family, name, versions, expect === 'refused' ? '' : String(asked), ...outcome].join(' | ')} |`
}

function listOf (value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
