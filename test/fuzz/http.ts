import { STATUS_CODES } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../lib/config.ts'
import * as errors from '../../lib/errors.ts'
import type { Input } from '../../lib/modalities/kinds.ts'
import type { Signature } from '../../lib/tensor.ts'
import { anyJson, csvText, jsonImage, jsonRows, jsonTexts } from './bodies.ts'
import { formArbitrary, formBytes, type FormCase } from './forms.ts'
import { same, type Kind } from './kind.ts'
import { anyMutation, headerMutation, mutated, type Mutation } from './mutations.ts'
import type { Sample } from './samples.ts'

/** What a request sends. */
export interface Request {
  /** Content-Type; null: there is none. */
  type: string | null
  accept?: string
  query?: string
  payload: Uint8Array
}

/** A request to any route. */
export interface AnyRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS'
  path: string
  headers: Record<string, string>
  payload: Uint8Array
}

/** A service under test, and what it documents about its answers. */
export interface Service {
  name: string
  features: readonly string[]
  /** What its inputs are. */
  kind: Input['kind']
  /** Its inputs and outputs, as its file declares them. */
  signature: Signature
  /** Sends a request to POST /predict. */
  ask: (request: Request) => Promise<Answer>
  /** Sends any request. */
  send: (request: AnyRequest) => Promise<Answer>
  /** @throws Error when an answer is not as the OpenAPI document says */
  checkShape: (status: number, body: unknown) => void
  stop: () => Promise<void>
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
  bytes: Buffer
  /** What the service logged as an error. */
  log: string
}

/** Pictures larger than this are refused, so that a header that lies about the size costs no second. */
const PIXEL_LIMIT = '4000000'

/** One hour: a case that hangs ends in the watchdog and not in a 504. */
const DEADLINE_MS = '3600000'

/** Status of each code of lib/errors.ts that answers a request. */
const STATUSES = new Map(Object.entries(errors).filter(([name]) => /^[A-Z]/.test(name)).map(([, create]) => {
  const error: { code?: unknown, statusCode?: unknown } = Reflect.construct(create, ['a', 'b', 'c'])
  return [String(error.code), Number(error.statusCode)]
}))

/** Starts the service of an embedded model, or of a folder, without a port. */
export async function startService (model: string): Promise<Service> {
  let log = ''
  const logger = pino({ level: 'error' }, { write: line => { log += line } })
  const app = await buildApp(loadConfig({ ...model.includes('/') ? { MODEL_PATH: model } : { MODEL_NAME: model }, WORKERS: '1', PIXEL_LIMIT, DEADLINE_MS }), { logger })
  const { card, signature } = app.model
  const send = async ({ method, path, headers, payload }: AnyRequest): Promise<Answer> => {
    log = ''
    const response = await app.inject({ method, url: path, headers, payload: Buffer.from(payload) })
    return { status: response.statusCode, headers: response.headers, text: response.body, bytes: response.rawPayload, log }
  }
  return {
    name: card.name,
    features: card.input.kind === 'table' ? card.input.features.map(({ name }) => name) : [],
    kind: card.input.kind,
    signature,
    ask: async ({ type, accept, query = '', payload }) => {
      const headers = { ...type !== null && { 'content-type': type }, ...accept !== undefined && { accept } }
      return await send({ method: 'POST', path: `/predict${query}`, headers, payload })
    },
    send,
    checkShape: await shapesOf(app),
    stop: async () => { await app.close() }
  }
}

/** Reads the shapes of the answers to POST /predict from the OpenAPI document. */
async function shapesOf (app: FastifyInstance): Promise<Service['checkShape']> {
  const document = (await app.inject('/openapi.json')).json()
  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'document')
  const responses = '/paths/~1predict/post/responses'
  const statuses = Object.keys(document.paths['/predict'].post.responses)
  return (status, body) => {
    if (!statuses.includes(String(status))) throw new Error(`the OpenAPI document has no status ${status}`)
    const validate = ajv.getSchema(`document#${responses}/${status}/content/application~1json/schema`)
    if (!validate) throw new Error(`the OpenAPI document has no JSON for the status ${status}`)
    if (!validate(body)) throw new Error(`the answer is not as the OpenAPI document says: ${ajv.errorsText(validate.errors)}`)
  }
}

/** Codes of errors that may list the faulty rows of a file. */
const ROW_CODES = new Set(['SRV_ROW_UNUSABLE', 'SRV_TEXT_UNUSABLE'])

