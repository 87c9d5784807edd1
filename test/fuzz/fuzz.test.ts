import fc from 'fast-check'
import t from 'tap'
import { JpegScan } from '../../lib/pixels/jpeg.ts'
import { resize } from '../../lib/pixels/resize.ts'
import { decodeLibvips, decodeOwn, type Decoder } from './decoders.ts'
import { anyRequests, binaryBodies, checkDialect, dialectForms, inferBodies, instances, packedBodies } from './dialects.ts'
import { anyBytes, checkAnswer, csvBodies, damagedPictures, forms, jsonBodies, startService, type Answer, type Service } from './http.ts'
import { damagedJpegs, wholeJpegs } from './jpeg.ts'
import type { Failure } from './kind.ts'
import { sharpRecipes, writtenRecipes } from './pictures.ts'
import { runnable } from './property.ts'
import { jpegResizes, resizes } from './resize.ts'
import { makeSamples } from './samples.ts'

// The fuzzer runs for minutes elsewhere. Here, each kind of cases must find a defect that is put in on purpose.

const ONCE = { seed: 1, reduce: false }
const CASES = 40

/** The decoder, with one pixel in a thousand that is one level brighter. */
const inexact: Decoder = (bytes, window) => {
  const decoded = decodeOwn(bytes, window)
  if ('pixels' in decoded) for (let at = 0; at < decoded.pixels.data.length; at += 3000) decoded.pixels.data[at]! ^= 1
  return decoded
}

/** The decoder, which reads on where a scan ends too early. */
const outOfBounds: Decoder = (bytes, window) => {
  const decoded = decodeOwn(bytes, window)
  if ('refusal' in decoded && decoded.refusal === 'the entropy-coded data is invalid') throw new RangeError('out of bounds')
  return decoded
}

/** The decoder, which refuses what it should decode. */
const refusing: Decoder = () => ({ refusal: 'not a baseline JPEG' })

t.test('files that the decoder gets right are right, and an inexact or a refusing decoder is found', async t => {
  for (const [name, recipes] of [['written', writtenRecipes(2000)], ['of sharp', sharpRecipes(2000)]] as const) {
    const run = async (decode?: Decoder) => (await runnable(wholeJpegs(name, recipes, CASES, null, decode)).run(ONCE)).failure
    t.equal(await run(), null)
    t.match((await run(inexact))?.message, /pixels against libvips|the window/)
    t.match((await run(refusing))?.message, /answer: not a baseline JPEG, expected decoded/)
  }
})

t.test('a decoder is found that fails on damaged files, or decodes them to other pixels than libvips', async t => {
  const run = async (part: 'header' | 'scan', decode?: Decoder) => (await runnable(damagedJpegs(part, part, 5 * CASES, null, decode)).run(ONCE)).failure
  for (const part of ['header', 'scan'] as const) {
    t.equal(await run(part), null)
    t.match((await run(part, inexact))?.message, /pixels against libvips|the window/)
    t.match((await run(part, outOfBounds))?.message, /out of bounds/)
  }
})

t.test('a decoder is found that shows the pixels of an earlier picture, or writes past its memory', async t => {
  const bytes = Buffer.from((await makeSamples()).find(({ name }) => name === 'baseline.jpg')!.bytes)
  t.match(await decodeLibvips(bytes), { pixels: { width: 37, height: 29 } })
  const { bands } = JpegScan.prototype
  t.teardown(() => { JpegScan.prototype.bands = bands })
  JpegScan.prototype.bands = function (window, arena) {
    const inner = bands.call(this, window, arena)
    const address = arena.allocate(window.width * window.height * 4)
    return function * () {
      for (const band of inner()) yield { ...band, address }
    }
  }
  t.throws(() => decodeOwn(bytes), /pixels after other bytes were in memory/)
  JpegScan.prototype.bands = function (window, arena) {
    const inner = bands.call(this, window, arena)
    const end = arena.allocate(0)
    return function * () {
      yield * inner()
      arena.memory()[end + 100] = 7
    }
  }
  t.throws(() => decodeOwn(bytes), /the decoder wrote \d+ bytes past its memory/)
})

t.test('a resize is found that differs by one level, or whose crop is one pixel off', async t => {
  const inexact: typeof resize = (...question) => {
    const result = resize(...question)
    result.data[result.data.length >> 1]! ^= 1
    return result
  }
  const shifted: typeof resize = (source, width, height, filter, crop) => {
    if (!crop || crop.left === 0) return resize(source, width, height, filter, crop)
    return resize(source, width, height, filter, { ...crop, left: crop.left - 1 })
  }
  for (const make of [(own?: typeof resize) => runnable(resizes(CASES, null, own)), (own?: typeof resize) => runnable(jpegResizes(CASES, own))]) {
    t.equal((await make().run(ONCE)).failure, null)
    t.match((await make(inexact).run(ONCE)).failure?.message, /pixels|the crop/)
    t.match((await make(shifted).run(ONCE)).failure?.message, /pixels|the crop/)
  }
})

