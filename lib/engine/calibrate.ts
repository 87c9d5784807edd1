import type { Row } from '../input/tensor.ts'
import type { Card } from '../model/card.ts'
import { InlineRunner } from './inline.ts'
import { WorkerPool } from './pool.ts'
import type { Runner } from './runner.ts'

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
  /** A row to run. */
  row: Row
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
const INLINE_BATCH_LATENCY = 2

/** A run shorter than this, in milliseconds, gains nothing from being split over threads. */
const SPLIT_LATENCY = 20

/** A run longer than this, in milliseconds, makes those behind it wait too long: no larger batch is tried. */
const BATCH_LATENCY = 100

/** How much of the best rate is good enough to prefer fewer workers (each holds the whole model) or a smaller batch. */
const GOOD_ENOUGH = 0.93

/** What one trial of a layout, and one of a batch, may take, in milliseconds; one run is made in any case. */
const LAYOUT_TRIAL = 60
const BATCH_TRIAL = 15

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/**
 * Loads a model in the layout that suits it on this machine, by measuring: inline or in workers, with how many threads,
 * and up to which batch. What is set from outside is not measured. Well under a second for a model that runs in
 * milliseconds.
 *
 * @throws Error when the model cannot be loaded or run
 */
export async function calibrate (options: CalibrationOptions): Promise<Engine> {
  const trials: Trial[] = []
  const { runner, workers, threads } = await chooseLayout(options, trials)
  try {
    const maxBatch = options.maxBatch ?? (runner.batches ? await chooseBatch(runner, { workers, threads }, options.row, trials) : 1)
    return { runner, workers, threads, maxBatch, trials }
  } catch (error) {
    await runner.close()
    throw error
  }
}

type Layout = Pick<Engine, 'runner' | 'workers' | 'threads'>

async function chooseLayout ({ model, card, row, cpus, workers, threads }: CalibrationOptions, trials: Trial[]): Promise<Layout> {
  const open = async (workers: number, threads: number, time = LAYOUT_TRIAL): Promise<Layout & Trial> => {
    const session = { model, card, threads }
    const runner = workers === 0 ? await InlineRunner.open(session) : await WorkerPool.open(session, workers)
    try {
      await measure(runner, row, 1, 0)
      const trial = { workers, threads, batch: 1, ...await measure(runner, row, 1, time) }
      trials.push(trial)
      return { ...trial, runner }
    } catch (error) {
      await runner.close()
      throw error
    }
  }
  if (workers !== undefined) return await open(workers, threads ?? Math.max(1, Math.floor(cpus / Math.max(1, workers))))

  // Nobody waits for the event loop yet, and most of what follows depends on this.
  const inline = await open(0, threads ?? 1, 0)
  if (inline.latency < INLINE_LATENCY) return inline
  await inline.runner.close()
  const many = await open(threads === undefined ? cpus : Math.max(1, Math.floor(cpus / threads)), threads ?? 1)
  if (many.workers === 1 || threads !== undefined || inline.latency < SPLIT_LATENCY) return many
  const one = await open(1, cpus)
  const [chosen, other] = one.rate < many.rate * GOOD_ENOUGH ? [many, one] : [one, many]
  await other.runner.close()
  return chosen
}

async function chooseBatch (runner: Runner, layout: { workers: number, threads: number }, row: Row, trials: Trial[]): Promise<number> {
  const tried: Trial[] = []
  for (const batch of BATCHES) {
    const trial = { ...layout, batch, ...await measure(runner, row, batch, BATCH_TRIAL) }
    if (batch > 1 && trial.latency > (layout.workers === 0 ? INLINE_BATCH_LATENCY : BATCH_LATENCY)) break
    tried.push(trial)
    const [previous] = tried.slice(-3)
    // Two doublings without a gain: there will be none.
    if (tried.length > 2 && previous && trial.rate * GOOD_ENOUGH < previous.rate) break
  }
  trials.push(...tried.slice(1))
  const best = Math.max(...tried.map(({ rate }) => rate))
  return tried.find(({ rate }) => rate >= best * GOOD_ENOUGH)?.batch ?? 1
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
