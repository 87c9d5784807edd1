import type { Row } from '../input/tensor.ts'
import type { Outcome } from './session.ts'

/** A batch that was run: what became of each row, and how long the run took, in milliseconds. */
export interface Run {
  outcomes: Outcome[]
  duration: number
}

/** Whatever runs batches: a pool of workers, or this thread. */
export interface Runner {
  /** Whether several rows can run together. */
  readonly batches: boolean
  /** Batches that can run side by side. */
  readonly size: number
  /** Batches that could start now. */
  readonly idle: number
  /** Parts of `size` that are up. */
  readonly alive: number
  /** Parts that died since the start. */
  readonly deaths: number
  /** Called whenever a batch could start that could not before. */
  onIdle: () => void
  /** Called when a part died, with the reason, and with `fatal` when so many died in a row that no more are started. */
  onDeath: (error: Error, fatal: boolean) => void
  /**
   * Runs a batch; call only while `idle` is not 0.
   *
   * @param transfer memory of the rows that may move with them instead of being copied
   * @throws WorkerLost when what held the batch died
   */
  run: (rows: Row[], transfer?: ArrayBuffer[]) => Promise<Run>
  /** Lets every run end, then frees the model. */
  close: () => Promise<void>
}
