import sharp from 'sharp'
import { escapeHtml } from '../lib/html.ts'
import { bestPython, isReached, outcomesOf } from './goals.ts'
import { LARGE_CLIENTS } from './measure.ts'
import { median } from './statistics.ts'
import { BARE_FASTIFY, BINARY_PATH, NO_HTTP, RUST, SYSTEMS } from './systems.ts'

/** One system under one closed load in one round. */
export interface Measurement {
  system: string
  work: string
  round: number
  connections: number
  /** Answered requests a second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  errors: number
  /** CPU milliseconds for an answer, of the system alone. */
  cpu: number
  /** MiB of the system and its children: after the load, and the most under it. */
  memory: number
  peak: number
  /** Seconds from start to ready. */
  readyAfter: number
  /** Milliseconds of a readiness probe under the load, 99th percentile. */
  probe: number
}

/** One system in one round, under more requests than it can answer. Rates are in requests a second. */
export interface Overload {
  system: string
  round: number
  /** Its highest rate under a closed load. */
  peak: number
  offered: number
  answered: number
  /** Answers 503 with Retry-After. */
  refused: number
  /** Other answers, broken connections, and requests without an answer at the deadline. */
  failed: number
  /** Milliseconds of the answers, 99th percentile. */
  p99: number
  /** Milliseconds of a readiness probe, 99th percentile. */
  probe: number
}

/** Small and large photos on one system in one round. Medians are in milliseconds. */
export interface Fairness {
  system: string
  round: number
  /** Of a small photo, one at a time. */
  alone: number
  /** Of a small photo beside large ones. */
  beside: number
  /** Of the large ones. */
  large: number
  failed: number
}

/** The liveness probe of one system under a closed load in one round, in milliseconds. */
export interface Liveness {
  system: string
  round: number
  connections: number
  p99: number
  longest: number
}

/** One start of one system. */
export interface Start {
  system: string
  /** The work whose model it loads. */
  model: string
  round: number
  /** From the start of the process to the first answer 200 of its readiness probe. */
  seconds: number
}

/** The content of measurements.json. */
export interface Results {
  /** What made the closed loads. */
  load: string
  measurements: Measurement[]
  overloads: Overload[]
  fairness: Fairness[]
  liveness: Liveness[]
  starts: Start[]
}

const FIGURES = ['rate', 'p50', 'p99', 'errors', 'cpu', 'memory', 'peak', 'readyAfter', 'probe'] as const

/** Medians over the rounds, as Markdown and as a picture. */
export async function report (results: Results, machine: string): Promise<{ markdown: string, picture: Buffer }> {
  const { measurements, overloads, fairness, liveness, starts } = results
  const groups = groupBy(measurements, keyOf)
  const medians = [...groups.values()].map(group => ({
    ...group[0]!, ...Object.fromEntries(FIGURES.map(figure => [figure, median(group.map(each => each[figure]))]))
  }))
  const works = [...new Set(medians.map(({ work }) => work))]
  const rounds = new Set(measurements.map(({ round }) => round)).size
  const markdown = [
    `Medians of ${rounds} rounds, all systems in turn in each, on ${machine}. The load came from ${results.load} on the same machine.\n`,
    goalTable(results),
    ...works.map(work => workTable(work, medians, measurements)),
    startTable(starts),
    ratioTable(measurements),
    overloadTable(overloads),
    fairnessTable(fairness),
    livenessTable(liveness)
  ].filter(section => section !== '').join('\n')
  return { markdown, picture: await draw(medians, works) }
}

/** What each goal asks for, and what came out. */
function goalTable (results: Results): string {
  const lines = outcomesOf(results).map(outcome => {
    const { goal, least, most, value, unit } = outcome
    const digits = unit === 'MiB' ? 0 : 2
    const verdict = { true: 'reached', false: '**missed**', null: 'NOT RUN' }[`${isReached(outcome)}`]
    return `| ${goal} | ${least === undefined ? `≤ ${most}` : `≥ ${least}`} ${unit} | ${value === null ? '' : `${value.toFixed(digits)} ${unit}`} | ${verdict} |`
  })
  return ['### Goals', '', '| | goal | this run | |', '|---|---|---|---|', ...lines, ''].join('\n')
}

