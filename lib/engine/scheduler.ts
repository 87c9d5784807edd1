import { QueueFull, TooManyInputs } from '../errors.ts'
import type { Row } from '../modalities/modality.ts'
import type { Outcome, Runner } from './runner.ts'

/** Where the time of an input went, in milliseconds. */
export interface Timing {
  /** Reading and decoding it, and writing its tensors, with those of its batch. */
  decode: number
  /** Everything else between its arrival and its outputs: waiting for memory, for a worker, and for messages. */
  queue: number
  /** The model's run on its batch. */
  infer: number
}

/** What became of a row. */
export interface Scored {
  outcome: Outcome
  timing: Timing
}

/** Predictions are `normal`; what may wait for them, and is refused before they are, is `low`. */
export type Priority = 'normal' | 'low'

/** Rows of one batch key that were queued together; they may be sent in parts. */
interface Job {
  priority: Priority
  batchKey: string
  rows: Row[]
  /** How many of the rows were sent. */
  sent: number
  /** What became of each row that was run. */
  scored: Scored[]
  /** How many rows are not run yet. */
  left: number
  /** When it was queued, on the clock of `performance.now()`. */
  since: number
  resolve: (scored: Scored[]) => void
  reject: (error: unknown) => void
}

/** The rows of a job that are in one run: `count` of them, from `first` on. */
interface Part {
  job: Job
  first: number
  count: number
}

/** The places of one request in the queue: taken together, given up together. */
export interface Ticket {
  /**
   * Queues rows and answers what became of each, in order.
   *
   * @throws the reason of `abort`, at once when it was aborted before
   * @throws WorkerLost
   */
  run: (rows: Row[]) => Promise<Scored[]>
  /**
   * Gives up: rows that wait leave the queue, and rows that run are no longer waited for. Their runs go on, since none
   * can be stopped, and their answers are dropped.
   */
  abort: (reason: Error) => void
  /** Why it was aborted, if it was. */
  readonly aborted: Error | null
  /** Gives the places back, when the work is over. */
  release: () => void
}

/** Seconds after which a measured rate is mostly forgotten. */
const RATE_MEMORY_SECONDS = 2

/** The share of the queue that predictions may take before work of low priority is refused. */
const LOW_SHARE = 1 / 4

/** Rows of low priority that run together at most: a prediction that comes next waits for no more than these. */
const LOW_BATCH = 8

/** Jobs that are looked through for those that can run together, at most: what one batch costs must stay small. */
const LOOKAHEAD_JOBS = 1024

/** What becomes of a row that the runner left out. */
const UNANSWERED = { error: 'the run answered too few rows', fault: 'model' } as const satisfies Outcome

/**
 * One bounded queue, counted in rows. A row is sent the moment a worker is free; only what piled up while all were
 * busy runs together, so that nothing ever waits for a batch to fill. Rows of low priority have a queue of the same
 * length beside it, which moves only while the other is empty and a worker has nothing at all to do.
 */
export class Scheduler {
  readonly #runner: Runner
  readonly #maxBatch: number
  readonly #limit: number
  // A set keeps the order of arrival, and what is aborted leaves it in constant time.
  readonly #queues: Record<Priority, Set<Job>> = { normal: new Set(), low: new Set() }
  readonly #queued: Record<Priority, number> = { normal: 0, low: 0 }
  readonly #admitted: Record<Priority, number> = { normal: 0, low: 0 }
  #running = 0
  #dispatching = false
  /** Rows a second that were answered lately, while there was work. */
  #rate = 0
  /** Until when work was measured, or null while there is none. */
  #measured: number | null = null

