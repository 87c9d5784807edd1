import type { Results } from './report.ts'
import { median } from './statistics.ts'
import { BARE_FASTIFY, FASTAPI, PYTHON_SYSTEMS, RUST, SERVERY } from './systems.ts'
import { HUNDRED_ROWS, LARGE_PHOTO, ONE_ROW, SMALL_PHOTO } from './works.ts'

/** A goal, and what came out: the median over the rounds. */
export interface Outcome {
  goal: string
  /** The figure that the goal asks for: at least it, or at most it. */
  least?: number
  most?: number
  /** `null`: the run has no figures for it. */
  value: number | null
  unit: '×' | 'MiB'
}

type Found = Pick<Results['measurements'][number], 'system' | 'rate' | 'p99' | 'peak'>

/** Connections of the goals that name none. */
const CONNECTIONS = 16

const [THROUGHPUT_OVER_RUST, THROUGHPUT_OVER_PYTHON, P99_OF_PYTHON] = [1, 1.8, 0.5]

/** The outcome of each goal. A ratio is one of figures of the same round, in which the systems were measured one after another. */
export function outcomesOf ({ measurements, overloads, starts }: Results): Outcome[] {
  const rounds = [...new Set(measurements.map(({ round }) => round))]
  /** The median over the rounds of what `figure` makes of the systems in the same round. */
  const ofRounds = (work: string, connections: number, figure: (own: Found, others: Found[]) => number | undefined): number | null => {
    const figures = rounds.flatMap(round => {
      const group = measurements.filter(each => each.work === work && each.connections === connections && each.round === round)
      const own = group.find(({ system }) => system === SERVERY)
      return own ? figure(own, group) ?? [] : []
    })
    return figures.length > 0 ? median(figures) : null
  }
  const rateAgainst = (name: string) => (own: Found, others: Found[]) => {
    const other = others.find(({ system }) => system === name)
    return other && own.rate / other.rate
  }
  const rateAgainstPython = (own: Found, others: Found[]) => {
    const best = bestPython(others)
    return best && own.rate / best.rate
  }
  const p99AgainstPython = (own: Found, others: Found[]) => {
    const best = bestPython(others)
    return best && own.p99 / best.p99
  }
  const startAgainstFastapi = (model: string) => {
    const secondsOf = (name: string) => starts.filter(each => each.system === name && each.model === model).map(({ seconds }) => seconds)
    const [own, other] = [secondsOf(SERVERY), secondsOf(FASTAPI)]
    return own.length > 0 && other.length > 0 ? median(own) / median(other) : null
  }
  const peakMib = (work: string) => ofRounds(work, CONNECTIONS, own => own.peak)
  const shares = overloads.filter(({ system }) => system === SERVERY).map(({ answered, peak }) => answered / peak)

  return [
    ...[16, 64].flatMap((connections): Outcome[] => {
      const work = `${SMALL_PHOTO.name}, ${connections} connections`
      return [
        { goal: `${work}: throughput against Rust`, least: THROUGHPUT_OVER_RUST, value: ofRounds(SMALL_PHOTO.name, connections, rateAgainst(RUST)), unit: '×' },
        { goal: `${work}: throughput against the best Python peer`, least: THROUGHPUT_OVER_PYTHON, value: ofRounds(SMALL_PHOTO.name, connections, rateAgainstPython), unit: '×' },
        { goal: `${work}: p99 against the best Python peer`, most: P99_OF_PYTHON, value: ofRounds(SMALL_PHOTO.name, connections, p99AgainstPython), unit: '×' }
      ]
    }),
    { goal: `${LARGE_PHOTO.name}: throughput against Rust`, least: 1.05, value: ofRounds(LARGE_PHOTO.name, CONNECTIONS, rateAgainst(RUST)), unit: '×' },
    { goal: `${ONE_ROW.name}: throughput against bare Fastify`, least: 0.85, value: ofRounds(ONE_ROW.name, CONNECTIONS, rateAgainst(BARE_FASTIFY)), unit: '×' },
    { goal: `${ONE_ROW.name}: throughput against the best Python peer`, least: 4, value: ofRounds(ONE_ROW.name, CONNECTIONS, rateAgainstPython), unit: '×' },
    { goal: `${HUNDRED_ROWS.name}: throughput against the best Python peer`, least: 3, value: ofRounds(HUNDRED_ROWS.name, CONNECTIONS, rateAgainstPython), unit: '×' },
    { goal: `${HUNDRED_ROWS.name}: throughput against Rust`, least: 0.5, value: ofRounds(HUNDRED_ROWS.name, CONNECTIONS, rateAgainst(RUST)), unit: '×' },
    { goal: 'start to ready with photos, against FastAPI in one process', most: 0.9, value: startAgainstFastapi(SMALL_PHOTO.name), unit: '×' },
    { goal: 'start to ready with rows, against FastAPI in one process', most: 0.9, value: startAgainstFastapi(ONE_ROW.name), unit: '×' },
    { goal: 'memory with photos, at its peak', most: 150, value: peakMib(SMALL_PHOTO.name), unit: 'MiB' },
    { goal: 'memory with rows, at its peak', most: 110, value: peakMib(ONE_ROW.name), unit: 'MiB' },
    { goal: 'three times overload: answers, against its own peak', least: 0.9, value: shares.length > 0 ? median(shares) : null, unit: '×' }
  ]
}

/** The peer in Python with the most answers a second. */
export function bestPython<Each extends { system: string, rate: number }> (measurements: Each[]): Each | undefined {
  return measurements.filter(({ system }) => PYTHON_SYSTEMS.includes(system)).toSorted((a, b) => b.rate - a.rate)[0]
}

/** Whether a goal is reached; `null` without a figure. */
export function isReached ({ least = -Infinity, most = Infinity, value }: Outcome): boolean | null {
  return value === null ? null : value >= least && value <= most
}
