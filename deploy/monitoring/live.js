// Starts three services and a Prometheus that scrapes them, and sends valid and invalid requests. Then it evaluates
// every expression of the dashboard and every rule: each must have data. It needs dist/ and prometheus.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long it sends requests. */
const LOAD_SECONDS = 30
const here = import.meta.dirname
const root = join(here, '../..')
const folder = mkdtempSync(join(tmpdir(), 'servery-live-'))
const children = []

try {
  process.exitCode = await live()
} finally {
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(child => child.exitCode ?? new Promise(resolve => child.once('exit', resolve))))
  rmSync(folder, { recursive: true })
}

async function live () {
  const models = { tensorfood: await freePort(), 'fashion-mnist': await freePort(), iris: await freePort() }
  for (const [model, port] of Object.entries(models)) {
    start(process.execPath, [join(root, 'dist/server.js')], { ...process.env, MODEL_NAME: model, PORT: port, HOST: '127.0.0.1', LOG_LEVEL: 'warn' })
    await until(`http://127.0.0.1:${port}/readyz`)
  }
  // The configuration of the repository, with these ports and a scrape every second.
  let configuration = readFileSync(join(here, 'prometheus.yml'), 'utf8').replaceAll(': 15s', ': 1s').replace('alerts.yml', join(here, 'alerts.yml'))
  for (const [model, port] of Object.entries(models)) configuration = configuration.replace(`${model}:8000`, `127.0.0.1:${port}`)
  const own = await freePort()
  writeFileSync(join(folder, 'prometheus.yml'), configuration.replace('localhost:9090', `127.0.0.1:${own}`))
  const url = `http://127.0.0.1:${own}`
  start('prometheus', [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${own}`])
  await until(`${url}/-/ready`)

  const end = Date.now() + LOAD_SECONDS * 1000
  while (Date.now() < end) {
    await Promise.all([...Object.entries(models).map(async ([model, port]) => await predict(model, port)), sleep(100)])
  }

  let unanswered = 0
  const dashboard = JSON.parse(readFileSync(join(here, 'dashboard.json'), 'utf8'))
  for (const { title, targets = [] } of dashboard.panels) {
    for (const { expr } of targets) {
      const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '15s').replaceAll('$__range', '1m')
      const { status, error, data } = await (await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`)).json()
      const numbers = data?.result.filter(({ value }) => Number.isFinite(Number(value[1]))).length
      if (!numbers) unanswered += 1
      console.log(`${numbers ? 'ok    ' : 'EMPTY '} ${title}: ${status === 'success' ? `${numbers} series` : error}`)
    }
  }
  const { data: { groups } } = await (await fetch(`${url}/api/v1/rules`)).json()
  for (const { name, health, lastError, state = '' } of groups.flatMap(({ rules }) => rules)) {
    if (health !== 'ok') unanswered += 1
    console.log(`${health === 'ok' ? 'ok    ' : 'FAILED'} ${name} ${state} ${lastError ?? ''}`)
  }
  return unanswered && 1
}

async function predict (model, port) {
  const url = `http://127.0.0.1:${port}/predict`
  const samples = join(root, 'models', model, 'samples')
  for (const name of existsSync(samples) ? readdirSync(samples) : []) {
    await (await fetch(url, { method: 'POST', body: readFileSync(join(samples, name)), headers: { 'content-type': 'image/png' } })).arrayBuffer()
  }
  await (await fetch(url, { method: 'POST', body: '[5.9,3.0,5.1,1.8]', headers: { 'content-type': 'application/json' } })).arrayBuffer()
}

function start (command, args, env = process.env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'ignore'] })
  child.once('error', error => { console.error(error.message) })
  children.push(child)
}

async function until (url) {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    await sleep(200)
  }
  throw new Error(`${url} does not answer`)
}

async function freePort () {
  return await new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => { resolve(port) })
    })
  })
}
