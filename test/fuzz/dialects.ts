import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { lengthOf } from '../../lib/tensor.ts'
import { datatypeOf, dtypeOf, SIZES_BYTES } from '../../wire/open-inference/datatypes.ts'
import { anyJson, jsonImage, jsonRows, jsonTexts } from './bodies.ts'
import { formArbitrary, formBytes } from './forms.ts'
import { bodyFor, requests, type Answer, type AnyRequest, type Service } from './http.ts'
import { same } from './kind.ts'
import { anyMutation, mutated, type Mutation } from './mutations.ts'
import type { Sample } from './samples.ts'

/** What each dialect answers to a mistake: where its clients look for the reason. */
export type Dialect = 'v2' | 'v1' | 'max' | 'kapitan'

/**
 * Every answer is one that the dialect's clients read: never 5xx, and a mistake comes with its reason where they look for it.
 *
 * @returns the status
 */
export function checkDialect (dialect: Dialect, { status, headers, text, bytes, log }: Answer): string {
  if (status >= 500) throw new Error(`status ${status}: ${text}; the log says ${log}`)
  if (status < 300) {
    if (dialect === 'v2' && /"outputs"/.test(text)) checkOutputs(headers, bytes)
    return String(status)
  }
  // Clients of KServe read the reason only where the type is exactly this.
  if (dialect !== 'kapitan') same(String(headers['content-type']), 'application/json', 'Content-Type')
  const body: unknown = JSON.parse(text)
  const reason = reasonIn(dialect, body)
  if (reason === '' || /undefined|\[object/.test(reason.replace(/'[^]*'|"[^]*"/g, ''))) throw new Error(`the reason says nothing: ${text}`)
  return String(status)
}

const FIELDS: Record<Dialect, string> = { v2: 'error', v1: 'error', max: 'message', kapitan: 'detail' }

function reasonIn (dialect: Dialect, body: unknown): string {
  const field = FIELDS[dialect]
  const value: unknown = typeof body === 'object' && body !== null ? Object.entries(body).find(([name]) => name === field)?.[1] : undefined
  if (typeof value === 'string') return value
  // FastAPI, which Kapitan is made with, lists what is wrong with a form.
  if (dialect === 'kapitan' && Array.isArray(value)) return JSON.stringify(value)
  throw new Error(`there is no '${field}' in ${JSON.stringify(body)}`)
}

/** An answer to infer is whole: each output has as many elements or bytes as its shape says. */
function checkOutputs (headers: Record<string, unknown>, bytes: Buffer): void {
  const length = headers['inference-header-content-length']
  const json = bytes.subarray(0, length === undefined ? bytes.length : Number(length)).toString()
  const { outputs }: { outputs: Array<{ name: string, datatype: string, shape: number[], data?: unknown[], parameters?: { binary_data_size?: number } }> } = JSON.parse(json)
  let rest = bytes.length - Buffer.byteLength(json)
  for (const { name, datatype, shape, data, parameters } of outputs) {
    const size = parameters?.binary_data_size
    if (size === undefined) {
      same((data ?? []).flat(Infinity).length, lengthOf(shape), `elements of '${name}'`)
      continue
    }
    const dtype = dtypeOf(datatype)
    const width = dtype && SIZES_BYTES[dtype]
    if (width) same(size, lengthOf(shape) * width, `bytes of '${name}'`)
    rest -= size
  }
  same(rest, 0, 'bytes after the outputs')
}

/** A value in JSON, as text. */
const scalar = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('1', '0', '5.9', '-1', '2e1', '0.5') },
  { weight: 1, arbitrary: fc.constantFrom('null', 'true', '"a"', '"1"', '"NaN"', '"Infinity"', 'NaN', '1e999', '9007199254740993', '-18446744073709551616', '1.5', '[]', '{}', '""', '[1]', '"\\ud800"') }
)

const length = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('1', '2', '3', '4') },
  { weight: 1, arbitrary: fc.constantFrom('0', '-1', '1000000000000', '1152921504606846978', '9007199254740993', '1e999', '1.5', '"4"', 'null', '[]', 'true') }
)

