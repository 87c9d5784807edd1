import type { Row } from '../modalities/modality.ts'
import type { Runner } from './runner.ts'

/** One layout that was tried. */
export interface Trial {
  /** Worker threads; 0 is inline, on the event loop. */
  workers: number
  /** ONNX Runtime's threads in each. */
  threads: number
  /** Rows in a run. */
  batch: number
  /** Rows a second, with every CPU that may be used busy with nothing else. */
  rate: number
  /** Milliseconds of the quickest run of the model. */
  latency: number
}

/** The layout that was chosen, running, and what it was chosen from. */
export interface Engine {
  runner: Runner
  workers: number
  threads: number
  maxBatch: number
  trials: Trial[]
}

/** Time as calibration sees it, in milliseconds. */
export interface Clock {
  now: () => number
  /** CPU time that this process has used, on all its threads: other processes take nothing of it. */
  cpu: () => number
}

export interface CalibrationOptions {
  /** Loads the model in a layout; 0 workers is inline. */
  open: (workers: number, threads: number) => Promise<Runner>
  /** A row to run; it may be still in the making while the model is loaded. */
  row: Row | Promise<Row>
  /** Whether running inline is likely, and tried first: what is tried in vain is the most expensive part of a start. */
  isQuick: boolean
  /** CPUs that may be used. */
  cpus: number
  /** Set from outside; what is not set is measured. */
  workers?: number | undefined
  threads?: number | undefined
  maxBatch?: number | undefined
  clock?: Clock
}