  constructor (runner: Runner, { maxBatch, queueLimit }: { maxBatch: number, queueLimit: number }) {
    this.#runner = runner
    this.#maxBatch = runner.batches ? maxBatch : 1
    this.#limit = queueLimit
    runner.events.on('idle', () => this.#dispatch())
  }

  /** Rows waiting for a worker. */
  get queued (): number {
    return this.#queued.normal + this.#queued.low
  }

  /** Rows in a run. */
  get running (): number {
    return this.#running
  }

  /** Rows of predictions admitted and not yet released: being read, waiting or running. */
  get admitted (): number {
    return this.#admitted.normal
  }

  /** Rows of predictions admitted at once at most. */
  get limit (): number {
    return this.#limit
  }

  /** Whether not one more row would be admitted. */
  isFull (priority: Priority): boolean {
    return !this.#fits(1, priority)
  }

  get maxBatch (): number {
    return this.#maxBatch
  }

  /** Seconds until what is admitted now will be answered, at the measured rate; 1 before anything was measured. */
  get drainTime (): number {
    return this.#rate > 0 ? this.#admitted.normal / this.#rate : 1
  }

  /**
   * Takes the places of all the rows of a request, or none of them.
   *
   * @throws TooManyInputs when there could never be room for them
   * @throws QueueFull
   */
  admit (rows: number, priority: Priority = 'normal'): Ticket {
    if (priority === 'normal' && rows > this.#limit) throw new TooManyInputs(this.#limit)
    if (!this.#fits(rows, priority)) throw new QueueFull(this.#admitted[priority])
    this.#admitted[priority] += rows
    if (priority === 'normal') this.#measured ??= performance.now()

    const jobs = new Set<Job>()
    let aborted: Error | null = null
    const ticket: Ticket = {
      get aborted () { return aborted },
      run: async rows => {
        if (aborted) throw aborted
        if (rows.every(({ batchKey }) => batchKey === rows[0]?.batchKey)) return await this.#queue(rows, priority, jobs)
        // What cannot run together is queued apart, and answered in the order it came.
        const keys = new Set(rows.map(({ batchKey }) => batchKey))
        const scored = new Array<Scored>(rows.length)
        await Promise.all([...keys].map(async key => {
          const places = rows.flatMap((row, place) => row.batchKey === key ? [place] : [])
          const part = await this.#queue(places.map(place => rows[place]!), priority, jobs)
          part.forEach((each, at) => { scored[places[at]!] = each })
        }))
        return scored
      },
      abort: reason => {
        aborted ??= reason
        for (const job of jobs) this.#giveUp(job, aborted)
      },
      release: () => {
        this.#admitted[priority] -= rows
        if (priority === 'normal') this.#measureRate(rows)
      }
    }
    return ticket
  }

  /** @param jobs those of the ticket, for as long as they wait */
  async #queue (rows: Row[], priority: Priority, jobs: Set<Job>): Promise<Scored[]> {
    if (rows.length === 0) return []
    return await new Promise<Scored[]>((resolve, reject) => {
      const job: Job = {
        priority,
        batchKey: rows[0]!.batchKey,
        rows,
        sent: 0,
        scored: new Array<Scored>(rows.length),
        left: rows.length,
        since: performance.now(),
        resolve: scored => { jobs.delete(job); resolve(scored) },
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
    if (priority === 'normal') return normal + rows <= this.#limit
    // One that is larger than the queue may have it for itself.
    return normal <= this.#limit * LOW_SHARE && (low === 0 || low + rows <= this.#limit)
  }

  /** Once for all the rows that this turn of the event loop brings, so that they are shared out fairly. */
  #dispatchSoon (): void {
    if (this.#dispatching) return
    this.#dispatching = true
    queueMicrotask(() => {
      this.#dispatching = false
      this.#dispatch()
    })
  }

  #dispatch (): void {
    // A fair share for each worker, also for those that become free next.
    const { size } = this.#runner
    const share = Math.min(this.#maxBatch, Math.ceil(this.#queued.normal / size))
    while (this.#runner.idle > 0 && this.#queued.normal > 0) this.#run(this.#take(share, 'normal'))
    const lowShare = Math.min(this.#maxBatch, LOW_BATCH, Math.ceil(this.#queued.low / size))
    while (this.#runner.busy < size && this.#runner.idle > 0 && this.#queued.low > 0) this.#run(this.#take(lowShare, 'low'))
  }

  /** The next rows of a queue that can run together: those with the batch key of the one that waits longest. */
  #take (rows: number, priority: Priority): Part[] {
    const parts: Part[] = []
    let room = rows
    let looked = 0
    for (const job of this.#queues[priority]) {
      if (room === 0 || looked++ === LOOKAHEAD_JOBS) break
      if (parts[0] && parts[0].job.batchKey !== job.batchKey) continue
      const count = Math.min(room, job.rows.length - job.sent)
      parts.push({ job, first: job.sent, count })
      job.sent += count
      room -= count
      if (job.sent === job.rows.length) this.#queues[priority].delete(job)
    }
    this.#queued[priority] -= rows - room
    return parts
  }

  async #run (parts: Part[]): Promise<void> {
    const rows = parts.flatMap(({ job, first, count }) => job.rows.slice(first, first + count))
    this.#running += rows.length
    try {
      const { outcomes, encode, infer } = await this.#runner.run(rows)
      const ended = performance.now()
      this.#runner.events.emit('run', rows.length, infer)
      let at = 0
      for (const { job, first, count } of parts) {
        const timing = { decode: encode, queue: Math.max(0, ended - job.since - encode - infer), infer }
        for (let row = first; row < first + count; row++) job.scored[row] = { outcome: outcomes[at++] ?? UNANSWERED, timing }
        job.left -= count
        if (job.left === 0) job.resolve(job.scored)
      }
    } catch (error) {
      for (const { job } of parts) this.#giveUp(job, error)
    } finally {
      this.#running -= rows.length
    }
  }

  #giveUp (job: Job, reason: unknown): void {
    if (this.#queues[job.priority].delete(job)) this.#queued[job.priority] -= job.rows.length - job.sent
    job.reject(reason)
  }

  /** An average that forgets within seconds, and does not count idle time. */
  #measureRate (rows: number): void {
    const now = performance.now()
    const seconds = Math.max(now - (this.#measured ?? now), 0.001) / 1000
    const rate = rows / seconds
    this.#rate = this.#rate === 0 ? rate : this.#rate + (1 - Math.exp(-seconds / RATE_MEMORY_SECONDS)) * (rate - this.#rate)
    this.#measured = this.#admitted.normal > 0 ? now : null
  }
}
