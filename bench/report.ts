import sharp from 'sharp'
import { escapeHtml } from '../lib/html.ts'

/** One system under one load in one round. */
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
  /** MiB of the system and its children after the load. */
  memory: number
  /** Seconds from start to ready. */
  readyAfter: number
  /** Milliseconds of a readiness probe under the load, 99th percentile. */
  probe: number
}

/** One system that is offered more than it can do, in one round. Rates are in requests a second. */
export interface Overload {
  system: string
  round: number
  /** The most it answered under closed loads. */
  peak: number
  offered: number
  answered: number
  /** 503. */
  refused: number
  /** Other answers, broken connections, and what was not answered within the deadline. */
  failed: number
  /** Milliseconds of what was answered. */
  p99: number
  /** Milliseconds of a readiness probe, 99th percentile. */
  probe: number
}

const FIGURES = ['rate', 'p50', 'p99', 'errors', 'cpu', 'memory', 'readyAfter', 'probe'] as const

/** Medians over the rounds, as Markdown and as a picture. */
export async function report (measurements: Measurement[], overloads: Overload[], machine: string): Promise<{ markdown: string, picture: Buffer }> {
  const groups = groupBy(measurements, keyOf)
  const medians = [...groups.values()].map(group => ({
    ...group[0]!, ...Object.fromEntries(FIGURES.map(figure => [figure, median(group.map(each => each[figure]))]))
  }))
  const works = [...new Set(medians.map(({ work }) => work))]
  const rounds = new Set(measurements.map(({ round }) => round)).size
  const sections = works.map(work => {
    const rows = medians.filter(each => each.work === work)
    const best = (connections: number) => Math.max(...rows.filter(each => each.connections === connections && each.system !== 'Servery' && each.system !== 'no HTTP').map(({ rate }) => rate), 0)
    return [
      `### ${work}`,
      '',
      '| system | connections | answers/s | against the best other | p50 ms | p99 ms | CPU ms each | MiB | ready after s | probe p99 ms | errors |',
      '|---|---|---|---|---|---|---|---|---|---|---|',
      ...rows.map(({ system, connections, rate, p50, p99, cpu, memory, readyAfter, probe, errors }) =>
        `| ${system} | ${connections} | ${rate.toFixed(1)} | ${best(connections) ? `${(rate / best(connections)).toFixed(2)} ×` : ''} | ${p50} | ${p99} | ${cpu.toFixed(2)} | ${memory.toFixed(0)} | ${readyAfter.toFixed(2)} | ${probe.toFixed(1)} | ${errors} |`),
      ''
    ].join('\n')
  })
  const markdown = `Medians of ${rounds} rounds, all systems in turn in each, on ${machine}, the load generator on the same machine.\n\n${sections.join('\n')}\n${overloadTable(overloads)}`
  return { markdown, picture: await draw(medians, works) }
}

function overloadTable (overloads: Overload[]): string {
  const groups = [...groupBy(overloads, ({ system }) => system).entries()]
  const rows = groups.map(([system, group]) => {
    const of = (figure: Exclude<keyof Overload, 'system'>) => median(group.map(each => each[figure]))
    const share = median(group.map(({ answered, peak }) => answered / peak))
    return `| ${system} | ${of('offered').toFixed(0)} | ${of('answered').toFixed(0)} | ${share.toFixed(2)} × | ${of('refused').toFixed(0)} | ${of('failed').toFixed(0)} | ${of('p99').toFixed(0)} | ${of('probe').toFixed(1)} |`
  })
  return [
    '### Three times as many photos as it can answer',
    '',
    '| system | offered/s | answered/s | of its own peak | refused/s | failed/s | p99 ms | probe p99 ms |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    ''
  ].join('\n')
}

function keyOf ({ system, work, connections }: Measurement): string {
  return `${work}|${system}|${connections}`
}

function groupBy<T> (list: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) groups.set(key(item), [...groups.get(key(item)) ?? [], item])
  return groups
}

function median (values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Bars of answers a second at 16 connections, for each work against the best. */
async function draw (medians: Measurement[], works: string[]): Promise<Buffer> {
  const bars = works.flatMap(work => {
    const rows = medians.filter(each => each.work === work && each.connections === 16).sort((a, b) => b.rate - a.rate)
    const most = Math.max(...rows.map(({ rate }) => rate))
    return [{ title: work, text: '', share: 0 }, ...rows.map(({ system, rate }) => ({ title: system, text: `${rate.toFixed(rate < 100 ? 1 : 0)}/s`, share: rate / most }))]
  })
  const height = bars.length * 24 + 20
  const shapes = bars.map(({ title, text, share }, at) => {
    const y = 20 + at * 24
    if (!text) return `<text x="10" y="${y + 6}" font-weight="bold">${escapeHtml(title)}, 16 connections</text>`
    return `<text x="200" y="${y + 6}" text-anchor="end">${escapeHtml(title)}</text>
<rect x="210" y="${y - 7}" width="${(share * 420).toFixed(1)}" height="16" rx="3" fill="${title === 'Servery' ? '#c2410c' : '#a8a29e'}"/>
<text x="${216 + share * 420}" y="${y + 6}">${text}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${height}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#ffffff"/>${shapes.join('\n')}</svg>`
  // The service never opens SVG; this one was written a line above.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  return await sharp(Buffer.from(svg)).png({ palette: true }).toBuffer()
}
