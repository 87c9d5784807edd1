import type { Row } from '../input/tensor.ts'
import type { Outcome } from './session.ts'

/** A batch that was run: what became of each row, and how long it took, in milliseconds. */
export interface Run {
  outcomes: Outcome[]
  /** To decode its pictures. */
  decode: number
  /** To write the tensor and run the model. */
  duration: number
}

/** Whatever runs batches: a pool of workers, or this thread. */
export interface Runner {
  /** Whether several rows can run together. */
  readonly batches: boolean
  /** Parts that run batches side by side: workers, or 1. */
  readonly size: number
  /** Batches that could start now. */
  readonly idle: number
  /** Batches in progress. */
  readonly running: number
  /** Parts of `size` that have a batch. */
  readonly busy: number
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
   * @throws WorkerLost when what held the batch died
   */
  run: (rows: Row[]) => Promise<Run>
  /** Lets every run end, then frees the model. */
  close: () => Promise<void>
}
