import type { Row } from '../modalities/modality.ts'
import type { Runner } from './runner.ts'

/** Measurement of one layout and batch size. */
export interface Trial {
  /** Worker threads; 0: the model runs inline, on the event loop. */
  workers: number
  /** ONNX Runtime threads in each worker. */
  threads: number
  /** Rows in a batch. */
  batch: number
  /** Rows per second, if all CPUs that the layout can use are free for it. */
  rate: number
  /** Milliseconds of the fastest run of the model on one batch. */
  latency: number
}

/** The running model in its chosen layout. */
export interface Engine {
  /** Has loaded the model and is warm. */
  runner: Runner
  /** Worker threads; 0: the model runs inline, on the event loop. */
  workers: number
  /** ONNX Runtime threads in each worker. */
  threads: number
  /** Largest number of rows in a batch. */
  maxBatch: number
  /** Names of the execution providers of ONNX Runtime in the order of preference. */
  providers: readonly string[]
  /** All measurements, in the order of the trials. */
  trials: Trial[]
}

/** The clocks of the calibration, in milliseconds. */
export interface Clock {
  now: () => number
  /** CPU time of all threads of this process. Load from other processes does not count. */
  cpu: () => number
}

/** The model to calibrate and its fixed settings. */
export interface CalibrationOptions {
  /** Loads the model in a layout; 0 workers: inline. */
  open: (workers: number, threads: number) => Promise<Runner>
  /** Example row to run. A promise lets its preparation overlap with the loading of the model. */
  row: Row | Promise<Row>
  /** Whether to try the inline layout first. A rejected layout costs start-up time, so the likely one comes first. */
  isQuick: boolean
  /** Whether every input costs about as much as the example row. If not, the inline layout is not tried. Default: true. */
  isEven?: boolean
  /** Number of CPUs that the service may use. */
  cpus: number
  /** Fixed value from the configuration; measured if not set. The same holds for `threads` and `maxBatch`. */
  workers?: number | undefined
  threads?: number | undefined
  maxBatch?: number | undefined
  /** Execution providers that the model is loaded with. Default: the CPU. */
  providers?: readonly string[]
  clock?: Clock
}

