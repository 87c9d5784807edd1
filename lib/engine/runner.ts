import type { EventEmitter } from 'node:events'
import type { Row } from '../modalities/modality.ts'
import type { Signature, Tensors } from '../tensor.ts'

/** What a worker says of the model that it has loaded. */
export interface Loaded {
  /** What the ONNX file itself declares. */
  signature: Signature
  /** Whether inputs can run together at all, along the first axis. */
  batches: boolean
  /** Whether any tensors can: the first axis of each input and output has the same name, so rows come out as they went in. */
  stacks: boolean
}

/** What became of a row. */
export type Outcome =
  /** The outputs of its run, its own place along their first axis, and the tensors it became where they were wanted. */
  | { outputs: Tensors, at: number, kept?: Tensors | undefined }
  /** The same row, to be encoded in another way: queue this one instead. */
  | { again: Row }
  /** Why it has no outputs: whether the input or the model is at fault. */
  | { error: string, fault: 'input' | 'model' }

/** A batch that was run. */
export interface Run {
  /** For each row, in order. */
  outcomes: Outcome[]
  /** Milliseconds of decoding and of writing the tensors. */
  encode: number
  /** Milliseconds of the model. */
  infer: number
}

/** What happens in the engine. Several may listen. */
export interface EngineEvents {
  /** A batch could start that could not before. */
  idle: []
  /** A worker died, for this reason; with `isFatal`, so many died in a row that no more are started. */
  death: [error: Error, isFatal: boolean]
  /** A run of so many rows ended, after so many milliseconds of the model. */
  run: [rows: number, infer: number]
}

/** Whatever runs batches: a pool of workers, or this thread. */
export interface Runner extends Loaded {
  readonly events: EventEmitter<EngineEvents>
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
  /**
   * Runs a batch; call only while `idle` is not 0.
   *
   * @throws WorkerLost when the worker that held the batch died
   */
  run: (rows: Row[]) => Promise<Run>
  /** Lets every run end, then frees the model. */
  close: () => Promise<void>
}