/** The systems at one work. Each ratio is the median of the ratios within a round. */
function workTable (work: string, medians: Measurement[], measurements: Measurement[]): string {
  const against = (row: Measurement, isOther: (group: Measurement[]) => Measurement | undefined): string => {
    const ratios = measurements.filter(each => keyOf(each) === keyOf(row)).flatMap(own => {
      const other = isOther(measurements.filter(each => placeOf(each) === placeOf(own)))
      return other && other.rate > 0 ? [own.rate / other.rate] : []
    })
    return ratioText(ratios)
  }
  const named = (name: string) => (group: Measurement[]) => group.find(({ system }) => system === name)
  const rows = medians.filter(each => each.work === work).map(row => {
    const { system, connections, rate, p50, p99, cpu, memory, peak, probe, errors } = row
    // There are no connections to measure.
    const ofHttp = (text: string) => system === NO_HTTP ? '' : text
    return [
      system, connections, rate.toFixed(rate < 100 ? 1 : 0), against(row, named(RUST)), against(row, named(BARE_FASTIFY)), against(row, bestPython),
      ofHttp(p50.toFixed(p50 < 10 ? 2 : 0)), ofHttp(p99.toFixed(p99 < 10 ? 2 : 0)), Number.isFinite(cpu) ? cpu.toFixed(cpu < 1 ? 3 : 2) : '–',
      ofHttp(peak.toFixed(0)), ofHttp(memory.toFixed(0)), ofHttp(probe.toFixed(1)), ofHttp(String(errors))
    ]
  })
  const columns = ['system', 'connections', 'answers/s', 'against Rust', 'against bare Fastify', 'against the best Python', 'p50 ms', 'p99 ms', 'CPU ms each', 'MiB at the peak', 'MiB afterwards', 'probe p99 ms', 'errors']
  return [`### ${work}`, '', ...[columns, columns.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`), ''].join('\n')
}

function startTable (starts: Start[]): string {
  const models = [...new Set(starts.map(({ model }) => model))]
  const count = Math.max(0, ...starts.map(({ round }) => round))
  return table(`Start to ready, medians of ${count} starts`, ['system', ...models.map(model => `with the model of ${model}, s`)], starts, (_of, group) => models.map(model => {
    const seconds = group.filter(each => each.model === model).map(each => each.seconds)
    return seconds.length > 0 ? median(seconds).toFixed(2) : ''
  }))
}

/** Ratios of figures of the same round, in which the systems were measured one after another. */
function ratioTable (measurements: Measurement[]): string {
  const binary = new Map(measurements.filter(({ system }) => system === BINARY_PATH).map(each => [placeOf(each), each]))
  const ratios = measurements.flatMap(other => {
    const own = binary.get(placeOf(other))
    return own && own !== other && own.rate > 0 && other.rate > 0 ? [{ system: `${other.work}: ${other.system}, ${other.connections} connections`, rate: own.rate / other.rate, cpu: other.cpu / own.cpu }] : []
  })
  return table(`${BINARY_PATH} against the others`, ['other', 'answers/s', 'answers for the same CPU time'], ratios, of => [
    `${of(({ rate }) => rate).toFixed(2)} ×`,
    `${of(({ cpu }) => cpu).toFixed(2)} ×`
  ])
}

/** Measurements of the same place compare systems. */
function placeOf ({ work, round, connections }: Measurement): string {
  return `${work}|${round}|${connections}`
}

function overloadTable (overloads: Overload[]): string {
  return table('Three times as many photos as it can answer', ['system', 'offered/s', 'answered/s', 'of its own peak', 'refused/s', 'failed/s', 'p99 ms', 'against the best Python', 'probe p99 ms'], overloads, (of, group) => [
    of(({ offered }) => offered).toFixed(0),
    of(({ answered }) => answered).toFixed(0),
    `${of(({ answered, peak }) => answered / peak).toFixed(2)} ×`,
    of(({ refused }) => refused).toFixed(0),
    of(({ failed }) => failed).toFixed(0),
    of(({ p99 }) => p99).toFixed(0),
    ratioText(group.flatMap(own => {
      const best = bestPython(overloads.filter(({ round }) => round === own.round).map(({ system, answered, p99 }) => ({ system, rate: answered, p99 })))
      return best && best.p99 > 0 ? [own.p99 / best.p99] : []
    })),
    of(({ probe }) => probe).toFixed(1)
  ])
}

/** The median of ratios, or nothing without any. */
function ratioText (ratios: number[]): string {
  return ratios.length > 0 ? `${median(ratios).toFixed(2)} ×` : ''
}

function fairnessTable (fairness: Fairness[]): string {
  return table(`A small photo beside ${LARGE_CLIENTS} large ones`, ['system', 'small alone p50 ms', 'small beside large p50 ms', 'against alone', 'large p50 ms', 'small against large', 'failed'], fairness, of => [
    of(({ alone }) => alone).toFixed(1),
    of(({ beside }) => beside).toFixed(1),
    `${of(({ beside, alone }) => beside / alone).toFixed(1)} ×`,
    of(({ large }) => large).toFixed(1),
    `${of(({ beside, large }) => beside / large).toFixed(2)} ×`,
    of(({ failed }) => failed).toFixed(0)
  ])
}

function livenessTable (liveness: Liveness[]): string {
  return table('Liveness probe under load', ['system', 'connections', 'p99 ms', 'longest ms'], liveness, of => [
    of(({ connections }) => connections).toFixed(0),
    of(({ p99 }) => p99).toFixed(1),
    of(({ longest }) => longest).toFixed(1)
  ])
}

/**
 * A section with one row for each system, or nothing without results.
 *
 * @param cellsOf the cells after the system's name, from its results; `of` is the median of a figure over them
 */
function table<T extends { system: string }> (title: string, columns: string[], results: T[], cellsOf: (of: (figure: (result: T) => number) => number, group: T[]) => string[]): string {
  if (results.length === 0) return ''
  const rows = [...groupBy(results, ({ system }) => system)].map(([system, group]) => [system, ...cellsOf(figure => median(group.map(figure)), group)])
  const lines = [columns, ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return [`### ${title}`, '', lines[0], `|${'---|'.repeat(columns.length)}`, ...lines.slice(1), ''].join('\n')
}

function keyOf ({ system, work, connections }: Measurement): string {
  return `${work}|${system}|${connections}`
}

function groupBy<T> (list: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) groups.set(key(item), [...groups.get(key(item)) ?? [], item])
  return groups
}

/** Bars of the answers a second of the servers at 16 connections. The best one of each work has the full length. */
async function draw (medians: Measurement[], works: string[]): Promise<Buffer> {
  const limits = [NO_HTTP, ...SYSTEMS.filter(({ isLimit }) => isLimit).map(({ name }) => name)]
  const bars = works.flatMap(work => {
    const rows = medians.filter(each => each.work === work && each.connections === 16 && !limits.includes(each.system)).sort((a, b) => b.rate - a.rate)
    const most = Math.max(...rows.map(({ rate }) => rate))
    return [{ title: work, text: '', share: 0 }, ...rows.map(({ system, rate }) => ({ title: system, text: `${rate.toFixed(rate < 100 ? 1 : 0)}/s`, share: rate / most }))]
  })
  const height = bars.length * 24 + 20
  const shapes = bars.map(({ title, text, share }, at) => {
    const y = 20 + at * 24
    if (!text) return `<text x="10" y="${y + 6}" font-weight="bold">${escapeHtml(title)}, 16 connections</text>`
    return `<text x="300" y="${y + 6}" text-anchor="end">${escapeHtml(title)}</text>
<rect x="310" y="${y - 7}" width="${(share * 420).toFixed(1)}" height="16" rx="3" fill="${title.startsWith('Servery') ? '#c2410c' : '#a8a29e'}"/>
<text x="${316 + share * 420}" y="${y + 6}">${text}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="820" height="${height}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#ffffff"/>${shapes.join('\n')}</svg>`
  // The service blocks SVG. This code wrote this SVG itself.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  return await sharp(Buffer.from(svg)).png({ palette: true }).toBuffer()
}