const name = fc.constantFrom('', 'X', 'data', '__proto__', 'constructor', 'toString', 'length', '\u0000', 'é', '%2F', 'a'.repeat(300))
const datatype = fc.constantFrom('FP32', 'FP64', 'FP16', 'INT64', 'INT32', 'UINT8', 'UINT64', 'BOOL', 'BYTES', 'BF16', 'fp32', 'TYPE_FP32', '', '__proto__')
const parameters = fc.constantFrom('{}', 'null', '[]', '3', '{"binary_data":true}', '{"binary_data":"yes"}', '{"classification":2}', '{"classification":-1}', '{"classification":1e9}', '{"classification":0}', '{"classification":"2"}', '{"binary_data_size":16}', '{"binary_data_size":-1}', '{"binary_data_size":1e18}', '{"priority":1,"timeout":1}', '{"__proto__":1}', '{"shared_memory_region":"a"}')
const extra = fc.constantFrom('', '', '', '', '', '', ',"model_name":"other"', ',"id":"7"', ',"id":7', ',"id":null', ',"parameters":{"binary_data_output":true}', ',"parameters":null', ',"parameters":[]', ',"outputs":null', ',"outputs":[]', ',"outputs":[{}]', ',"inputs":[]', ',"__proto__":{"a":1}', ',"unknown":{"deep":[[[1]]]}')

/** A value of its own in one of `weight + 1` cases; null else: what the model takes. */
function seldom<Value> (arbitrary: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
}

interface TensorCase {
  name: string | null
  datatype: string | null
  shape: string[] | null
  rows: number
  values: readonly string[]
  isNested: boolean
  parameters: string | null
}

/** Values of a tensor, so that a picture of the smallest model is whole. */
const VALUES_LIMIT = 13_000

/** How a tensor differs from what the model takes; null: not at all. */
const tensor: fc.Arbitrary<TensorCase> = fc.record({
  name: seldom(name, 15),
  datatype: seldom(datatype, 15),
  shape: seldom(fc.array(length, { maxLength: 5 }), 8),
  rows: fc.constantFrom(1, 1, 2, 3, 0),
  values: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.array(scalar, { minLength: 1, maxLength: 20 }) }),
  isNested: fc.boolean(),
  parameters: seldom(parameters, 4)
})

/** The JSON of a tensor like the model's input number `at`. */
function tensorText ({ name, datatype, shape, rows, values, isNested, parameters }: TensorCase, at: number, { signature }: Service, size?: number): string {
  const spec = signature.inputs[at % signature.inputs.length]!
  const own = spec.shape.map((length, axis) => axis === 0 ? rows : length ?? 2)
  const flat = values.length > 0 ? values : new Array<string>(Math.min(lengthOf(own), VALUES_LIMIT)).fill('1')
  const width = own.at(-1) ?? 1
  const data = isNested && own.length === 2 && width > 0 ? Array.from({ length: Math.ceil(flat.length / width) }, (_, row) => `[${flat.slice(row * width, row * width + width).join()}]`) : flat
  return `{"name":${JSON.stringify(name ?? spec.name)},"shape":[${(shape ?? own).join()}],"datatype":${JSON.stringify(datatype ?? datatypeOf(spec.dtype))}${parameters === null ? '' : `,"parameters":${parameters}`}${size === undefined ? `,"data":[${data.join()}]` : `,"parameters":{"binary_data_size":${size}}`}}`
}

const damage = fc.oneof({ weight: 5, arbitrary: fc.constant<Mutation[]>([]) }, { weight: 1, arbitrary: fc.array<Mutation>(anyMutation, { minLength: 1, maxLength: 3 }) })
const mediaType = fc.constantFrom('application/json', 'application/octet-stream', 'application/x-www-form-urlencoded', 'text/plain', '', null)

function infer (service: Service, headers: Record<string, string | null>, payload: Uint8Array): AnyRequest {
  const given = Object.entries(headers).flatMap(([name, value]) => value === null ? [] : [[name, value] as const])
  return { method: 'POST', path: `/v2/models/${service.name}/infer`, headers: Object.fromEntries(given), payload }
}

const asked = (dialect: Dialect) => async (service: Service, request: AnyRequest) => checkDialect(dialect, await service.send(request))

const inferCase = fc.record({
  tensors: fc.oneof({ weight: 5, arbitrary: fc.array(tensor, { minLength: 1, maxLength: 1 }) }, { weight: 1, arbitrary: fc.array(tensor, { maxLength: 4 }) }),
  extra,
  wanted: seldom(fc.array(fc.tuple(fc.nat(9).map(number => number > 0), name, parameters), { maxLength: 3 }), 2),
  damage,
  type: mediaType
})
type InferCase = typeof inferCase extends fc.Arbitrary<infer Case> ? Case : never

function inferText ({ tensors, extra, wanted }: InferCase, service: Service, sizes?: readonly number[]): string {
  const inputs = tensors.map((each, at) => tensorText(each, at, service, sizes?.[at]))
  const outputs = wanted?.map(([isOwn, other, parameters], at) => `{"name":${JSON.stringify(isOwn ? service.signature.outputs[at % service.signature.outputs.length]!.name : other)},"parameters":${parameters}}`)
  return `{"inputs":[${inputs.join()}]${outputs ? `,"outputs":[${outputs.join()}]` : ''}${extra}}`
}

