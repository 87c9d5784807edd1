import type { Tensors, TensorSpec } from '../tensor.ts'
import type { Item } from './kinds.ts'

/**
 * A modality is a type of input: a picture, a row of a table, a text, or plain tensors. It has two halves, which run on different threads:
 * `Modality` runs on the event loop, `Encoder` runs in a worker. `modalities/index.ts` lists the modalities,
 * `modalities/encoders.ts` lists the encoders.
 */

/** The data of an input: a payload for the encoder, or tensors. Plain data, which can be sent to a worker thread. */
export type Content = {
  /** Input of the modality's encoder. */
  payload: unknown
  /** Number of rows of the payload. Default: 1. */
  count?: number
  /** Whether to return the encoded tensors with the outputs. */
  keep?: boolean
  /** Names of the requested outputs. Default: those that the card's answer is made of. */
  outputs?: string[] | undefined
} | {
  feeds: Tensors
  /** Names of the requested outputs. Default: all outputs. */
  outputs?: string[] | undefined
}

/** One input on its way to the model. */
export interface Row {
  content: Content
  /** Largest amount of memory that its decoding takes; 0 if it needs no decoding. */
  weightBytes: number
  /** Whether decoding takes tens of milliseconds. */
  isSlow: boolean
  /** Only rows with the same key can be in one batch. */
  batchKey: string
  /** Largest number of rows in its batch, the same for all rows of a key. Default: that of the model. */
  batchLimit?: number
  /** Buffers of the content to move to the worker instead of copying them. No other code may use them any more. */
  transfer: ArrayBuffer[]
}

/** Rows of one request that stay together, so that none of them needs an object of its own. They may run in several batches. */
export interface Block {
  /** Number of rows. */
  readonly length: number
  readonly batchKey: string
  /** The rows from `first` to the one before `end`, as one row whose content counts them. Each is asked for once. */
  slice: (first: number, end: number) => Row[]
}

/** Limits for each input. */
export interface Limits {
  /** Largest width × height of a picture. */
  pixels: number
  /** Largest number of characters of a text. */
  characters: number
}

/** An example of a labelled data set. */
export interface Example {
  /** Index of the true label; the true number if the model answers a number. */
  truth: number
  /** Reads the input from disk. */
  read: () => Promise<Item>
}

/** Access to the model for an explanation, which runs the model on variations of an input. */
export interface Again {
  /** Runs the model. Returns the probability of the explained label for each row. */
  probabilities: (rows: Row[]) => Promise<number[]>
  /** Waits until this much memory is free, then calls `decode`. */
  whenMemory: <Result>(bytes: number, decode: () => Promise<Result>) => Promise<Result>
}

/** Effect of one feature on the probability of the label. */
export interface FeatureEffect {
  name: string
  /** Value in the input; `null` if it is missing. */
  value: number | string | boolean | null
  /** Probability of the label, minus the mean of `curve`. */
  importance: number
  /** Probability of the label for values of this feature: over its range in the training data, or all that the model knows. */
  curve: Array<{ value: number | string | boolean, probability: number }>
}

/** Effect of a word, or of a few words in a row, on the probability of the label. */
export interface WordEffect {
  /** The word as it stands in the text. */
  word: string
  /** Which text of a pair holds it: 0 or 1. */
  text: number
  /** Place of its first character in that text, in UTF-16 code units. */
  start: number
  /** Probability of the label, minus that of the text without the word. */
  importance: number
}

/** The parts of an input that the answer depends on. Each modality sets one field. */
export interface Reasons {
  /** For a picture: the importance of each cell of a grid, and an overlay as PNG. @see importanceOf, drawOverlay */
  picture?: { importance: number[][], overlay: Buffer }
  /** For a row of a table: the effect of each feature whose range or values the card says. */
  features?: FeatureEffect[]
  /** For a text: its words in order, with the effect of each. */
  words?: WordEffect[]
}

