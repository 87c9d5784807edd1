import './telemetry.ts'
import { EventEmitter } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { WorkerLost } from '../errors.ts'
import type { Content, Row } from '../modalities/modality.ts'
import type { Signature } from '../tensor.ts'
import type { EngineEvents, Loaded, Run, Runner } from './runner.ts'
import type { SessionOptions } from './session.ts'

const WORKER = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** The pool gives up after this many deaths for each of its workers without a completed run in between. */
const DEATHS_PER_WORKER = 3

/** Size of a worker's young generation. It is small so that V8 frees decoded pictures soon after their use. */
const YOUNG_GENERATION_MB = 2

/** Largest number of batches in a worker: the model runs on one while the worker decodes the pictures of the next. */
const BATCHES_PER_WORKER = 2

/** The caller that waits for a batch. */
interface Job {
  resolve: (run: Run) => void
  reject: (error: Error) => void
}

/** Message to a worker: run a batch, or close. */
export type Question = { id: number, contents: Content[] } | 'close'

/** Message from a worker: first the properties of the loaded model, then the outcome of each run. */
export type Message = { loaded: Loaded } | Run & { id: number }

/**
 * A pool of worker threads, each with its own ONNX Runtime session. If a worker dies, the pool replaces it, and only the
 * batches of this worker fail.
 *
 * The pool never calls `terminate()`, because terminating a worker during a run aborts the whole process. `close` waits for
 * the runs instead. Idle workers do not keep the process alive.
 *
 * @see https://nodejs.org/api/worker_threads.html
 */
export class WorkerPool implements Runner {
  readonly events = new EventEmitter<EngineEvents>()
  readonly size: number

  readonly #options: SessionOptions
  /** Workers with a session, and the batches in each, by their id. */
  readonly #ready = new Map<Worker, Map<number, Job>>()
  /** All workers that have not ended, and for each a promise of its end. */
  readonly #threads = new Map<Worker, Promise<void>>()
  #loaded: Loaded = { signature: { inputs: [], outputs: [] }, batches: false, stacks: false }
  #runs = 0
  #deaths = 0
  #deathsInARow = 0
  #closing = false

  private constructor (options: SessionOptions, size: number) {
    this.#options = options
    this.size = size
  }

  /**
   * Starts `size` workers and waits until each has loaded the model.
   *
   * @throws Error of the first worker that could not load the model
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

  get signature (): Signature {
    return this.#loaded.signature
  }

  get batches (): boolean {
    return this.#loaded.batches
  }

  get stacks (): boolean {
    return this.#loaded.stacks
  }

  get idle (): number {
    return this.#ready.size * BATCHES_PER_WORKER - this.running
  }

  get running (): number {
    return [...this.#ready.values()].reduce((sum, jobs) => sum + jobs.size, 0)
  }

  get busy (): number {
    return [...this.#ready.values()].filter(jobs => jobs.size > 0).length
  }

  get alive (): number {
    return this.#ready.size
  }

  get deaths (): number {
    return this.#deaths
  }

  async run (rows: Row[]): Promise<Run> {
    const [[worker, jobs] = []] = [...this.#ready].sort(([, some], [, others]) => some.size - others.size)
    if (!worker || !jobs || jobs.size === BATCHES_PER_WORKER) throw new Error('no idle worker')
    const id = this.#runs++
    return await new Promise<Run>((resolve, reject) => {
      jobs.set(id, { resolve, reject })
      worker.ref()
      const question: Question = { id, contents: rows.map(({ content }) => content) }
      worker.postMessage(question, rows.flatMap(({ transfer }) => transfer))
    })
  }

  async close (): Promise<void> {
    this.#closing = true
    const ends = [...this.#threads.values()]
    for (const worker of this.#threads.keys()) {
      worker.ref()
      worker.postMessage('close' satisfies Question)
    }
    await Promise.all(ends)
  }

  /** Starts a worker. Resolves when it has loaded the model; rejects when it ends before that. */
  async #start (): Promise<void> {
    const worker = new Worker(WORKER, { workerData: this.#options, env: SHARE_ENV, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } })
    let reason = new Error('the worker ended without an error message')
    let ready = false
    await new Promise<void>((resolve, reject) => {
      worker.on('error', error => { reason = error instanceof Error ? error : new Error(String(error)) })
      worker.on('message', (message: Message) => {
        if ('loaded' in message) {
          ready = true
          this.#loaded = message.loaded
          this.#ready.set(worker, new Map())
          resolve()
        } else {
          this.#deathsInARow = 0
          const jobs = this.#ready.get(worker)
          jobs?.get(message.id)?.resolve(message)
          jobs?.delete(message.id)
        }
        if (!this.#closing && !this.#ready.get(worker)?.size) worker.unref()
        this.events.emit('idle')
      })
      this.#threads.set(worker, new Promise(resolve => worker.once('exit', () => {
        this.#threads.delete(worker)
        if (ready) this.#lost(worker, reason)
        resolve()
        reject(reason)
      })))
    })
  }

  /** Fails the batches of a dead worker, and replaces the worker. */
  #lost (worker: Worker, reason: Error): void {
    const jobs = this.#ready.get(worker)
    this.#ready.delete(worker)
    for (const job of jobs?.values() ?? []) job.reject(new WorkerLost())
    if (!this.#closing) this.#replace(reason)
  }

  async #replace (reason: Error): Promise<void> {
    this.#deaths++
    this.#deathsInARow++
    const isFatal = this.#deathsInARow >= DEATHS_PER_WORKER * this.size
    this.events.emit('death', reason, isFatal)
    if (isFatal) return
    try {
      await this.#start()
    } catch (error) {
      if (!this.#closing) await this.#replace(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
