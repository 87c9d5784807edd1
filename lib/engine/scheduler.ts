import { setMaxListeners } from 'node:events'
import { QueueFull, TooManyInputs } from '../errors.ts'
import type { Block, Row } from '../modalities/modality.ts'
import type { Outcome, Runner } from './runner.ts'

/** Milliseconds that an input spent in each stage. */
export interface Timing {
  /** Read and decode the inputs of its batch, and write their tensors. */
  decode: number
  /** All waiting: for memory, for a worker, and for messages between threads. */
  queue: number
  /** The run of the model on its batch. */
  infer: number
}

/** The result for a row, and its timing. */
export interface Scored {
  outcome: Outcome
  timing: Timing
}

/** The result for rows of a block that ran together: `outcome` holds that of row `first`, and those of the rows after it follow. */
export interface ScoredPart extends Scored {
  first: number
  count: number
}

/** Predictions have `normal` priority. Work of `low` priority waits for them, and is refused earlier. */
export type Priority = 'normal' | 'low'

/** Rows with the same batch key that were queued together. They may run in several batches. */
interface Job {
  priority: Priority
  batchKey: string
  /** Largest number of rows in its batch. Default: that of the model. */
  batchLimit: number | undefined
  rows: Row[] | Block
  /** Number of rows that have been sent to the runner. */
  sent: number
  /** Receives the result of `count` rows, of which the first has the place `first`. */
  keep: (outcomes: Outcome[], first: number, count: number, timing: Timing) => void
  /** Number of rows without a result. */
  left: number
  /** Number of rows that the runner is working on. */
  running: number
  /** Why the job has failed. It ends when the runner works on none of its rows any more. */
  failure: { reason: unknown } | null
  /** When the job was queued: a value of `performance.now()`. */
  sinceMs: number
  resolve: () => void
  reject: (error: unknown) => void
}

/** The rows of a job that belong to one batch: `count` rows, starting with row `first`. */
interface Part {
  job: Job
  first: number
  count: number
}

/** The room that one request has reserved in the queue. */
export interface Ticket {
  /**
   * Queues rows and waits for their results.
   *
   * The promise settles only when the runner works on none of the rows any more, also after `abort`. Until then, the rows
   * take memory.
   *
   * @returns one result for each row, in the same order
   * @throws the reason of `abort`
   * @throws WorkerLost
   */
  run: (rows: Row[]) => Promise<Scored[]>
  /** As `run`, for a block of rows: one result for each part of it that ran together, in order. */
  runBlock: (block: Block) => Promise<ScoredPart[]>
  /** Removes waiting rows from the queue. A run in progress cannot be stopped; it continues, and its results are dropped. */
  abort: (reason: Error) => void
  /** Aborts with the reason of `abort`. */
  readonly signal: AbortSignal
  /** Frees the room. Call it once, after all work. */
  release: () => void
}

/** Time constant of the exponential moving average of the rate. */
const RATE_MEMORY_SECONDS = 2

/** Work of low priority is refused while predictions take more than this share of the queue. */
const LOW_SHARE = 1 / 4

/** Largest batch of low priority. A new prediction never waits longer than for such a batch. */
const LOW_BATCH_ROWS = 8

/** Largest number of queued jobs to search for rows with the same batch key. Bounds the time to form a batch. */
const LOOKAHEAD_JOBS = 1024

/** The outcome of a row for which the runner returned none. */
const UNANSWERED = { error: 'the model returned too few rows', fault: 'model' } as const satisfies Outcome

/**
 * A bounded queue of rows. A row is sent as soon as a worker is free. Rows are batched only if they were waiting while all
 * workers were busy, so no row waits for a batch to fill.
 *
 * Rows of low priority have a second queue of the same limit. They are sent only while the first queue is empty and a
 * worker has no batch at all.
 */
export class Scheduler {
  readonly #runner: Runner
  readonly #maxBatch: number
  readonly #queueLimit: number
  // A Set keeps the order of insertion, and removes an aborted job in constant time.
  readonly #queues: Record<Priority, Set<Job>> = { normal: new Set(), low: new Set() }
  readonly #queued: Record<Priority, number> = { normal: 0, low: 0 }
  readonly #admitted: Record<Priority, number> = { normal: 0, low: 0 }
  #running = 0
  #dispatching = false
  /** Moving average of the answered predictions, in rows per second; 0 before the first answer. */
  #rate = 0
  /** When the rate was last measured, on `performance.now()`; `null` while no prediction is admitted. */
  #measuredMs: number | null = null

