import './telemetry.ts'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WorkerLost } from '../errors.ts'
import type { Row } from '../input/tensor.ts'
import type { Run, Runner } from './runner.ts'
import type { SessionOptions } from './session.ts'

const WORKER = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** Workers that may die in a row, for each one of the pool, before the pool gives up. */
const DEATHS_PER_WORKER = 3

interface Job {
  resolve: (run: Run) => void
  reject: (error: Error) => void
}

/** What a worker says: first whether its model batches, then the outcome of each run. */
type Message = { batches: boolean } | Run

/**
 * Worker threads, each with its own session and at most one batch at a time. A thread that dies is replaced, and only
 * its own batch fails.
 *
 * A thread is never terminated: ending one in mid-run aborts the whole process, so `close` lets runs end. A thread that
 * is idle does not keep the process alive.
 *
 * @see https://nodejs.org/api/worker_threads.html
 */
export class WorkerPool implements Runner {
  readonly size: number
  onIdle: () => void = () => {}
  onDeath: Runner['onDeath'] = () => {}

  readonly #options: SessionOptions
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Job>()
  /** Every thread that has not ended, with or without a session, and its end. */
  readonly #threads = new Map<Worker, Promise<void>>()
  #batches = false
  #alive = 0
  #deaths = 0
  #deathsInARow = 0
  #closing = false

  private constructor (options: SessionOptions, size: number) {
    this.#options = options
    this.size = size
  }

  /**
   * Starts `size` threads and waits until each has its session.
   *
   * @throws Error of the first thread that could not load the model
   */
  static async open (options: SessionOptions, size: number): Promise<WorkerPool> {
    const pool = new WorkerPool(options, size)
    const started = await Promise.allSettled(Array.from({ length: size }, () => pool.#start()))
    const failed = started.find(result => result.status === 'rejected')
    if (failed) {
      await pool.close()
      throw failed.reason
    }
    return pool
  }

  get batches (): boolean {
    return this.#batches
  }

  get idle (): number {
    return this.#idle.length
  }

  get alive (): number {
    return this.#alive
  }

  get deaths (): number {
    return this.#deaths
  }

  async run (rows: Row[], transfer: ArrayBuffer[] = []): Promise<Run> {
    const worker = this.#idle.shift()
    if (!worker) throw new Error('no idle worker')
    return await new Promise<Run>((resolve, reject) => {
      this.#busy.set(worker, { resolve, reject })
      worker.ref()
      worker.postMessage(rows, transfer)
    })
  }

  async close (): Promise<void> {
    this.#closing = true
    const ends = [...this.#threads.values()]
    for (const worker of this.#threads.keys()) {
      worker.ref()
      worker.postMessage('close')
    }
    await Promise.all(ends)
  }

  /** Starts a thread; resolves when it has its session, and rejects when it ends before. */
  async #start (): Promise<void> {
    const worker = new Worker(WORKER, { workerData: this.#options })
    let reason = new Error('the worker stopped without a word')
    let ready = false
    await new Promise<void>((resolve, reject) => {
      worker.on('error', error => { reason = error instanceof Error ? error : new Error(String(error)) })
      worker.on('message', (message: Message) => {
        if ('batches' in message) {
          ready = true
          this.#batches = message.batches
          this.#alive++
          resolve()
        } else {
          this.#deathsInARow = 0
          this.#busy.get(worker)?.resolve(message)
          this.#busy.delete(worker)
        }
        this.#idle.push(worker)
        if (!this.#closing) worker.unref()
        this.onIdle()
      })
      this.#threads.set(worker, new Promise(resolve => worker.once('exit', () => {
        this.#threads.delete(worker)
        if (ready) this.#lost(worker, reason)
        resolve()
        reject(reason)
      })))
    })
  }

  #lost (worker: Worker, reason: Error): void {
    this.#alive--
    const idle = this.#idle.indexOf(worker)
    if (idle >= 0) this.#idle.splice(idle, 1)
    this.#busy.get(worker)?.reject(new WorkerLost())
    this.#busy.delete(worker)
    if (!this.#closing) this.#replace(reason)
  }

  async #replace (reason: Error): Promise<void> {
    this.#deaths++
    this.#deathsInARow++
    const fatal = this.#deathsInARow >= DEATHS_PER_WORKER * this.size
    this.onDeath(reason, fatal)
    if (fatal) return
    try {
      await this.#start()
    } catch (error) {
      if (!this.#closing) await this.#replace(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
