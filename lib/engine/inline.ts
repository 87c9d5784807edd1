import './telemetry.ts'
import type { Row } from '../input/tensor.ts'
import type { Run, Runner } from './runner.ts'
import { openSession, type Session, type SessionOptions } from './session.ts'

/** Runs a model on the thread that asks. Only for models whose run is shorter than the way to a worker and back. */
export class InlineRunner implements Runner {
  readonly size = 1
  readonly alive = 1
  readonly deaths = 0
  readonly batches: boolean
  onIdle: () => void = () => {}
  onDeath: Runner['onDeath'] = () => {}
  readonly #session: Session
  #run: Promise<unknown> | null = null

  private constructor (session: Session) {
    this.#session = session
    this.batches = session.batches
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
    const run = this.#session.run(rows)
    this.#run = run
    try {
      return await run
    } finally {
      this.#run = null
      queueMicrotask(() => this.onIdle())
    }
  }

  async close (): Promise<void> {
    await this.#run
    await this.#session.release()
  }
}
