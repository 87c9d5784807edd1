import './telemetry.ts'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WorkerLost } from '../errors.ts'
import type { Row } from '../input/tensor.ts'
import type { Outcome, SessionOptions } from './session.ts'

const WORKER = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** Workers that may die in a row, for each one of the pool, before the pool gives up. */
const DEATHS_PER_WORKER = 3

interface Job {
  resolve: (outcomes: Outcome[]) => void
  reject: (error: Error) => void
}

/**
 * Worker threads, each with its own session and at most one batch at a time. A thread that dies is replaced, and only
 * its own batch fails.
 *
 * A thread is never terminated: ending one in mid-run aborts the whole process, so `close` lets runs end.
 *
 * @see https://nodejs.org/api/worker_threads.html
 */
export class WorkerPool {
  /** Whether several rows can run together. */
  readonly batches: boolean
  readonly size: number
  /** Called whenever a worker becomes idle. */
  onIdle: () => void = () => {}
  /** Called when a worker died, with the reason, and once with `fatal` when so many died in a row that no more are started. */
  onDeath: (error: Error, fatal: boolean) => void = () => {}

  readonly #options: SessionOptions
  readonly #idle: Worker[]
  readonly #busy = new Map<Worker, Job>()
  readonly #workers: Set<Worker>
  #deaths = 0
  #closing = false

  private constructor (options: SessionOptions, workers: Worker[], batches: boolean) {
    this.#options = options
    this.#idle = workers
    this.#workers = new Set(workers)
    this.batches = batches
    this.size = workers.length
    for (const worker of workers) this.#watch(worker)
  }

  /**
   * Starts `size` threads and waits until each has its session.
   *
   * @throws Error of the first thread that could not load the model.
   */
  static async open (options: SessionOptions, size: number): Promise<WorkerPool> {
    const started = await Promise.allSettled(Array.from({ length: size }, () => start(options)))
    const workers = started.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
    const failed = started.find(result => result.status === 'rejected')
    if (failed) {
      for (const { worker } of workers) worker.postMessage('close')
      throw failed.reason
    }
    return new WorkerPool(options, workers.map(({ worker }) => worker), workers.every(({ batches }) => batches))
  }

  /** Workers that can take a batch now. */
  get idle (): number {
    return this.#idle.length
  }

  /** Workers that are up, busy or idle. */
  get alive (): number {
    return this.#workers.size
  }

  /**
   * Runs a batch on an idle worker; call only when there is one.
   *
   * @throws WorkerLost when the worker died in the run.
   */
  async run (rows: Row[]): Promise<Outcome[]> {
    const worker = this.#idle.shift()
    if (!worker) throw new Error('no idle worker')
    return await new Promise<Outcome[]>((resolve, reject) => {
      this.#busy.set(worker, { resolve, reject })
      worker.postMessage(rows)
    })
  }

  /** Lets every run end, then the threads; resolves when all have. */
  async close (): Promise<void> {
    this.#closing = true
    const exits = [...this.#workers].map(worker => once(worker, 'exit'))
    for (const worker of this.#workers) worker.postMessage('close')
    await Promise.all(exits)
  }

  #watch (worker: Worker): void {
    let reason = new Error('the worker stopped')
    worker.on('message', (outcomes: Outcome[]) => {
      const job = this.#busy.get(worker)
      this.#busy.delete(worker)
      this.#deaths = 0
      this.#idle.push(worker)
      job?.resolve(outcomes)
      this.onIdle()
    })
    worker.on('error', error => { reason = error instanceof Error ? error : new Error(String(error)) })
    worker.on('exit', () => {
      this.#workers.delete(worker)
      const idle = this.#idle.indexOf(worker)
      if (idle >= 0) this.#idle.splice(idle, 1)
      this.#busy.get(worker)?.reject(new WorkerLost())
      this.#busy.delete(worker)
      if (!this.#closing) this.#replace(reason)
    })
  }

  async #replace (reason: Error): Promise<void> {
    this.#deaths++
    const fatal = this.#deaths >= DEATHS_PER_WORKER * this.size
    this.onDeath(reason, fatal)
    if (fatal) return
    try {
      const { worker } = await start(this.#options)
      if (this.#closing) {
        worker.postMessage('close')
        return
      }
      this.#workers.add(worker)
      this.#watch(worker)
      this.#idle.push(worker)
      this.onIdle()
    } catch (error) {
      if (!this.#closing) await this.#replace(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

async function start (options: SessionOptions): Promise<{ worker: Worker, batches: boolean }> {
  const worker = new Worker(WORKER, { workerData: options })
  const stopped = new AbortController()
  worker.once('exit', () => stopped.abort())
  const [{ batches }] = await once(worker, 'message', { signal: stopped.signal })
  return { worker, batches }
}