  constructor (runner: Runner, { maxBatch, queueLimit }: { maxBatch: number, queueLimit: number }) {
    this.#runner = runner
    this.#maxBatch = runner.batches ? maxBatch : 1
    this.#queueLimit = queueLimit
    runner.events.on('idle', () => this.#dispatch())
  }

  /** Number of rows that wait for a worker. */
  get queued (): number {
    return this.#queued.normal + this.#queued.low
  }

  /** Number of rows that the model is running on now. */
  get running (): number {
    return this.#running
  }

  /** Number of rows of predictions that are admitted and not yet released. */
  get admitted (): number {
    return this.#admitted.normal
  }

  /** Largest value of `admitted`. */
  get queueLimit (): number {
    return this.#queueLimit
  }

  /** Whether `admit` would refuse one more row. */
  isFull (priority: Priority): boolean {
    return !this.#fits(1, priority)
  }

  /** Largest number of rows in a batch; 1 if the model cannot batch. */
  get maxBatch (): number {
    return this.#maxBatch
  }

  /** Estimated seconds until all admitted predictions are answered, at the measured rate; 1 before the first answer. */
  get drainSeconds (): number {
    return this.#rate > 0 ? this.#admitted.normal / this.#rate : 1
  }

  /**
   * Reserves room for all rows of a request.
   *
   * @param rows number of rows
   * @throws TooManyInputs when the request has more rows than the queue can ever hold
   * @throws QueueFull when there is no room now
   */
  admit (rows: number, priority: Priority = 'normal'): Ticket {
    if (priority === 'normal' && rows > this.#queueLimit) throw new TooManyInputs(this.#queueLimit)
    if (!this.#fits(rows, priority)) throw new QueueFull(this.#admitted[priority])
    this.#admitted[priority] += rows
    if (priority === 'normal') this.#measuredMs ??= performance.now()

    const jobs = new Set<Job>()
    let aborted: Error | null = null
    // Made on demand, because an AbortController costs more than one run of a small model.
    let controller: AbortController | null = null
    const ticket: Ticket = {
      get signal () {
        if (!controller) {
          controller = new AbortController()
          // Each row of the request may wait for it.
          setMaxListeners(0, controller.signal)
          if (aborted) controller.abort(aborted)
        }
        return controller.signal
      },
      run: async rows => {
        if (aborted) throw aborted
        if (rows.every(({ batchKey }) => batchKey === rows[0]?.batchKey)) return await this.#queueRows(rows, priority, jobs)
        // Rows with different batch keys become separate jobs. The results get the order of `rows`.
        const keys = new Set(rows.map(({ batchKey }) => batchKey))
        const scored = new Array<Scored>(rows.length)
        await Promise.all([...keys].map(async key => {
          const places = rows.flatMap((row, place) => row.batchKey === key ? [place] : [])
          const part = await this.#queueRows(places.map(place => rows[place]!), priority, jobs)
          part.forEach((each, at) => { scored[places[at]!] = each })
        }))
        return scored
      },
      runBlock: async block => {
        if (aborted) throw aborted
        const parts: ScoredPart[] = []
        await this.#queue(block, block.batchKey, undefined, priority, jobs, ([outcome = UNANSWERED], first, count, timing) => { parts.push({ outcome, timing, first, count }) })
        // Workers may end in another order.
        return parts.sort((one, other) => one.first - other.first)
      },
      abort: reason => {
        aborted ??= reason
        for (const job of jobs) this.#giveUp(job, aborted)
        controller?.abort(aborted)
      },
      release: () => {
        this.#admitted[priority] -= rows
        if (priority === 'normal') this.#measureRate(rows)
      }
    }
    return ticket
  }

  /** Queues rows of one batch key, and returns the result of each. */
  async #queueRows (rows: Row[], priority: Priority, jobs: Set<Job>): Promise<Scored[]> {
    const [first] = rows
    if (!first) return []
    const scored = new Array<Scored>(rows.length)
    await this.#queue(rows, first.batchKey, first.batchLimit, priority, jobs, (outcomes, first, count, timing) => {
      for (let row = 0; row < count; row++) scored[first + row] = { outcome: outcomes[row] ?? UNANSWERED, timing }
    })
    return scored
  }