const CLOCK: Clock = {
  now: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** A cheaper input stays on the event loop: sending it to a worker and back would cost more CPU time than the run itself. */
const INLINE_COST_MS = 0.2

/** Longest time that one inline batch may block the event loop. */
const INLINE_WAIT_MS = 2

/** The run of a cheaper input gains nothing from several ONNX Runtime threads. */
const SPLIT_COST_MS = 20

/** Longest wait for a new request when each worker holds as many batches as it can. Limits the batch size. */
const QUEUE_WAIT_MS = 180

/** One worker, which saves memory, is chosen if it reaches this share of the rate of many workers. */
const GOOD_RATE_RATIO = 0.93

/** A larger batch may cost up to this many times the CPU time per row of the cheapest batch. */
const GOOD_COST_RATIO = 1.15

/**
 * A batch that takes this much CPU time is not grown any more if that can save little: ONNX Runtime's arena keeps the memory
 * of the largest batch, its trial included. The message that a larger batch spares costs less than 0.1 milliseconds.
 */
const FULL_BATCH_CPU_MS = 5

/** The share of a row's CPU time that a larger batch must be able to save. */
const WORTHWHILE_SAVING = 0.2

/** Time to run a layout before its measurement counts, because the first runs are slower. */
const WARM_UP_MS = 30

/** Two layouts are measured alternately, this many times at most. The best turn of each counts. */
const TURNS = 3

/** No new turn starts after this time. */
const TURNS_MS = 500

/** Rounds for batch size 1. */
const FIRST_ROUNDS = 3

/** Rounds before a larger batch size is rejected as too expensive. */
const PATIENT_ROUNDS = 8

/** Least CPU time of a trial: one run of a small model takes microseconds, which is too short to measure. */
const TRIAL_CPU_MS = 4

/** Largest batch size that is tried. */
const LARGEST_BATCH_ROWS = 256

/** Factor from one batch size to the next. */
const BATCH_GROWTH = 4

/**
 * Measures which layout is best for a model on this machine, and loads the model in it. A layout is: inline or in workers,
 * the number of ONNX Runtime threads, and the largest batch. Fixed settings are not measured.
 *
 * Load from other processes must not change the result. Therefore decisions rest on the CPU time of this process, and on
 * the best of several rounds. Only two layouts are compared by elapsed time: they are measured alternately.
 *
 * With an execution provider other than the CPU, one worker is the default, because each has a copy of the model in the
 * memory of the device, and they would share its time. The CPU time of a run says nothing then, so elapsed time counts.
 *
 * @throws Error when the model cannot be loaded or run
 */
export async function calibrate (measured: CalibrationOptions): Promise<Engine> {
  const { providers = ['cpu'] } = measured
  const options = providers.every(name => name === 'cpu') ? measured : onDevice(measured)
  const trials: Trial[] = []
  const layout = await chooseLayout(options, trials)
  const { runner, workers, threads } = layout
  try {
    const maxBatch = options.maxBatch ?? (runner.batches ? await chooseBatch(layout, options, trials) : 1)
    return { runner, workers, threads, maxBatch, providers, trials }
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** The options for a device, which is one unit of work however many CPUs wait for it. */
function onDevice ({ clock = CLOCK, ...options }: CalibrationOptions): CalibrationOptions {
  const { workers = 1, threads = Math.max(1, Math.floor(options.cpus / Math.max(1, workers))) } = options
  return { ...options, workers, threads, cpus: 1, clock: { now: clock.now, cpu: clock.now } }
}

/** A warmed-up layout. */
interface Layout {
  runner: Runner
  workers: number
  threads: number
  /** Its measurement with batch size 1. */
  first: Trial
  /** CPU time of one input, decoding included. */
  costMs: number
}

async function chooseLayout ({ open: load, row, isQuick, isEven = true, cpus, workers, threads, clock = CLOCK }: CalibrationOptions, trials: Trial[]): Promise<Layout> {
  const open = async (workers: number, threads: number): Promise<Layout> => {
    const [runner, example] = await Promise.all([load(workers, threads), row])
    try {
      const first = { workers, threads, batch: 1, rate: 0, latency: Infinity }
      const started = clock.now()
      let costMs = Infinity
      do {
        const round = await runAll(runner, example, 1, clock)
        takeTurn(first, runner, round)
        costMs = Math.min(costMs, round.cpuMs / runner.size)
      } while (clock.now() - started < WARM_UP_MS)
      trials.push(first)
      return { runner, workers, threads, first, costMs }
    } catch (error) {
      await runner.close()
      throw error
    }
  }
  if (workers !== undefined) return await open(workers, threads ?? Math.max(1, Math.floor(cpus / Math.max(1, workers))))

  if (isQuick && isEven) {
    const inline = await open(0, threads ?? 1)
    if (inline.costMs < INLINE_COST_MS) return inline
    await inline.runner.close()
  }
  const many = await open(threads === undefined ? cpus : Math.max(1, Math.floor(cpus / threads)), threads ?? 1)
  if (isEven && many.costMs < INLINE_COST_MS) {
    await many.runner.close()
    return await open(0, threads ?? 1)
  }
  if (many.workers === 1 || threads !== undefined || many.costMs < SPLIT_COST_MS) return many
  const one = await open(1, cpus)
  const started = clock.now()
  for (let turn = 0; turn < TURNS && (turn === 0 || clock.now() - started < TURNS_MS); turn++) {
    for (const { first, runner } of [many, one]) takeTurn(first, runner, await runAll(runner, await row, 1, clock))
  }
  const [chosen, other] = one.first.rate < many.first.rate * GOOD_RATE_RATIO ? [many, one] : [one, many]
  await other.runner.close()
  return chosen
}

/** Updates a trial with one round; the best values count. */
function takeTurn (trial: Trial, { size }: Runner, { elapsedMs, latencyMs }: Round): void {
  trial.rate = Math.max(trial.rate, Math.round(size / elapsedMs * 1000))
  trial.latency = Math.min(trial.latency, latencyMs)
}

/**
 * Finds the largest batch size that costs about as little CPU time per row as the cheapest one.
 *
 * Larger is better at equal cost: a batch holds only rows that were waiting anyway, and needs one message to a worker
 * instead of one per row. The trials do not show this saving. Where a batch takes milliseconds, it is too small to pay for
 * the memory of a larger batch, which even its trial would take for good.
 */
async function chooseBatch ({ runner, workers, threads, first }: Layout, { row, cpus, clock = CLOCK }: CalibrationOptions, trials: Trial[]): Promise<number> {
  const example = await row
  const usableCpus = Math.min(cpus, Math.max(1, workers) * threads)
  const waitLimitMs = workers === 0 ? INLINE_WAIT_MS : QUEUE_WAIT_MS
  let cheapest = { batch: 1, ...await costOf(runner, example, 1, FIRST_ROUNDS, clock) }
  Object.assign(first, trialOf(cheapest, usableCpus))
  let chosen = 1
  for (let batch = BATCH_GROWTH; batch <= LARGEST_BATCH_ROWS; batch *= BATCH_GROWTH) {
    if (runner.idle * batch * cheapest.cpuMs / usableCpus > waitLimitMs) break
    let next = { batch, ...await costOf(runner, example, batch, 1, clock) }
    // Load from other processes raises both costs, so both batch sizes are measured again, one after the other.
    for (let round = 1; round < PATIENT_ROUNDS && next.cpuMs > cheapest.cpuMs * GOOD_COST_RATIO; round++) {
      const again = await costOf(runner, example, cheapest.batch, 1, clock)
      next = { batch, ...await costOf(runner, example, batch, 1, clock) }
      if (next.cpuMs <= again.cpuMs * GOOD_COST_RATIO) break
      if (round === PATIENT_ROUNDS - 1) return chosen
    }
    trials.push({ workers, threads, ...trialOf(next, usableCpus) })
    chosen = batch
    // What a batch costs once is shared by its rows. A row pays this much of it now, and a larger batch saves no more than that.
    const sharedCpuMs = (cheapest.cpuMs - next.cpuMs) / (BATCH_GROWTH - 1)
    if (batch * next.cpuMs >= FULL_BATCH_CPU_MS && sharedCpuMs < next.cpuMs * WORTHWHILE_SAVING) break
    if (next.cpuMs < cheapest.cpuMs) cheapest = next
  }
  return chosen
}

/** Cost of a batch size; the cheapest round counts. */
interface Cost {
  /** CPU time per row. */
  cpuMs: number
  /** Fastest run of the model on one batch. */
  latencyMs: number
}

async function costOf (runner: Runner, row: Row, batch: number, rounds: number, clock: Clock): Promise<Cost> {
  const best = { cpuMs: Infinity, latencyMs: Infinity }
  for (let round = 0, spentMs = 0; round < rounds || spentMs < TRIAL_CPU_MS; round++) {
    const { cpuMs, latencyMs } = await runAll(runner, row, batch, clock)
    best.cpuMs = Math.min(best.cpuMs, cpuMs / (runner.size * batch))
    best.latencyMs = Math.min(best.latencyMs, latencyMs)
    spentMs += cpuMs
  }
  return best
}

function trialOf ({ batch, cpuMs, latencyMs }: Cost & { batch: number }, usableCpus: number): Pick<Trial, 'batch' | 'rate' | 'latency'> {
  return { batch, rate: Math.round(usableCpus / cpuMs * 1000), latency: latencyMs }
}

/** Times of one batch on each worker, all in parallel. */
interface Round {
  elapsedMs: number
  /** CPU time of all batches together. */
  cpuMs: number
  /** Fastest run of the model. */
  latencyMs: number
}

async function runAll (runner: Runner, row: Row, batch: number, clock: Clock): Promise<Round> {
  const rows = Array.from({ length: batch }, () => row)
  const [startedMs, startedCpuMs] = [clock.now(), clock.cpu()]
  const runs = await Promise.all(Array.from({ length: runner.size }, async () => await runner.run(rows)))
  for (const { outcomes: [outcome] } of runs) {
    if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the model gave no answer for the example')
  }
  return {
    elapsedMs: clock.now() - startedMs,
    cpuMs: Math.max(clock.cpu() - startedCpuMs, Number.EPSILON),
    latencyMs: Math.round(Math.min(...runs.map(({ infer }) => infer)) * 1000) / 1000
  }
}
