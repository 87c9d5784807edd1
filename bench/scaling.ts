import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectFile } from '../lib/project.ts'
import { closedLoad } from './measure.ts'
import { usageOf } from './process-tree.ts'
import { untilReady } from './readiness.ts'
import { median } from './statistics.ts'
import { SERVERY, SYSTEMS } from './systems.ts'
import { HUNDRED_ROWS, LARGE_PHOTO, ONE_ROW, SMALL_PHOTO, type Work } from './works.ts'

/**
 * How one process grows from one core to two, how much of a request its event loop does, and what two processes behind one
 * port give. Linux only, on a machine with two cores, which the load generator shares.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'bench/results' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' }
  }
})
const PORT = 8551
const CONNECTIONS = 16
const WARM_UP_SECONDS = 2
const START_TIMEOUT_MS = 60_000
const TICKS_PER_SECOND = 100

/** One process on each number of cores, and two processes that share a port. */
const LAYOUTS = [
  { name: '1 core', cores: '0', processes: 1 },
  { name: '2 cores', cores: '0,1', processes: 1 },
  { name: '2 cores, 2 processes', cores: '0,1', processes: 2 }
]

interface Figures {
  rate: number
  /** Milliseconds of CPU for an answer: of all threads, and of the event loop. */
  cpuMs: number
  loopMs: number
  memoryMib: number
}

const measured = new Map<string, Figures[]>()
for (let round = 0; round < Number(values.rounds); round++) {
  for (const work of [SMALL_PHOTO, LARGE_PHOTO, ONE_ROW, HUNDRED_ROWS]) {
    for (const layout of LAYOUTS) {
      const name = `${work.name} | ${layout.name}`
      const figures = await measure(work, layout)
      process.stderr.write(`round ${round + 1}, ${name}: ${JSON.stringify(figures)}\n`)
      measured.set(name, [...measured.get(name) ?? [], figures])
    }
  }
}
const rows = [...measured].map(([name, all]) => {
  const of = (figure: keyof Figures) => median(all.map(each => each[figure]))
  const processes = name.includes('2 processes') ? 2 : 1
  return `| ${name} | ${of('rate').toFixed(of('rate') < 100 ? 1 : 0)} | ${of('cpuMs').toFixed(3)} | ${of('loopMs').toFixed(3)} | ${(processes * of('cpuMs') / of('loopMs')).toFixed(1)} | ${(processes * 1000 / of('loopMs')).toFixed(0)} | ${of('memoryMib').toFixed(0)} |`
})
const text = `# From one core to two

Medians of ${values.rounds} rounds, ${CONNECTIONS} connections. The load generator has the other core, or shares the two cores, so that the growth is a lower bound. \`npm run scaling\` measures it again.

Event loops are full at *1000 ÷ their milliseconds* requests a second for each process, however many cores and \`WORKERS\` there are: then the process uses as
many cores as the column before it says.

| request | layout | answers/s | CPU ms | of these, event loop | cores when the event loop is full | answers/s then | MiB |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'scaling.md'), text)
process.stdout.write(text)

async function measure (work: Work, { cores, processes }: typeof LAYOUTS[number]): Promise<Figures> {
  const system = SYSTEMS.find(({ name }) => name === SERVERY)
  const request = system && (await work.question()).requestTo(system)
  if (!system || !request) throw new Error('there is no such system')
  const server = projectFile('dist/server.js')
  const child = spawn('taskset', ['--cpu-list', cores, process.execPath, ...processes === 1 ? [server] : [projectFile('dist/bench/two-processes.js'), server]], {
    env: { ...process.env, PORT: String(PORT), HOST: '127.0.0.1', LOG_LEVEL: 'warn', MODEL_PATH: work.model() }, stdio: ['ignore', 'ignore', 'inherit'], detached: true
  })
  try {
    await untilReady(PORT, system.ready, START_TIMEOUT_MS)
    const url = `http://127.0.0.1:${PORT}`
    await closedLoad(url, request, CONNECTIONS, WARM_UP_SECONDS)
    const [before, loopBefore] = [usageOf(child.pid!), loopsMs(child)]
    const { rate, answers } = await closedLoad(url, request, CONNECTIONS, Number(values.seconds) * work.longer)
    const [after, loopAfter] = [usageOf(child.pid!), loopsMs(child)]
    return { rate, cpuMs: (after.cpuMs - before.cpuMs) / answers, loopMs: (loopAfter - loopBefore) / answers, memoryMib: after.memoryBytes / 1024 / 1024 }
  } finally {
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGTERM')
    await ended
    // Forks end by themselves; the port must be free.
    spawnSync('sleep', ['1'])
  }
}

/** CPU time of the event loops: of the main thread of each process of the group. */
function loopsMs (child: ChildProcess): number {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
      // Its group, and the ticks of the thread alone.
      return fields[2] === child.pid ? sum + (fields[11]! + fields[12]!) * 1000 / TICKS_PER_SECOND : sum
    } catch {
      return sum
    }
  }, 0)
}