  /**
   * Queues rows of one batch key as a job.
   *
   * @param jobs unfinished jobs of the ticket; holds the new job until it ends
   */
  #queue (rows: Row[] | Block, batchKey: string, batchLimit: number | undefined, priority: Priority, jobs: Set<Job>, keep: Job['keep']): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const job: Job = {
        priority,
        batchKey,
        batchLimit,
        rows,
        sent: 0,
        keep,
        left: rows.length,
        running: 0,
        failure: null,
        sinceMs: performance.now(),
        resolve: () => { jobs.delete(job); resolve() },
        reject: error => { jobs.delete(job); reject(error) }
      }
      jobs.add(job)
      this.#queues[priority].add(job)
      this.#queued[priority] += rows.length
      this.#dispatchSoon()
    })
  }

  #fits (rows: number, priority: Priority): boolean {
    const { normal, low } = this.#admitted
    if (priority === 'normal') return normal + rows <= this.#queueLimit
    // Low-priority work with more rows than the limit is admitted if there is no other low-priority work.
    return normal <= this.#queueLimit * LOW_SHARE && (low === 0 || low + rows <= this.#queueLimit)
  }

  /** Dispatches once for all rows that this turn of the event loop queues, so that the workers share them evenly. */
  #dispatchSoon (): void {
    if (this.#dispatching) return
    this.#dispatching = true
    setImmediate(() => {
      this.#dispatching = false
      this.#dispatch()
    })
  }

  #dispatch (): void {
    // An even share for each worker, also for workers that are busy now.
    const { size } = this.#runner
    const share = Math.min(this.#maxBatch, Math.ceil(this.#queued.normal / size))
    while (this.#runner.idle > 0 && this.#queued.normal > 0) this.#run(this.#take(share, 'normal'))
    const lowShare = Math.min(this.#maxBatch, LOW_BATCH_ROWS, Math.ceil(this.#queued.low / size))
    while (this.#runner.busy < size && this.#runner.idle > 0 && this.#queued.low > 0) this.#run(this.#take(lowShare, 'low'))
  }

  /** Takes up to `rows` rows from a queue that can form a batch: the oldest row, and later rows with the same batch key. */
  #take (rows: number, priority: Priority): Part[] {
    const parts: Part[] = []
    let room = rows
    let looked = 0
    for (const job of this.#queues[priority]) {
      if (room === 0 || looked++ === LOOKAHEAD_JOBS) break
      if (parts[0] && parts[0].job.batchKey !== job.batchKey) continue
      if (!parts[0]) room = Math.min(room, job.batchLimit ?? rows)
      const count = Math.min(room, job.rows.length - job.sent)
      parts.push({ job, first: job.sent, count })
      job.sent += count
      job.running += count
      room -= count
      if (job.sent === job.rows.length) this.#queues[priority].delete(job)
    }
    this.#queued[priority] -= parts.reduce((sum, { count }) => sum + count, 0)
    return parts
  }

  async #run (parts: Part[]): Promise<void> {
    const contents = parts.map(({ job, first, count }) => job.rows.slice(first, first + count))
    const length = parts.reduce((sum, { count }) => sum + count, 0)
    this.#running += length
    try {
      const { outcomes, encode, infer } = await this.#runner.run(contents.flat())
      const endedMs = performance.now()
      this.#runner.events.emit('run', length, infer, encode)
      let at = 0
      for (const [place, { job, first, count }] of parts.entries()) {
        const end = at + contents[place]!.length
        job.keep(outcomes.slice(at, end), first, count, { decode: encode, queue: Math.max(0, endedMs - job.sinceMs - encode - infer), infer })
        at = end
        job.left -= count
        this.#ended(job, count)
      }
    } catch (error) {
      for (const { job, count } of parts) {
        this.#giveUp(job, error)
        this.#ended(job, count)
      }
    } finally {
      this.#running -= length
    }
  }

  #giveUp (job: Job, reason: unknown): void {
    if (this.#queues[job.priority].delete(job)) this.#queued[job.priority] -= job.rows.length - job.sent
    job.failure ??= { reason }
    this.#ended(job, 0)
  }

  /** Notes that the runner has finished `count` rows of a job, and settles the job if it is over. */
  #ended (job: Job, count: number): void {
    job.running -= count
    if (job.failure) {
      if (job.running === 0) job.reject(job.failure.reason)
    } else if (job.left === 0) {
      job.resolve()
    }
  }

  /** Updates the moving average of the rate. Time without admitted predictions does not count. */
  #measureRate (rows: number): void {
    const now = performance.now()
    const seconds = Math.max(now - (this.#measuredMs ?? now), 0.001) / 1000
    const rate = rows / seconds
    this.#rate = this.#rate === 0 ? rate : this.#rate + (1 - Math.exp(-seconds / RATE_MEMORY_SECONDS)) * (rate - this.#rate)
    this.#measuredMs = this.#admitted.normal > 0 ? now : null
  }
}