/**
 * Every answer is a prediction or an error of lib/errors.ts with its own status, in the documented shape; it is never a
 * 500, and no input ends a worker.
 *
 * @returns the status and the code
 */
export function checkAnswer (service: Service, { status, headers, text, log }: Answer): string {
  if (status === 500) throw new Error(`status 500; the log says ${log}`)
  const type = String(headers['content-type'])
  if (status === 200 && type.startsWith('text/csv')) return '200 CSV'
  same(type, 'application/json; charset=utf-8', 'Content-Type')
  const body = JSON.parse(text)
  service.checkShape(status, body)
  if (status === 200) return '200'
  const { faults, ...fields } = body
  const { code, statusCode, error, message } = fields
  same(Object.keys(fields).sort().join(), 'code,error,message,statusCode', 'fields of the error')
  if (faults !== undefined && !ROW_CODES.has(code)) throw new Error(`the code ${code} has faulty rows`)
  same(statusCode, status, "the body's statusCode")
  same(error, STATUS_CODES[status] ?? '', "the body's error")
  same(STATUSES.get(code) ?? null, status, `status of the code ${code}`)
  if (code === 'SRV_WORKER_LOST') throw new Error('the input ended a worker')
  if (typeof message !== 'string' || message === '' || /undefined|\[object/.test(message.replace(/'[^]*'/g, ''))) throw new Error(`the message says nothing: ${message}`)
  if ((status === 503 || status === 429) && !headers['retry-after']) throw new Error(`the status ${status} comes without Retry-After`)
  return `${status} ${code}`
}

/**
 * @param toRequest makes the request of a case
 */
function predictions<Case> (
  name: string, cases: number, services: readonly Service[], arbitrary: fc.Arbitrary<Case>,
  toRequest: (value: Case, service: Service) => Request
): Kind<{ model: string, value: Case }> {
  return requests(name, cases, services, arbitrary, toRequest, async (service, request) => checkAnswer(service, await service.ask(request)))
}

/**
 * Requests to one of several services.
 *
 * @param toRequest makes the request of a case
 * @param check sends it, and says what became of it
 */
export function requests<Case, Sent extends { payload: Uint8Array }> (
  name: string, cases: number, services: readonly Service[], arbitrary: fc.Arbitrary<Case>,
  toRequest: (value: Case, service: Service) => Sent, check: (service: Service, request: Sent) => Promise<string>
): Kind<{ model: string, value: Case }> {
  const serviceOf = (model: string) => services.find(({ name }) => name === model)!
  return {
    name,
    cases,
    arbitrary: fc.record({ model: fc.constantFrom(...services.map(({ name }) => name)), value: arbitrary }),
    check: async ({ model, value }) => await check(serviceOf(model), toRequest(value, serviceOf(model))),
    bytesOf: async ({ model, value }) => toRequest(value, serviceOf(model)).payload
  }
}

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'application/octet-stream', 'image/x-unknown', 'image/']

/** Damaged pictures of every format, as raw bytes, in a form and in JSON. */
export function damagedPictures (cases: number, services: readonly Service[], samples: readonly Sample[]) {
  return predictions('damaged pictures to /predict', cases, services, fc.record({
    sample: fc.constantFrom(...samples.map(({ name }) => name)),
    mutations: fc.array<Mutation>(fc.oneof(anyMutation, headerMutation), { maxLength: 4 }),
    as: fc.constantFrom('raw bytes', 'a form', 'JSON'),
    type: fc.constantFrom(...IMAGE_TYPES)
  }), ({ sample, mutations, as, type }) => {
    const bytes = mutated(samples.find(({ name }) => name === sample)!.bytes, mutations)
    if (as === 'JSON') return json(JSON.stringify({ image: bytes.toString('base64') }))
    if (as === 'raw bytes') return { type, payload: bytes }
    const part = { headers: [`Content-Disposition: form-data; name="file"; filename="${sample}"`], content: { sample, mutations } }
    return formRequest({ boundary: 'x', declared: null, type: 'multipart/form-data', parts: [part], damage: [] }, samples)
  })
}

/** Forms with any fields, names, headers and boundaries, cut off, nested and doubled. */
export function forms (cases: number, services: readonly Service[], samples: readonly Sample[]) {
  const features = services.flatMap(({ features }) => features)
  return predictions('forms to /predict', cases, services, formArbitrary(samples.map(({ name }) => name), features), form => formRequest(form, samples))
}

