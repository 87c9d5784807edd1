import { BodyMalformed, BodyMissing, RequestInvalid, TextUnusable, TooManyInputs } from '../../lib/errors.ts'
import { textsFromCsv } from '../../lib/modalities/text/csv.ts'
import { PAIR, TEXT, type TextInput, type TextItem } from '../../lib/modalities/text/input.ts'
import { nextTurn, PIECE_BYTES } from '../../lib/turn.ts'
import { Form, type Upload } from '../form.ts'
import type { Question } from '../modality.ts'

/** How many texts to look at in one turn of the event loop. That takes about 2 milliseconds. */
const TEXTS_PER_TURN = 16_384

/** How many characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 40

/** A body of the type text/plain: one text. */
export class PlainText {
  readonly bytes: Uint8Array
  /** The encoding that Content-Type names; empty if it names none. */
  readonly charset: string

  constructor (bytes: Uint8Array, contentType = '') {
    this.bytes = bytes
    this.charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType)?.[1] ?? ''
  }
}

/** A body of the type text/csv. */
export class CsvTexts {
  readonly bytes: Uint8Array

  constructor (bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/**
 * Reads the texts from a parsed body. The body is one of:
 *
 * - JSON: a text, `{"text": …}`, with `"text_pair"` where the model takes two, a list of these, or `{"instances": […]}`
 * - plain text: the whole body is one text
 * - CSV with a column `text`
 * - a form with the fields `text` and `text_pair`, with files of one text each, or with a CSV file
 *
 * An empty text is a text, too, and models have an answer to it. Only a plain body without a byte is none.
 *
 * @param limit largest number of texts; checked before they are looked at
 * @throws BodyMissing, BodyMalformed, RequestInvalid, TextUnusable, TooManyInputs
 */
export async function textsOf (body: unknown, input: TextInput, limit: number): Promise<Question> {
  if (body === undefined || body === null) throw new BodyMissing('send a text as JSON or as text/plain, or texts as CSV')
  if (body instanceof PlainText) {
    if (body.bytes.length === 0) throw new BodyMissing('send a text in it')
    return one({ text: await decoded(body.bytes, 'The body', body.charset) })
  }
  if (body instanceof CsvTexts) return await tableOf(body.bytes, input, limit)
  if (body instanceof Form) return await inForm(body, input, limit)
  const list = listIn(body)
  if (!list) return one(textFromJson(body, 'the text', input))
  if (list.length === 0) throw new RequestInvalid('the list of texts is empty.')
  if (list.length > limit) throw new TooManyInputs(limit)
  return { items: await textsIn(list, input, 'text'), isList: true }
}

/**
 * Reads texts from a list of JSON values: a long one in pieces, so that the event loop stays free.
 *
 * @param called what to call a text in error messages, before its number
 * @throws TextUnusable that names the text and its field
 */
export async function textsIn (list: readonly unknown[], input: TextInput, called: string): Promise<TextItem[]> {
  const items: TextItem[] = []
  for (const [at, value] of list.entries()) {
    items.push(textFromJson(value, `${called} ${at + 1}`, input))
    if (items.length % TEXTS_PER_TURN === 0) await nextTurn()
  }
  return items
}

/** Whether the model takes two texts: a tokenizer joins any two, and a tensor of texts holds one in each row. */
export function takesPairs ({ tokenizer }: TextInput): boolean {
  return tokenizer !== undefined
}

/** The list of texts in JSON, or `undefined` if the JSON is a single text. */
function listIn (body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body
  if (!(body instanceof Object && 'instances' in body)) return undefined
  const { instances } = body
  if (!Array.isArray(instances)) throw new RequestInvalid("'instances' is no list; send one entry for each text.")
  const extra = Object.keys(body).find(key => key !== 'instances')
  if (extra !== undefined) throw new RequestInvalid(`body has an unknown field '${extra.slice(0, QUOTE_LIMIT)}' beside 'instances'.`)
  return instances
}

function textFromJson (value: unknown, name: string, input: TextInput): TextItem {
  if (typeof value === 'string') return { text: value }
  const fields = takesPairs(input) ? `'${TEXT}' and '${PAIR}'` : `'${TEXT}'`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TextUnusable(`${name} is ${kindOf(value)}; send a text, or an object with ${fields}.`)
  for (const key of Object.keys(value)) checkField(key, name, input)
  if (!(TEXT in value)) throw new TextUnusable(`${name} lacks '${TEXT}'; send a text, or an object with ${fields}.`)
  if (typeof value.text !== 'string') throw new TextUnusable(`${name}: '${TEXT}' is ${kindOf(value.text)}, not a text.`)
  if (!(PAIR in value)) return { text: value.text }
  if (typeof value.text_pair !== 'string') throw new TextUnusable(`${name}: '${PAIR}' is ${kindOf(value.text_pair)}, not a text; leave it out if there is none.`)
  return { text: value.text, pair: value.text_pair }
}

/** @throws TextUnusable when the model takes no such field */
function checkField (field: string, name: string, input: TextInput): void {
  if (field === TEXT || (field === PAIR && takesPairs(input))) return
  if (field === PAIR) throw new TextUnusable(`${name} has '${PAIR}', but the model takes one text; leave it out.`)
  throw new TextUnusable(`${name} has an unknown field '${field.slice(0, QUOTE_LIMIT)}'; the model takes '${TEXT}'${takesPairs(input) ? ` and '${PAIR}'` : ''}.`)
}

async function inForm ({ files, fields }: Form, input: TextInput, limit: number): Promise<Question> {
  const [file] = files
  if (!file) {
    const text = fields.get(TEXT)
    for (const field of fields.keys()) checkField(field, 'the form', input)
    if (text === undefined) throw new TextUnusable(`the form lacks '${TEXT}'; send this field, or a file with a text, or with a CSV of texts.`)
    return one({ text, ...fields.has(PAIR) && { pair: fields.get(PAIR) } })
  }
  if (fields.size > 0) throw new RequestInvalid('the form has a file and fields; send one or the other.')
  if (files.length > 1 && files.some(isTable)) throw new RequestInvalid('the form has a CSV file and another file; send the CSV file alone.')
  if (isTable(file)) return await tableOf(file.bytes, input, limit)
  const items: TextItem[] = []
  for (const [at, { filename, bytes }] of files.entries()) {
    items.push({ text: await decoded(bytes, `File ${files.length > 1 ? `${at + 1} of ${files.length} ` : ''}'${filename.slice(0, QUOTE_LIMIT)}'`) })
  }
  return { items, isList: items.length > 1 }
}

/** The name of a file alone says whether it is a text or a table of texts. */
function isTable ({ filename }: Upload): boolean {
  return /\.(csv|tsv)$/i.test(filename)
}

async function tableOf (bytes: Uint8Array, input: TextInput, limit: number): Promise<Question> {
  const { items, table } = await textsFromCsv(bytes, input, limit)
  if (items.length === 0) throw new RequestInvalid('the CSV has no texts; add one line for each text after the header.')
  return { items, isList: true, table }
}

/**
 * The text of bytes: in the encoding that a byte order mark tells, or in the given one, or in UTF-8. The mark is no part of
 * the text. A long text is decoded in pieces, so that the event loop stays free.
 *
 * @param name name of the bytes in error messages
 * @throws BodyMalformed when there is no such encoding, or when the bytes are not text in it
 */
async function decoded (bytes: Uint8Array, name: string, charset = ''): Promise<string> {
  const decoder = decoderOf(markedEncodingOf(bytes) ?? (charset || 'utf-8'))
  if (!decoder) throw new BodyMalformed(`There is no encoding '${charset.slice(0, QUOTE_LIMIT)}'; send the text in UTF-8.`)
  let text = ''
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await nextTurn()
      text += decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new BodyMalformed(`${name} is not ${decoder.encoding.toUpperCase()}; save the text as UTF-8.`)
  }
}

/** @see https://encoding.spec.whatwg.org/#names-and-labels */
function decoderOf (charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    return null
  }
}

/** The encoding that a byte order mark tells. @see https://encoding.spec.whatwg.org/#bom-sniff */
function markedEncodingOf ([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : null
}

function kindOf (value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return 'a text'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`
}

function one (item: TextItem): Question {
  return { items: [item], isList: false }
}
