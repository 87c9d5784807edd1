import type { EventEmitter } from 'node:events'
import type { Row, Shortage } from '../modalities/modality.ts'
import type { Signature, Tensors } from '../tensor.ts'

/** Properties of a loaded model. */
export interface Loaded {
  /** The inputs and outputs that the ONNX file declares. */
  signature: Signature
  /** Whether encoded inputs can be batched along the first axis. */
  batches: boolean
  /**
   * Whether any tensors can be batched. This needs the same name for the first axes of all inputs and outputs, so that
   * row i of each output belongs to row i of the inputs.
   */
  stacks: boolean
}

/** The result for one row of a batch, or for several rows of one content: the first of them has the place `at`. */
export type Outcome =
  /**
   * Outputs of the whole batch, the row's place along their first axis, and the row's input tensors if it has `keep`. A row
   * that ran alone may have outputs without a batch axis.
   */
  | { outputs: Tensors, at: number, kept?: Tensors | undefined, isAlone?: boolean }
  /** The encoder could not read the row, but another encoding may work: queue this row instead. */
  | { again: Row }
  /** Why the row has no outputs, and what is at fault: the input, the model, or too little memory or time. */
  | { error: string, fault: 'input' | 'model' | Shortage }

/** The result of one run of the model on a batch. */
export interface Run {
  /** One for each content, in the order of the batch. */
  outcomes: Outcome[]
  /** Milliseconds to decode the inputs and write the input tensors. */
  encode: number
  /** Milliseconds of the model. */
  infer: number
}

/** Events of the engine. An event may have several listeners. */
export interface EngineEvents {
  /** `idle` of the runner may have grown. */
  idle: []
  /** A worker died of this error. `isFatal`: too many died in a row, so the pool starts no more. */
  death: [error: Error, isFatal: boolean]
  /** The model ran on a batch of this many rows: for `infer` milliseconds, after `encode` milliseconds for its tensors. */
  run: [rows: number, infer: number, encode: number]
}

/** Runs batches, in a pool of workers or on the calling thread. The calling thread counts as one worker. */
export interface Runner extends Loaded {
  readonly events: EventEmitter<EngineEvents>
  /** Number of workers. */
  readonly size: number
  /** Number of batches that can start now. */
  readonly idle: number
  /** Number of batches in progress. */
  readonly running: number
  /** Workers that have a batch. */
  readonly busy: number
  /** Workers that have loaded the model. */
  readonly alive: number
  /** Workers that have died since the start. */
  readonly deaths: number
  /**
   * Runs a batch. Call it only while `idle` is greater than 0.
   *
   * @param rows rows of the same batch key
   * @throws WorkerLost when the worker of the batch died
   */
  run: (rows: Row[]) => Promise<Run>
  /** Waits for all runs, then frees the model. */
  close: () => Promise<void>
}
