import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldOf, judge, predictionsOf, type Case, type Judgement, type Reference } from './judge.ts'

/** Most inputs of one request. */
const TOGETHER = 100

/** A request to `/predict`, and what it asks about. */
export interface PredictRequest {
  url: string
  /** Type of the body; a form brings its own. */
  type?: string
  body: string | Buffer<ArrayBuffer> | FormData
  cases: Case[]
}

/**
 * The requests for one export: one for each case, and some with all of them, so that the model also runs on a batch. A text is also
 * sent as it is.
 *
 * @param folder the folder of exports, which the pictures are relative to
 */
export function requestsOf (folder: string, { cases, expect, labels, alone }: Reference): PredictRequest[] {
  const ranks = expect === 'classes' || expect === 'binary' || expect === 'labels'
  const url = ranks ? `/predict?top_k=${labels?.length}` : '/predict'
  const json = (cases: Case[], value: unknown): PredictRequest => ({ url, type: 'application/json', body: JSON.stringify(value), cases })
  if (cases.some(({ picture }) => picture === undefined)) {
    const together = alone ? [] : parts(cases).map(part => json(part, part.map(({ input }) => input)))
    return [...cases.map(each => json([each], each.input)), ...together, ...cases.flatMap(each => asText(url, each))]
  }
  const bytesOf = ({ picture = '' }: Case) => Buffer.from(readFileSync(join(folder, picture)))
  const form = new FormData()
  for (const each of cases) form.append('file', new Blob([bytesOf(each)]), each.picture)
  return [...cases.map(each => ({ url, type: 'image/png', body: bytesOf(each), cases: [each] })), { url, body: form, cases }]
}

/** A text without another one, as it is. A body of no bytes is a mistake for the service. */
function asText (url: string, each: Case): PredictRequest[] {
  const text = fieldOf(each.input, 'text')
  return typeof text === 'string' && text !== '' && fieldOf(each.input, 'text_pair') === undefined ? [{ url, type: 'text/plain; charset=utf-8', body: text, cases: [each] }] : []
}

function parts (cases: Case[]): Case[][] {
  return Array.from({ length: Math.ceil(cases.length / TOGETHER) }, (_, at) => cases.slice(at * TOGETHER, (at + 1) * TOGETHER))
}

/** Compares an answer with the framework's, case by case. */
export function judgements (reference: Reference, { cases }: PredictRequest, answer: unknown): Judgement[] {
  const [only, ...more] = cases
  if (only && more.length === 0) return [judge(reference, only, answer)]
  const predictions = predictionsOf(answer)
  return cases.map((each, at) => judge(reference, each, predictions[at]))
}
