import { QueueFull, TooManyInputs } from '../errors.ts'
import type { Outcome } from './session.ts'
import type { Row } from '../input/tensor.ts'

/** Whatever runs batches: a pool of workers. */
export interface Runner {
  readonly batches: boolean
  readonly size: number
  readonly idle: number
  onIdle: () => void
  run: (rows: Row[]) => Promise<Outcome[]>
}

interface Job {
  row: Row
  resolve: (scores: Float32Array) => void
  reject: (error: unknown) => void
}

/**
 * One bounded queue, counted in rows. A row is sent the moment a worker is free; only what piled up while all were
 * busy runs together, so that nothing ever waits for a batch to fill.
 */
export class Scheduler {
  readonly #runner: Runner
  readonly #maxBatch: number
  readonly #limit: number
  // A set keeps the order of arrival, and what is aborted leaves it in constant time.
  readonly #queue = new Set<Job>()
  #admitted = 0
  #running = 0

  constructor (runner: Runner, { maxBatch, queueLimit }: { maxBatch: number, queueLimit: number }) {
    this.#runner = runner
    this.#maxBatch = runner.batches ? maxBatch : 1
    this.#limit = queueLimit
    runner.onIdle = () => this.#dispatch()
  }

  /** Rows waiting for a worker. */
  get queued (): number {
    return this.#queue.size
  }

  /** Rows in a run. */
  get running (): number {
    return this.#running
  }

  /** Rows admitted and not yet released: being read, waiting or running. */
  get admitted (): number {
    return this.#admitted
  }

  /** Rows admitted at once at most. */
  get limit (): number {
    return this.#limit
  }

  get full (): boolean {
    return this.#admitted >= this.#limit
  }

  get maxBatch (): number {
    return this.#maxBatch
  }

  /**
   * Takes the places of all the rows of a request, or none of them.
   *
   * @returns gives the places back
   * @throws TooManyInputs when there could never be room for them
   * @throws QueueFull
   */
  admit (rows: number): () => void {
    if (rows > this.#limit) throw new TooManyInputs(this.#limit)
    if (this.#admitted + rows > this.#limit) throw new QueueFull(this.#admitted)
    this.#admitted += rows
    return () => { this.#admitted -= rows }
  }

  /**
   * Queues a row and answers its scores.
   *
   * @throws the signal's reason when it aborts: at once, whether the row waits (it is dropped) or runs (the run goes
   * on, since none can be stopped, and its answer is dropped).
   */
  async run (row: Row, signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted()
    return await new Promise<Float32Array>((resolve, reject) => {
      const abort = () => {
        this.#queue.delete(job)
        reject(signal.reason)
      }
      const job: Job = {
        row,
        resolve: scores => { signal.removeEventListener('abort', abort); resolve(scores) },
        reject: error => { signal.removeEventListener('abort', abort); reject(error) }
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#queue.add(job)
      this.#dispatch()
    })
  }

  #dispatch (): void {
    while (this.#runner.idle > 0 && this.#queue.size > 0) {
      // A fair share leaves work for the workers that become free next.
      const share = Math.min(this.#maxBatch, Math.ceil(this.#queue.size / this.#runner.size))
      const batch: Job[] = []
      for (const job of this.#queue) {
        if (batch.length === share) break
        this.#queue.delete(job)
        batch.push(job)
      }
      this.#running += batch.length
      this.#run(batch)
    }
  }

  async #run (batch: Job[]): Promise<void> {
    try {
      const outcomes = await this.#runner.run(batch.map(({ row }) => row))
      batch.forEach((job, at) => {
        const outcome = outcomes[at]
        if (outcome && 'scores' in outcome) job.resolve(outcome.scores)
        else job.reject(new Error(outcome?.error ?? 'the run answered too few rows'))
      })
    } catch (error) {
      for (const job of batch) job.reject(error)
    } finally {
      this.#running -= batch.length
    }
  }
}