/** JSON near what a client of the Open Inference Protocol sends, and JSON of any shape. */
export function inferBodies (cases: number, services: readonly Service[]) {
  return requests('JSON to /v2/…/infer', cases, services, fc.record({ near: inferCase, other: anyJson, isAny: fc.nat(9) }), ({ near, other, isAny }, service) => {
    return infer(service, { 'content-type': near.type }, mutated(Buffer.from(isAny === 0 ? other : inferText(near, service)), near.damage))
  }, asked('v2'))
}

/** Bodies of the binary tensor extension, with sizes and lengths that are right, nearly right, and none. */
export function binaryBodies (cases: number, services: readonly Service[]) {
  const off = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) })
  const headerLength = fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom('-1', '99999999999', 'ten', '', '0', '0x10', '1e2', '1.5', ' 4', '9007199254740993', '+4') })
  return requests('binary bodies to /v2/…/infer', cases, services, fc.record({
    near: inferCase, headerLength, off, sizes: fc.array(off, { minLength: 4, maxLength: 4 }), bytes: fc.uint8Array({ maxLength: 64 }), isWhole: fc.boolean()
  }), ({ near, headerLength, off, sizes, bytes, isWhole }, service) => {
    const lengths = near.tensors.map((tensor, at) => {
      const { dtype, shape } = service.signature.inputs[at % service.signature.inputs.length]!
      return Math.min(100_000, lengthOf(shape.map((length, axis) => axis === 0 ? tensor.rows : length ?? 2)) * (SIZES_BYTES[dtype] ?? 5)) + sizes[at]!
    })
    const json = Buffer.from(inferText(near, service, lengths))
    const total = lengths.reduce((sum, length) => sum + Math.max(0, length), 0)
    const binary = isWhole ? Buffer.alloc(total, 1) : Buffer.concat([Buffer.from(bytes), Buffer.alloc(Math.max(0, total - bytes.length))])
    return infer(service, { 'content-type': near.type, 'inference-header-content-length': headerLength ?? String(json.length + off) }, mutated(Buffer.concat([json, binary]), near.damage))
  }, asked('v2'))
}

/** Bodies that are packed, not packed, packed twice, cut off and damaged, under any name of an encoding. */
export function packedBodies (cases: number, services: readonly Service[]) {
  const packings = { gzip: gzipSync, deflate: deflateSync, 'raw deflate': deflateRawSync, none: (bytes: Uint8Array) => Buffer.from(bytes), twice: (bytes: Uint8Array) => gzipSync(gzipSync(bytes)), joined: (bytes: Uint8Array) => Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))]) }
  return requests('packed bodies to /v2/…/infer', cases, services, fc.record({
    near: inferCase,
    packing: fc.constantFrom('gzip', 'gzip', 'deflate', 'deflate', 'raw deflate', 'none', 'twice', 'joined'),
    encoding: fc.constantFrom('gzip', 'gzip', 'gzip', 'deflate', 'deflate', 'GZIP', 'x-gzip', 'identity', 'br', 'gzip, gzip', '', 'zstd'),
    accept: fc.constantFrom('gzip', 'deflate', 'gzip, deflate, br', 'br', '*', 'gzip;q=0', ''),
    damage: fc.oneof({ weight: 2, arbitrary: fc.constant<Mutation[]>([]) }, { weight: 1, arbitrary: fc.array<Mutation>(anyMutation, { minLength: 1, maxLength: 3 }) })
  }), ({ near, packing, encoding, accept, damage }, service) => {
    const body = mutated(packings[packing](Buffer.from(inferText(near, service))), damage)
    return infer(service, { 'content-type': near.type, 'content-encoding': encoding, 'accept-encoding': accept }, body)
  }, async (service, request) => {
    const answer = await service.send(request)
    // What is packed is not looked into; that it can be unpacked is checked by the clients.
    return answer.headers['content-encoding'] === undefined ? checkDialect('v2', answer) : `${answer.status} packed`
  })
}