/** JSON of any shape, and text that is nearly JSON. */
export function jsonBodies (cases: number, services: readonly Service[], samples: readonly Sample[]) {
  const base64 = samples.map(({ bytes }) => bytes.toString('base64'))
  const features = services.flatMap(({ features }) => features)
  return predictions('JSON to /predict', cases, services, fc.record({
    rows: jsonRows(features),
    image: jsonImage(base64),
    texts: jsonTexts,
    other: anyJson,
    pick: fc.constantFrom('as documented', 'as documented', 'as documented', 'of another model', 'any'),
    damage: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array<Mutation>(anyMutation, { minLength: 1, maxLength: 3 }) }),
    query: query()
  }), ({ pick, damage, query, ...bodies }, { kind }) => {
    const text = bodyFor(kind, bodies, pick === 'any' ? 'any' : pick === 'as documented' ? 'own' : 'another')
    return { ...json(text), query, payload: mutated(Buffer.from(text), damage) }
  })
}

/** Picks what is for a model of this kind, what is for another, or anything else. */
export function bodyFor (kind: Service['kind'], { rows, image, texts, other }: Record<'rows' | 'image' | 'texts' | 'other', string>, pick: 'own' | 'another' | 'any'): string {
  const own = kind === 'table' ? rows : kind === 'text' ? texts : image
  if (pick === 'any') return other
  return pick === 'own' ? own : own === rows ? image : rows
}

/** CSV with any delimiters, quotes and line ends, and text that is nearly CSV. */
export function csvBodies (cases: number, services: readonly Service[]) {
  const tables = services.filter(({ kind }) => kind === 'table')
  return predictions('CSV to /predict', cases, tables, fc.record({
    text: csvText(tables.flatMap(({ features }) => features)),
    damage: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array<Mutation>(anyMutation, { minLength: 1, maxLength: 3 }) }),
    type: fc.constantFrom('text/csv', 'text/csv; charset=utf-8', 'text/csv; charset=utf-16', 'text/csv; header=absent', 'TEXT/CSV'),
    accept: fc.constantFrom('text/csv', 'application/json', '*/*')
  }), ({ text, damage, type, accept }) => ({ type, accept, payload: mutated(Buffer.from(text), damage) }))
}

/** Any bytes under any type. */
export function anyBytes (cases: number, services: readonly Service[]) {
  const types = [...IMAGE_TYPES, 'application/json', 'application/json; charset=latin1', 'text/csv', 'text/plain', 'multipart/form-data', 'multipart/form-data; boundary=x', 'multipart/mixed; boundary=x', 'application/x-www-form-urlencoded', '', ';', 'a/b', 'application/problem+json']
  return predictions('any bytes to /predict', cases, services, fc.record({
    type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(null, ...types) }, { weight: 10, arbitrary: fc.constantFrom('image/jpeg', 'application/octet-stream', 'application/json', 'text/csv', 'multipart/form-data; boundary=x') }, { weight: 1, arbitrary: fc.string({ maxLength: 30 }) }),
    bytes: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string().map(text => new Uint8Array(Buffer.from(text)))),
    start: fc.constantFrom('', 'ffd8ffe0', '89504e470d0a1a0a', '47494638', '52494646', '49492a00', '4d4d002a', '0000001c66747970', 'efbbbf', '2d2d78'),
    query: query()
  }), ({ type, bytes, start, query }) => ({ type, query, payload: Buffer.concat([Buffer.from(start, 'hex'), bytes]) }))
}

function query (): fc.Arbitrary<string> {
  const value = fc.oneof(fc.integer().map(String), fc.string({ unit: 'grapheme' }).map(encodeURIComponent), fc.constantFrom('', '1', '3', '-1', '1e3', '%', '%zz', 'null', '1.5'))
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.array(fc.tuple(fc.constantFrom('top_k', 'x', '__proto__', 'top_k[]', 'constructor'), value), { minLength: 1, maxLength: 3 }).map(pairs => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`) }
  )
}

function json (text: string): Request {
  return { type: 'application/json', payload: Buffer.from(text) }
}

function formRequest (form: FormCase, samples: readonly Sample[]): Request {
  const { type, payload } = formBytes(form, name => samples.find(sample => sample.name === name)!.bytes)
  return { type, payload }
}
