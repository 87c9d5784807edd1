import type { Tensors, TensorSpec } from '../tensor.ts'
import type { Item } from './kinds.ts'

/**
 * A modality is what an input is: a picture, a row of a table. It has two halves, because they run on different threads:
 * `Modality` on the event loop, `Encoder` in a worker. `modalities/index.ts` lists the one, `modalities/encoders.ts` the
 * other.
 */

/** What becomes tensors in a worker, or tensors already; plain data, so that it can cross to a thread. */
export type Content = { /** What the modality's encoder takes. */ payload: unknown, /** Whether the tensors are wanted back. */ keep?: boolean } | {
  feeds: Tensors
  /** Names of the outputs that are wanted; all of them by default. */
  outputs?: string[] | undefined
}

/** One input on its way to the model. */
export interface Row {
  content: Content
  /** Bytes that decoding it takes, at most; 0 for what is not decoded. */
  weightBytes: number
  /** Whether decoding it takes tens of milliseconds. */
  isSlow: boolean
  /** Only rows with the same key share a run. */
  batchKey: string
  /** Buffers of the content that move to the worker instead of being copied; nobody else may need them. */
  transfer: ArrayBuffer[]
}

/** Limits of one input. */
export interface Limits {
  /** Width × height of a picture. */
  pixels: number
}

/** An example of a labelled data set. */
export interface Example {
  /** Index of the right label. */
  truth: number
  read: () => Promise<Item>
}

/** What asks the model again with parts of an input changed. */
export interface Again {
  /** The probability of the explained label, for each row. */
  probabilities: (rows: Row[]) => Promise<number[]>
  /** Waits until there is memory for what decodes the input again. */
  whenMemory: <Result>(bytes: number, decode: () => Promise<Result>) => Promise<Result>
}

/** What one feature did for the answer. */
export interface FeatureEffect {
  name: string
  value: number
  /** The label's probability, less its mean over the feature's range in training. */
  importance: number
  /** The label's probability for values of this feature from one end of its range to the other. */
  curve: Array<{ value: number, probability: number }>
}

/** What carried the answer: one of these, by modality. */
export interface Reasons {
  /** For a picture: rows of cells of what the model sees, and that drawn as PNG. @see importanceOf, drawOverlay */
  picture?: { importance: number[][], overlay: Buffer }
  /** For a row, what each feature did. */
  features?: FeatureEffect[]
}

/** The half of a modality that runs on the event loop, for one model. */
export interface Modality {
  /** The tensor that an input becomes, as the card says. */
  tensor: TensorSpec
  /** The input's size in words, such as `64x64x3`. */
  size: string
  /** Formats that are read. */
  formats: readonly string[]
  /** Inputs admitted at once when the settings do not say. */
  queueLimit: number
  /** Whether most models of this modality take microseconds, so that running on the event loop is tried first. */
  isQuick: boolean

  /**
   * Reads as much of an input as is needed to weigh it. Decoding is left to the worker.
   *
   * @throws errors of lib/errors.ts that name the input
   */
  prepare: (item: Item, limits: Limits) => Row | Promise<Row>
  /** The error for an input that a worker could not read. */
  damaged: (item: Item, reason: string) => Error
  /** An input to measure with, of ordinary cost. */
  example: () => Item | Promise<Item>
  /** The inputs of a file, with the names that a list of answers shows. */
  fromFile: (bytes: Buffer, path: string) => Array<{ item: Item, name: string }>
  /** The examples of a data set on disk, of those labels only. */
  examples: (path: string, labels: readonly string[], labelKey: string) => Promise<Example[]>

  /** How many rows an explanation asks about, beside the input itself. */
  variations: number
  /** @param kept the tensors that the row became */
  explain: (row: Row, kept: Tensors | undefined, probability: number, again: Again) => Promise<Reasons>
}

/** An input that has no tensor, by its place in what was to be encoded. */
export type Fault = { at: number } & ({ /** What is wrong with it. */ error: string } | { /** The same input, to be encoded in another way. */ again: Row })

/** The tensors of the inputs without fault, one behind the other along the first axis. */
export interface Encoded {
  feeds: Tensors
  faults: Fault[]
}

/** The half of a modality that runs where the model runs. */
export interface Encoder {
  encode: (payloads: unknown[]) => Promise<Encoded>
}
