import type { Item } from '../lib/modalities/kinds.ts'
import type { Table } from '../lib/modalities/table/csv.ts'
import type { Content, Described } from './schemas.ts'

/** What a request asks about. */
export interface Question {
  items: Item[]
  /** Whether a list is answered; one input that came alone is answered alone. */
  isList: boolean
  /** The table that the inputs came in, when it was CSV. */
  table?: Table
}

/** A way in beside JSON and forms. */
export interface BodyParser {
  types: Array<string | RegExp>
  parseAs: 'string' | 'buffer'
  /** What the request's body becomes. */
  read: (body: string | Buffer) => unknown
}

/** The part of the page where a visitor tries the model. */
export interface PageFragment {
  /** Pictures of the model's folder that it would show. */
  pictures: string[]
  /** Scripts that it needs, by their path under `/assets/`, and where they are on disk. */
  scripts: Record<string, string>
  /** @param shown those of the pictures that are there */
  html: (shown: { has: (picture: string) => boolean }) => string
}

/** What HTTP knows of a modality, for one model. */
export interface WireModality {
  parsers: BodyParser[]
  /** The content types that are read, for messages. */
  accepted: string
  /**
   * What there is to classify in a parsed body.
   *
   * @param limit how many inputs can be answered at once
   * @throws errors of lib/errors.ts
   */
  question: (body: unknown, limit: number) => Question
  /** The body of a prediction in the OpenAPI document. */
  body: () => Promise<{ content: Content }>
  /** Content types of an answer, beside JSON. */
  answers: Content
  explanation: Described
  page: (uploadLimitBytes: number) => PageFragment
}