const CLOCK: Clock = {
  now: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** An input that costs less CPU time than this costs less than the way to a worker and back: it stays on the event loop. */
const INLINE_COST_MS = 0.2

/** The event loop is never held longer than this by one inline batch. */
const INLINE_WAIT_MS = 2

/** The run of an input that costs less CPU time than this gains nothing from being split over threads. */
const SPLIT_COST_MS = 20

/** An input that comes when every worker has its batches should not wait longer than this: larger batches are not tried. */
const QUEUE_WAIT_MS = 180

/** A layout with fewer workers, each of which holds the whole model, may have this much less of the best rate. */
const GOOD_RATE = 0.93

/** A larger batch may cost this many times the CPU time of the cheapest, for each row. */
const GOOD_COST = 1.15

/** Workers run this long before they are measured: their first runs are slower than any later. */
const WARM_UP_MS = 30

/** Two layouts take turns this often, the best turn of each counts, and for no longer than this. */
const TURNS = 3
const TURNS_MS = 500

/** Rounds of the first batch, and of a larger one before it is given up as too expensive. */
const FIRST_ROUNDS = 3
const PATIENT_ROUNDS = 8

/** Rounds of one trial go on until they took this much CPU time: a run may take microseconds. */
const TRIAL_CPU_MS = 4

/** Rows in a run are tried from 1 to this, four times more in each trial. */
const LARGEST_BATCH_ROWS = 256
const BATCH_GROWTH = 4

/**
 * Loads a model in the layout that suits it on this machine, by measuring: inline or in workers, with how many threads,
 * and up to which batch. What is set from outside is not measured.
 *
 * Other processes may be busy meanwhile, and must not decide: what counts is the CPU time that this process takes, and
 * the best of several rounds. Only two layouts are compared by the clock, taking turns.
 *
 * @throws Error when the model cannot be loaded or run
 */
export async function calibrate (options: CalibrationOptions): Promise<Engine> {
  const trials: Trial[] = []
  const layout = await chooseLayout(options, trials)
  const { runner, workers, threads } = layout
  try {
    const maxBatch = options.maxBatch ?? (runner.batches ? await chooseBatch(layout, options, trials) : 1)
    return { runner, workers, threads, maxBatch, trials }
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** A layout that runs and is warm. */
interface Layout {
  runner: Runner
  workers: number
  threads: number
  first: Trial
  /** Milliseconds of CPU time that one input costs, decoding included. */
  cost: number
}

async function chooseLayout ({ open: load, row, isQuick, cpus, workers, threads, clock = CLOCK }: CalibrationOptions, trials: Trial[]): Promise<Layout> {
  const open = async (workers: number, threads: number): Promise<Layout> => {
    const [runner, example] = await Promise.all([load(workers, threads), row])
    try {
      const first = { workers, threads, batch: 1, rate: 0, latency: Infinity }
      const started = clock.now()
      let cost = Infinity
      do {
        const round = await runAll(runner, example, 1, clock)
        takeTurn(first, runner, round)
        cost = Math.min(cost, round.cpu / runner.size)
      } while (clock.now() - started < WARM_UP_MS)
      trials.push(first)
      return { runner, workers, threads, first, cost }
    } catch (error) {
      await runner.close()
      throw error
    }
  }
  if (workers !== undefined) return await open(workers, threads ?? Math.max(1, Math.floor(cpus / Math.max(1, workers))))

  if (isQuick) {
    const inline = await open(0, threads ?? 1)
    if (inline.cost < INLINE_COST_MS) return inline
    await inline.runner.close()
  }
  const many = await open(threads === undefined ? cpus : Math.max(1, Math.floor(cpus / threads)), threads ?? 1)
  if (many.cost < INLINE_COST_MS) {
    await many.runner.close()
    return await open(0, threads ?? 1)
  }
  if (many.workers === 1 || threads !== undefined || many.cost < SPLIT_COST_MS) return many
  const one = await open(1, cpus)
  const started = clock.now()
  for (let turn = 0; turn < TURNS && (turn === 0 || clock.now() - started < TURNS_MS); turn++) {
    for (const { first, runner } of [many, one]) takeTurn(first, runner, await runAll(runner, await row, 1, clock))
  }
  const [chosen, other] = one.first.rate < many.first.rate * GOOD_RATE ? [many, one] : [one, many]
  await other.runner.close()
  return chosen
}

function takeTurn (trial: Trial, { size }: Runner, { elapsed, latency }: Round): void {
  trial.rate = Math.max(trial.rate, Math.round(size / elapsed * 1000))
  trial.latency = Math.min(trial.latency, latency)
}

/**
 * The largest batch that costs nothing: it is only filled by what piled up, and one message and one wake-up for many
 * rows is less than for each, which no trial without callers shows.
 */
async function chooseBatch ({ runner, workers, threads, first }: Layout, { row, cpus, clock = CLOCK }: CalibrationOptions, trials: Trial[]): Promise<number> {
  const example = await row
  // As many CPUs as the layout can use.
  const parallel = Math.min(cpus, Math.max(1, workers) * threads)
  const limit = workers === 0 ? INLINE_WAIT_MS : QUEUE_WAIT_MS
  let cheapest = { batch: 1, ...await costOf(runner, example, 1, FIRST_ROUNDS, clock) }
  Object.assign(first, trialOf(cheapest, parallel))
  let chosen = 1
  for (let batch = BATCH_GROWTH; batch <= LARGEST_BATCH_ROWS; batch *= BATCH_GROWTH) {
    if (runner.idle * batch * cheapest.cost / parallel > limit) break
    let next = { batch, ...await costOf(runner, example, batch, 1, clock) }
    // Other work on the same cores makes both dearer, so both are measured again, one after the other.
    for (let round = 1; round < PATIENT_ROUNDS && next.cost > cheapest.cost * GOOD_COST; round++) {
      const again = await costOf(runner, example, cheapest.batch, 1, clock)
      next = { batch, ...await costOf(runner, example, batch, 1, clock) }
      if (next.cost <= again.cost * GOOD_COST) break
      if (round === PATIENT_ROUNDS - 1) return chosen
    }
    trials.push({ workers, threads, ...trialOf(next, parallel) })
    chosen = batch
    if (next.cost < cheapest.cost) cheapest = next
  }
  return chosen
}

/** What a row costs in a batch: milliseconds of CPU time, and of the quickest run of the model. */
interface Cost {
  cost: number
  latency: number
}

async function costOf (runner: Runner, row: Row, batch: number, rounds: number, clock: Clock): Promise<Cost> {
  const best = { cost: Infinity, latency: Infinity }
  for (let round = 0, spent = 0; round < rounds || spent < TRIAL_CPU_MS; round++) {
    const { cpu, latency } = await runAll(runner, row, batch, clock)
    best.cost = Math.min(best.cost, cpu / (runner.size * batch))
    best.latency = Math.min(best.latency, latency)
    spent += cpu
  }
  return best
}

function trialOf ({ batch, cost, latency }: Cost & { batch: number }, parallel: number): Pick<Trial, 'batch' | 'rate' | 'latency'> {
  return { batch, rate: Math.round(parallel / cost * 1000), latency }
}

/** One batch on every part of a runner, side by side. */
interface Round {
  elapsed: number
  cpu: number
  latency: number
}

async function runAll (runner: Runner, row: Row, batch: number, clock: Clock): Promise<Round> {
  const rows = Array.from({ length: batch }, () => row)
  const [started, cpu] = [clock.now(), clock.cpu()]
  const runs = await Promise.all(Array.from({ length: runner.size }, async () => await runner.run(rows)))
  for (const { outcomes: [outcome] } of runs) {
    if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the example was not answered')
  }
  return {
    elapsed: clock.now() - started,
    cpu: Math.max(clock.cpu() - cpu, Number.EPSILON),
    latency: Math.round(Math.min(...runs.map(({ infer }) => infer)) * 1000) / 1000
  }
}