/** The half of a modality that runs on the event loop, for one model. */
export interface Modality {
  /** Name, data type and shape of each input tensor that the inputs of this modality fill. */
  tensors: TensorSpec[]
  /** Size of an input as text, such as `64x64x3`. */
  size: string
  /** What an input is, in words, such as `a picture, made 64 × 64 RGB, into 'input'`. */
  summary: string
  /** Whether the first axis of the model's tensors is one of inputs. That of plain tensors may be anything, such as time. */
  hasRows: boolean
  /** Supported formats. */
  formats: readonly string[]
  /** How the names of files end that hold such inputs, whether or not they can be read: in small letters, with the dot. */
  extensions: readonly string[]
  /** Default for the largest number of admitted inputs. */
  queueLimit: number
  /** Whether a run of most models takes microseconds. If so, the calibration tries the inline layout first. */
  isQuick: boolean
  /** Whether every input costs about as much as the example. If not, the model never runs on the event loop. */
  isEven: boolean

  /**
   * Makes a row from an input. Reads only what it needs to check the limits and estimate the memory; the worker decodes.
   *
   * @param name makes the name of the input, for an error. Default: that of an only input
   * @throws errors of lib/errors.ts that name the input
   */
  prepare: (item: Item, limits: Limits, name?: () => string) => Row | Promise<Row>
  /**
   * Makes a block from inputs that need no decoding. `prepare` makes the same rows, one by one.
   *
   * @returns null if inputs of this model have no such form. Default: they have none
   */
  block?: (items: Item[]) => Block | null
  /**
   * The name of an input in error messages.
   *
   * @param at its place among the inputs of the request, from 0
   * @param count number of inputs of the request
   */
  nameOf: (item: Item, at: number, count: number) => string
  /** Makes the error for an input that the encoder could not read. */
  damaged: (item: Item, reason: string) => Error
  /** Makes the error for an input that takes more memory than all inputs together may. */
  tooHeavy: (item: Item, weightBytes: number, limitBytes: number) => Error
  /** Makes the error for an input that the model could not run on, if such an input may be at fault itself; otherwise null. */
  refused?: (item: Item, reason: string) => Error | null
  /** Makes an input of typical cost, for calibration and warm-up. */
  example: () => Item | Promise<Item>
  /** Reads the inputs of a file. The names are for a list of answers. */
  fromFile: (bytes: Buffer, path: string) => Promise<Array<{ item: Item, name: string }>>
  /**
   * Finds the examples of a data set on disk.
   *
   * @param labels the labels of the card; none if the model answers a number
   * @throws Error when the data set cannot be read
   */
  examples: (path: string, labels: readonly string[], labelKey: string) => Promise<Example[]>

  /** Number of variations of an input that an explanation runs the model on; 0 if the modality cannot explain an answer of this model. */
  variations: number
  /**
   * Explains the answer to a row.
   *
   * @param kept the row's input tensors
   * @param probability of the explained label, for the row itself
   */
  explain: (row: Row, kept: Tensors | undefined, probability: number, again: Again) => Promise<Reasons>
}

/** What an encoder had too little of to read an input, which may be in order. */
export type Shortage = 'memory' | 'time'

/** An input that the encoder could not encode; `at` is its place among the payloads. */
export type Fault = { at: number } & ({ /** What is wrong with the input, or what was missing to read it. */ error: string, /** Set if the input is not at fault. */ fault?: Shortage } | { /** The same input, for another decoder. */ again: Row })

/** Result of encoding a batch. */
export interface Encoded {
  /** Tensors of the inputs without a fault, concatenated along the first axis. */
  feeds: Tensors
  faults: Fault[]
}

/** The half of a modality that runs on the same thread as the model. */
export interface Encoder {
  /** Whether the first axis of the tensors is one of inputs. @see Modality.hasRows */
  hasRows: boolean
  /** Encodes payloads to one batch of tensors: a payload may hold several rows. Reports unreadable inputs as faults, and does not throw for them. */
  encode: (payloads: unknown[]) => Promise<Encoded>
}
