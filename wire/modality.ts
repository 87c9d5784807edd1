import type { Table } from '../lib/modalities/csv.ts'
import type { Item } from '../lib/modalities/kinds.ts'
import type { TSchema } from '../lib/typebox.ts'
import type { GivenTensor } from './open-inference/question.ts'
import type { Content, Described } from './schemas.ts'

/** The inputs of a request. */
export interface Question {
  items: Item[]
  /** Whether the answer is a list. If not, the request has one input, and the answer is a single prediction. */
  isList: boolean
  /** The CSV that held the inputs, if the request was CSV. */
  table?: Table
}

/** A body parser of a modality, in addition to those for JSON and forms. */
export interface BodyParser {
  /** Content types of the parser. */
  types: Array<string | RegExp>
  /**
   * Converts the raw body to the value that `question` takes. Takes no time: `question` does the work.
   *
   * @param contentType of the request, with its parameters
   */
  read: (body: Buffer, contentType: string) => unknown
}

/** Limits that the page checks before it asks the service. */
export interface PageLimits {
  /** UPLOAD_LIMIT. */
  uploadBytes: number
  /** TEXT_LIMIT. */
  characters: number
}

/** The modality's part of the home page: the form to try the model. */
export interface PageFragment {
  /** Sample pictures for the form, as paths in the model's folder. They may be missing on disk. */
  pictures: string[]
  /** Scripts of the form: from the path under `/assets/` to the path on disk. */
  scripts: Record<string, string>
  /** Origins or schemes that the script of the form fetches inputs from, for the policy of the page. Default: only this service. */
  connects?: string[]
  /**
   * Draws the form.
   *
   * @param shown the pictures that exist
   */
  html: (shown: { has: (picture: string) => boolean }) => string
}

/** How inputs look in a list of instances, as clients of TensorFlow Serving and of KServe's first protocol send them. */
export interface Instances {
  /**
   * Reads the inputs from a list of JSON values: a long one in pieces, so that the event loop stays free.
   *
   * @throws errors of lib/errors.ts that name the wrong instance
   */
  read: (list: readonly unknown[]) => Promise<Item[]>
  /** Largest number of JSON values of so many instances, of any type and at any depth. */
  valuesOf: (count: number) => number
  /** An instance, for the OpenAPI document, with a valid example if it is small. */
  schema: () => Promise<TSchema>
}

/** The HTTP side of a modality, for one model. */
export interface WireModality {
  parsers: BodyParser[]
  /** The supported content types, as text for messages. */
  accepted: string
  /** What a file of a form holds, as text for documents. */
  file: string
  /** The kind of such a file, for dialects that name its field after it; `null` if no dialect does. */
  fileKind: 'image' | 'csv' | null
  /** What the model works on, as the first word of such titles as `Image Classification`. Empty for plain tensors. */
  subject: string
  /**
   * Reads the inputs from a parsed body: a large one in pieces, so that the event loop stays free.
   *
   * @param limit largest number of inputs
   * @throws errors of lib/errors.ts that name the wrong input or field
   */
  question: (body: unknown, limit: number) => Promise<Question>
  /** The inputs as a list of instances. */
  instances: Instances
  /**
   * Reads the inputs from tensors that are not the model's own, but hold what `question` takes: encoded pictures, or one
   * column of a table each.
   *
   * @param limit largest number of inputs
   * @param isMovable whether the memory of the tensors may move to a worker
   * @returns `null` if the tensors are nothing of the kind
   * @throws errors of lib/errors.ts that name the wrong tensor or element
   */
  itemsOfTensors: (tensors: readonly GivenTensor[], options: { limit: number, isMovable: boolean }) => Promise<Item[] | null>
  /** Whether `itemsOfTensors` also takes the model's own tensors, so that the limits of an input hold for them. */
  readsOwnTensors?: boolean
  /** Tensors that `itemsOfTensors` takes, with values of JSON: an example. `null` if they would be large. */
  exampleTensors: () => Promise<GivenTensor[] | null>
  /** Number of JSON values of one input: lists, objects, keys, numbers and texts. Together with `limit`, it bounds the values of a body. */
  jsonValuesPerInput: number
  /**
   * The request body of `/predict` and `/explain`, for the OpenAPI document.
   *
   * @param limit largest number of inputs
   */
  body: (limit: number) => Promise<{ content: Content }>
  /** Content types of the answer other than JSON, for the OpenAPI document. */
  answers: Content
  /** The answer of `/explain`, for the OpenAPI document. */
  explanation: Described
  /** How many bytes one text field of a form may have. */
  formFieldBytes: number
  /** Makes the form of the home page. */
  page: (limits: PageLimits) => PageFragment
}
