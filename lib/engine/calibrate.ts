import type { Row } from '../input/tensor.ts'
import type { Card } from '../model/card.ts'
import { WorkerPool } from './pool.ts'
import type { Runner } from './runner.ts'
import type { SessionOptions } from './session.ts'

/** One layout that was tried. */
export interface Trial {
  /** Worker threads; 0 is inline, on the event loop. */
  workers: number
  /** ONNX Runtime's threads in each. */
  threads: number
  /** Rows in a run. */
  batch: number
  /** Rows a second, with every worker busy. */
  rate: number
  /** Milliseconds of a run. */
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

export interface CalibrationOptions {
  /** Path of an ONNX file, or its bytes. */
  model: string | Uint8Array
  card: Card
  /** A row to run; it may be still in the making while the model is loaded. */
  row: Row | Promise<Row>
  /** CPUs that may be used. */
  cpus: number
  /** Set from outside; what is not set is measured. */
  workers?: number | undefined
  threads?: number | undefined
  maxBatch?: number | undefined
}

/** A run shorter than this, in milliseconds, is shorter than the way to a worker and back: it stays on the event loop. */
const INLINE_LATENCY = 0.2

/** The event loop is never held longer than this by one inline batch, in milliseconds. */
const INLINE_WAIT = 2

/** A run shorter than this, in milliseconds, gains nothing from being split over threads. */
const SPLIT_LATENCY = 20

/** Whoever comes when every worker has its batches should not wait longer than this, in milliseconds: larger ones are not tried. */
const WAIT = 100

/** How much of the best rate is good enough to prefer fewer workers, each of which holds the whole model, or a larger batch. */
const GOOD_ENOUGH = 0.93

/** What one trial of a layout that has a rival, and one of a batch, may take, in milliseconds; one run is made in any case. */
const LAYOUT_TRIAL = 60
const BATCH_TRIAL = 15

/** How long workers run before they are measured, in milliseconds: their first runs are slower than any later. */
const WARM_UP = 30

/** Rows in a run are tried from 1 to this, so many times more in each trial. */
const LARGEST_BATCH = 256
const STEP = 4

/**
 * Loads a model in the layout that suits it on this machine, by measuring: inline or in workers, with how many threads,
 * and up to which batch. What is set from outside is not measured. Well under a second for a model that runs in
 * milliseconds.
 *
 * @throws Error when the model cannot be loaded or run
 */
export async function calibrate (options: CalibrationOptions): Promise<Engine> {
  const trials: Trial[] = []
  const { runner, first } = await chooseLayout(options, trials)
  const { workers, threads } = first
  try {
    const maxBatch = options.maxBatch ?? (runner.batches ? await chooseBatch(runner, first, await options.row, trials) : 1)
    return { runner, workers, threads, maxBatch, trials }
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** A layout that runs, and its first trial. */
interface Layout {
  runner: Runner
  first: Trial
}

async function chooseLayout ({ model, card, row, cpus, workers, threads }: CalibrationOptions, trials: Trial[]): Promise<Layout> {
  const open = async (workers: number, threads: number, time = 0): Promise<Layout> => {
    const session = { model, card, threads }
    const [runner, example] = await Promise.all([workers === 0 ? openInline(session) : WorkerPool.open(session, workers), row])
    try {
      await measure(runner, example, 1, workers === 0 ? 0 : WARM_UP)
      const first = { workers, threads, batch: 1, ...await measure(runner, example, 1, time) }
      trials.push(first)
      return { runner, first }
    } catch (error) {
      await runner.close()
      throw error
    }
  }
  if (workers !== undefined) return await open(workers, threads ?? Math.max(1, Math.floor(cpus / Math.max(1, workers))))

  // The likelier first, for what is tried in vain is the most of a start: rows are a matter of microseconds, pictures not.
  if (card.input.kind === 'table') {
    const inline = await open(0, threads ?? 1)
    if (inline.first.latency < INLINE_LATENCY) return inline
    await inline.runner.close()
  }
  const many = await open(threads === undefined ? cpus : Math.max(1, Math.floor(cpus / threads)), threads ?? 1)
  if (many.first.latency < INLINE_LATENCY) {
    await many.runner.close()
    return await open(0, threads ?? 1)
  }
  if (many.first.workers === 1 || threads !== undefined || many.first.latency < SPLIT_LATENCY) return many
  Object.assign(many.first, await measure(many.runner, await row, 1, LAYOUT_TRIAL))
  const one = await open(1, cpus, LAYOUT_TRIAL)
  const [chosen, other] = one.first.rate < many.first.rate * GOOD_ENOUGH ? [many, one] : [one, many]
  await other.runner.close()
  return chosen
}

/** Loaded when it is needed: the thread that asks pays for ONNX Runtime only where it runs the model. */
async function openInline (session: SessionOptions): Promise<Runner> {
  const { InlineRunner } = await import('./inline.ts')
  return await InlineRunner.open(session)
}

/**
 * The largest batch that costs nothing: it is only filled by what piled up, and one message and one wake-up for many
 * rows is less than for each, which no trial without callers shows.
 */
async function chooseBatch (runner: Runner, first: Trial, row: Row, trials: Trial[]): Promise<number> {
  // The first trial of a layout without a rival was of one run each.
  Object.assign(first, await measure(runner, row, 1, BATCH_TRIAL))
  let { batch, rate: best } = first
  for (let next = STEP; next <= LARGEST_BATCH; next *= STEP) {
    if (runner.idle * next / best * 1000 > (first.workers === 0 ? INLINE_WAIT : WAIT)) break
    const trial = { ...first, batch: next, ...await measure(runner, row, next, BATCH_TRIAL) }
    trials.push(trial)
    if (trial.rate < best * GOOD_ENOUGH) break
    batch = next
    best = Math.max(best, trial.rate)
  }
  return batch
}

/** Keeps every worker as busy as it can be with the row for a while (milliseconds), for one run each at least. */
async function measure (runner: Runner, row: Row, batch: number, time: number): Promise<{ rate: number, latency: number }> {
  const rows = Array.from({ length: batch }, () => row)
  const started = performance.now()
  let runs = 0
  let total = 0
  await Promise.all(Array.from({ length: runner.idle }, async () => {
    do {
      const { outcomes: [outcome], duration } = await runner.run(rows)
      if (!outcome || 'error' in outcome) throw new Error(outcome?.error ?? 'the run answered nothing')
      runs++
      total += duration
    } while (performance.now() - started < time)
  }))
  const elapsed = performance.now() - started
  return { rate: Math.round(runs * batch / elapsed * 1000), latency: Math.round(total / runs * 1000) / 1000 }
}
