import './telemetry.ts'
import { EventEmitter } from 'node:events'
import type { Row } from '../modalities/modality.ts'
import type { EngineEvents, Run, Runner } from './runner.ts'
import { openSession, type Session, type SessionOptions } from './session.ts'

/** Runs a model on the calling thread. Only for models whose run is faster than a message to a worker and back. */
export class InlineRunner implements Runner {
  readonly events = new EventEmitter<EngineEvents>()
  readonly size = 1
  readonly alive = 1
  readonly deaths = 0
  readonly signature
  readonly batches
  readonly stacks
  readonly #session: Session
  #run: Promise<unknown> | null = null

  private constructor (session: Session) {
    this.#session = session
    this.signature = session.signature
    this.batches = session.batches
    this.stacks = session.stacks
  }

  /** @throws Error when the model cannot be loaded */
  static async open (options: SessionOptions): Promise<InlineRunner> {
    return new InlineRunner(await openSession(options))
  }

  get idle (): number {
    return this.#run ? 0 : 1
  }

  get running (): number {
    return this.#run ? 1 : 0
  }

  get busy (): number {
    return this.running
  }

  async run (rows: Row[]): Promise<Run> {
    const run = this.#session.run(rows.map(({ content }) => content))
    this.#run = run
    try {
      return await run
    } finally {
      this.#run = null
      queueMicrotask(() => this.events.emit('idle'))
    }
  }

  async close (): Promise<void> {
    await this.#run
    await this.#session.release()
  }
}