t.test('a service is found that answers with an unknown error, an undocumented status or another shape', async t => {
  const services = await Promise.all(['tensorfood', 'iris'].map(startService))
  t.teardown(async () => { await Promise.all(services.map(async ({ stop }) => { await stop() })) })
  const samples = await makeSamples()
  const kinds = (services: Service[]) => [
    runnable(damagedPictures(CASES, services.filter(({ kind }) => kind === 'image'), samples)),
    runnable(forms(CASES, services, samples)),
    runnable(jsonBodies(CASES, services, samples)),
    runnable(csvBodies(CASES, services)),
    runnable(anyBytes(CASES, services))
  ]
  for (const kind of kinds(services)) t.equal((await kind.run(ONCE)).failure, null, kind.name)

  /** The services with other answers. */
  const changed = (change: (answer: Answer) => Answer) => services.map(service => ({ ...service, ask: async (request: Parameters<Service['ask']>[0]) => change(await service.ask(request)) }))
  const broken = changed(answer => answer.status < 500 && answer.status !== 406 ? { ...answer, status: 500 } : answer)
  for (const kind of kinds(broken)) t.match((await kind.run(ONCE)).failure?.message, /status 500/, kind.name)

  const right = await services[1]!.ask({ type: 'application/json', payload: Buffer.from('[1]') })
  t.equal(checkAnswer(services[1]!, right), '422 SRV_ROW_UNUSABLE')
  const error = JSON.parse(right.text)
  for (const [what, answer] of Object.entries<Partial<Answer>>({
    'an undocumented status': { status: 418, text: JSON.stringify({ ...error, statusCode: 418 }) },
    'another status in the body': { text: JSON.stringify({ ...error, statusCode: 400 }) },
    'an unknown code': { text: JSON.stringify({ ...error, code: 'FST_ERR' }) },
    'the code of another status': { text: JSON.stringify({ ...error, code: 'SRV_BODY_MALFORMED' }) },
    'no message': { text: JSON.stringify({ ...error, message: '' }) },
    'a message with a hole': { text: JSON.stringify({ ...error, message: 'undefined is missing' }) },
    'one field more': { text: JSON.stringify({ ...error, stack: 'at' }) },
    'no JSON': { text: 'oh' },
    HTML: { headers: { 'content-type': 'text/html' } },
    'an ended worker': { status: 503, headers: { ...right.headers, 'retry-after': '1' }, text: JSON.stringify({ statusCode: 503, code: 'SRV_WORKER_LOST', error: 'Service Unavailable', message: 'x' }) },
    'another prediction': { status: 200, text: '{"label":1}' }
  })) t.throws(() => checkAnswer(services[1]!, { ...right, ...answer }), what)
})

t.test('a dialect is found that answers 5xx, without a reason where its clients look for it, or with half an output', async t => {
  const services = await Promise.all(['fashion-mnist', 'iris'].map(startService))
  t.teardown(async () => { await Promise.all(services.map(async ({ stop }) => { await stop() })) })
  const samples = await makeSamples()
  const kinds = (services: Service[]) => [
    runnable(inferBodies(CASES, services)),
    runnable(binaryBodies(CASES, services)),
    runnable(packedBodies(CASES, services)),
    runnable(instances(CASES, services, samples)),
    runnable(dialectForms('max', CASES, services, samples)),
    runnable(dialectForms('kapitan', CASES, services, samples)),
    runnable(anyRequests(CASES, services))
  ]
  for (const kind of kinds(services)) t.equal((await kind.run(ONCE)).failure, null, kind.name)
  const broken = services.map(service => ({ ...service, send: async (request: Parameters<Service['send']>[0]) => ({ ...await service.send(request), status: 500 }) }))
  for (const kind of kinds(broken)) t.match((await kind.run(ONCE)).failure?.message, /status 500/, kind.name)

  const post = async (path: string, body: string) => await services[1]!.send({ method: 'POST', path, headers: { 'content-type': 'application/json' }, payload: Buffer.from(body) })
  const refused = await post('/v2/models/iris/infer', '{}')
  t.equal(checkDialect('v2', refused), '400')
  for (const [what, answer] of Object.entries<Partial<Answer>>({
    'another type': { headers: { 'content-type': 'application/json; charset=utf-8' } },
    'the reason elsewhere': { text: '{"detail":"no inputs"}' },
    'no text': { text: '{"error":{"message":"no inputs"}}' },
    'an empty reason': { text: '{"error":""}' },
    'a reason with a hole': { text: '{"error":"undefined is missing"}' },
    'no JSON': { text: 'oh' }
  })) t.throws(() => checkDialect('v2', { ...refused, ...answer }), what)
  const right = await post('/v2/models/iris/infer', '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}')
  t.equal(checkDialect('v2', right), '200')
  const half = Buffer.from(right.text.replace('"shape":[1]', '"shape":[2]'))
  t.throws(() => checkDialect('v2', { ...right, bytes: half }), /elements of/)
})

t.test('a failure comes with its smallest case, the bytes, and a path that leads to it again', async t => {
  const kind = runnable({
    name: 'numbers',
    cases: 1000,
    arbitrary: fc.nat(100_000),
    check: async value => {
      if (value >= 1234) throw new Error(`${value} is too large`)
      return value < 100 ? 'small' : 'large'
    },
    bytesOf: async value => Uint8Array.of(value >> 8, value & 255)
  })
  const { failure } = await kind.run({ seed: 5 })
  t.match(failure, { seed: 5, text: '1234', bytes: Uint8Array.of(4, 210) } satisfies Partial<Failure>)
  t.match(failure?.message, '1234 is too large')
  const again = await kind.run({ seed: 5, path: failure!.path })
  t.match(again, { cases: 1, failure: { text: '1234', bytes: Uint8Array.of(4, 210) } })
  const fine = await kind.run({ seed: 5, cases: 0 })
  t.match(fine, { cases: 0, failure: null })
})