/** JSON near what a client of KServe's V1 sends. */
export function instances (cases: number, services: readonly Service[], samples: readonly Sample[]) {
  const base64 = samples.map(({ bytes }) => bytes.toString('base64'))
  const features = services.flatMap(({ features }) => features)
  return requests('JSON to /v1/…:predict and :explain', cases, services, fc.record({
    rows: jsonRows(features),
    image: jsonImage(base64),
    texts: jsonTexts,
    other: anyJson,
    pick: fc.constantFrom('own', 'own', 'own', 'another', 'any'),
    wrap: fc.constantFrom('{"instances":[%]}', '{"instances":[%,%]}', '{"instances":%}', '{"inputs":%}', '%', '{"instances":[{"b64":%}]}', '{"signature_name":"a","instances":[%]}', '{"instances":null}'),
    verb: fc.constantFrom('predict', 'predict', 'predict', 'explain', 'classify', ''),
    type: mediaType,
    damage
  }), ({ rows, image, texts, other, pick, wrap, verb, type, damage }, service): AnyRequest => {
    const picture = image.replace(/^\{"image":/, '{"b64":')
    const item = bodyFor(service.kind, { rows, image: picture, texts, other }, pick)
    const payload = mutated(Buffer.from(wrap.replaceAll('%', () => item)), damage)
    return { method: 'POST', path: `/v1/models/${service.name}:${verb}`, headers: type === null ? {} : { 'content-type': type }, payload }
  }, asked('v1'))
}

/** Forms to MAX or Kapitan, whole, damaged, and with other fields. */
export function dialectForms (dialect: 'max' | 'kapitan', cases: number, services: readonly Service[], samples: readonly Sample[]) {
  const path = dialect === 'max' ? '/model/predict' : '/api/v1/model/predict'
  const field = dialect === 'max' ? ['file'] : ['image_file', 'csv_file']
  return requests(`forms to ${path}`, cases, services, formArbitrary(samples.map(({ name }) => name), [...field, ...field, ...field]), (form): AnyRequest => {
    const { type, payload } = formBytes(form, name => samples.find(sample => sample.name === name)!.bytes)
    return { method: 'POST', path, headers: { 'content-type': type }, payload }
  }, asked(dialect))
}

const ROUTES: ReadonlyArray<readonly [Dialect, string]> = [
  ['v2', '/v2'], ['v2', '/v2/'], ['v2', '/v2/health/live'], ['v2', '/v2/health/ready'], ['v2', '/v2/models'], ['v2', '/v2/models/%'], ['v2', '/v2/models/%/'], ['v2', '/v2/models/%/ready'], ['v2', '/v2/models/%/config'],
  ['v2', '/v2/models/%/stats'], ['v2', '/v2/models/stats'], ['v2', '/v2/repository/index'], ['v2', '/v2/models/%/infer'], ['v2', '/v2/models/%/versions/%/infer'], ['v2', '/v2/models/%/versions/%'], ['v2', '/v2/models/%/versions/%/ready'],
  ['v2', '/v2/repository/models/%/load'], ['v2', '/v2/nothing'], ['v2', '/v2/models/%/generate'], ['v1', '/v1/models'], ['v1', '/v1/models/%'], ['v1', '/v1/models/%:predict'], ['v1', '/v1/models/%:'], ['v1', '/v1/nothing'],
  ['max', '/model/metadata'], ['max', '/model/labels'], ['max', '/model/predict'], ['kapitan', '/api/v1/model/version'], ['kapitan', '/api/v1/model/predict'], ['kapitan', '/api/v1/openapi.json']
]

/** Any method, name of a model, type, header and bytes to any route of the dialects. */
export function anyRequests (cases: number, services: readonly Service[]) {
  return requests('any requests to the dialects', cases, services, fc.record({
    route: fc.constantFrom(...ROUTES),
    model: seldom(fc.oneof(fc.constantFrom('rose', 'a%20b', '..', '%2e%2e', '%2F', '%00', '%zz', '%', 'a'.repeat(2000), '1', '99', '__proto__'), fc.string({ maxLength: 10 }).map(encodeURIComponent)), 3),
    method: fc.constantFrom<AnyRequest['method']>('GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
    type: fc.constantFrom(null, 'application/json', 'application/octet-stream', 'multipart/form-data; boundary=x', 'multipart/form-data', 'text/csv', ';', 'a/b'),
    query: fc.constantFrom('', '', '?', '?a=%zz', '?top_k=3', '?__proto__=1'),
    body: fc.oneof(fc.constantFrom('', '{}', 'null', '[]', '{"ready":null}', '{"ready":3}'), fc.string({ maxLength: 30 }))
  }), ({ route: [dialect, path], model, method, type, query, body }, { name }) => ({
    dialect, method, path: path.replace('%', model ?? name).replace('%', model ?? '1') + query, headers: type === null ? {} : { 'content-type': type }, payload: Buffer.from(method === 'POST' || method === 'PUT' ? body : '')
  }), async (service, { dialect, ...request }) => {
    const answer = await service.send(request)
    if (answer.status >= 500) throw new Error(`status ${answer.status}: ${answer.text}`)
    // An answer without a body has no reason; a path that leaves the dialect is answered by the service itself.
    if (request.method === 'HEAD' || request.method === 'OPTIONS' || answer.status < 400 || answer.text === '') return String(answer.status)
    const isInside = !/\.\.|%2e|%2f|%00|%z|%$|%[?:/]|#/i.test(request.path)
    return isInside ? checkDialect(dialect, answer) : String(answer.status)
  })
}
