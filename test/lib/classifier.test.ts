import t, { type Test } from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { resolveModel } from '../../lib/card/resolve.ts'
import { Classifier } from '../../lib/classifier.ts'
import { loadConfig } from '../../lib/config.ts'
import { InlineRunner } from '../../lib/engine/inline.ts'
import { WorkerPool } from '../../lib/engine/pool.ts'
import { loadClassifier } from '../../lib/load.ts'
import type { Ranked } from '../../lib/output/classify.ts'
import type { Prediction } from '../../lib/output/prediction.ts'
import { projectFile } from '../../lib/project.ts'
import type { Tensors } from '../../lib/tensor.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { onnxFile, type Value } from '../fixtures/onnx.ts'
import { fakeModel } from './model.ts'

const ask = { deadline: 60_000 }
const options = { topK: 3, ...ask }

t.test('a loaded model', async t => {
  const model = await loadClassifier(loadConfig({ WORKERS: '1', QUEUE_LIMIT: '4' }))
  t.teardown(() => model.close())

  t.test("gives Python's answer for the same bytes", async t => {
    for (const name of ['rgb.png', 'alpha.png', 'grey.png', 'palette.png', 'rgb.webp', 'rgb.tiff', 'grey-alpha.png', 'alpha-16-bit.png', 'palette-alpha.png', 'rgb.jpg', 'rotated.jpg']) {
      const { label, probability } = expected.pictures[name]!
      const { predictions: [prediction] } = await model.predict([{ name, bytes: picture(name) }], options)
      const first = firstOf(prediction)
      t.equal(first.label, label, name)
      t.ok(Math.abs(first.probability - probability) < 0.001, `${name}: ${first.probability}, Python ${probability}`)
    }
  })

  t.test('answers several inputs in order', async t => {
    const names = ['rgb.png', 'grey.png', 'alpha.png']
    const { predictions, timing } = await model.predict(names.map(name => ({ name, bytes: picture(name) })), options)
    t.same([...predictions].map(prediction => firstOf(prediction).label), names.map(name => expected.pictures[name]!.label))
    t.ok([...predictions].every(prediction => prediction.kind === 'classes' && prediction.top.length === 3))
    t.ok(timing.decode > 0 && timing.infer > 0 && timing.queue >= 0)
  })

  t.test('answers a JPEG that its worker decodes in another way', async t => {
    const jpeg = picture('rgb.jpg')
    const bytes = Uint8Array.from([...jpeg.subarray(0, -2), 97, 98, ...jpeg.subarray(-2)])
    const [plain, odd] = [await model.predict([{ name: 'a', bytes: jpeg }], options), await model.predict([{ name: 'b', bytes, isMovable: true }], options)]
    t.equal(firstOf(odd.predictions.at(0)).label, firstOf(plain.predictions.at(0)).label)
    t.ok(Math.abs(firstOf(odd.predictions.at(0)).probability - firstOf(plain.predictions.at(0)).probability) < 0.01)
  })

  t.test('fails the whole request for one bad input, and names it', async t => {
    await t.rejects(model.predict([
      { name: 'good', bytes: picture('rgb.png') }, { name: 'the bad one', bytes: Buffer.from('hello') }
    ], options), { code: 'SRV_IMAGE_UNSUPPORTED', message: /^the bad one is not an image/ })
    await t.rejects(model.predict([{ name: 'half', bytes: picture('rgb.jpg').subarray(0, 1500) }], options), {
      code: 'SRV_IMAGE_CORRUPT', message: /^half is a damaged or truncated image/
    })
  })

  t.test('answers at the deadline, while the work still goes on', async t => {
    const late = model.predict([{ name: 'a', bytes: picture('rgb.png') }], { topK: 1, deadline: 1 })
    // One turn of the event loop that is longer than the deadline: no answer can be faster.
    const until = performance.now() + 5
    while (performance.now() < until);
    await t.rejects(late, { code: 'SRV_DEADLINE', statusCode: 504, message: /within 1 ms/ })
  })

  t.test('drops the work of a caller who has gone: what waits is never run', async t => {
    await settled(model)
    let rows = 0
    model.events.on('run', count => { rows += count })
    const bytes = picture('rgb.png')
    const stops: Array<() => void> = []
    const gone = model.predict(Array.from({ length: 3 }, (_, at) => ({ name: `${at}`, bytes })), { ...options, onGone: stop => stops.push(stop) })
    stops[0]?.()
    await t.rejects(gone, { code: 'SRV_CLIENT_GONE' })
    await settled(model)
    t.equal(rows, 0)
    await model.predict([{ name: 'a', bytes }], options)
    t.equal(rows, 1, 'and what is asked next is')
  })

  t.test('refuses an answer that would be too large, before it reads an input', async t => {
    const items = Array.from({ length: 3 }, () => ({ name: 'a', bytes: Buffer.from('no picture') }))
    await t.rejects(model.predict(items, { topK: 100_000, ...ask }), {
      statusCode: 413, code: 'SRV_ANSWER_TOO_LARGE', message: '3 inputs with top_k=100000 give an answer over the limit of 262144 labels; ask for a smaller top_k, or send fewer inputs at once.'
    })
  })

  t.test('refuses what the queue cannot hold, and has room again afterwards', async t => {
    const inputs = Array.from({ length: 3 }, () => ({ name: 'a', bytes: picture('rgb.png') }))
    await settled(model)
    const first = model.predict(inputs, options)
    await t.rejects(model.predict(inputs, options), { code: 'SRV_QUEUE_FULL' })
    t.match(model.status(), { admitted: 3, queueLimit: 4 })
    t.ok(model.accepts('normal'))
    t.notOk(model.accepts('low'), 'low priority is refused from a quarter of the queue on')
    await first
    await settled(model)
    t.equal((await model.predict(inputs, options)).predictions.length, 3)
  })

  t.test('tells how it is', async t => {
    await settled(model)
    t.match(model.status(), {
      queued: 0, running: 0, admitted: 0, queueLimit: 4, workers: { size: 1, alive: 1, busy: 0, deaths: 0 }, layout: { workers: 1, threads: Number, maxBatch: Number, trials: Array }
    })
    t.match(model.signature, { inputs: [{ name: 'image', dtype: 'uint8', shape: [null, 64, 64, 3] }] })
  })

  t.test('gives the output tensors for pictures: a row for each, and the predictions that belong to them', async t => {
    const names = ['rgb.png', 'grey.png', 'rgb.jpg']
    const items = names.map(name => ({ name, bytes: picture(name) }))
    const { outputs, timing } = await model.inferItems(items, ask)
    t.match(outputs['probabilities'], { dtype: 'float32', shape: [3, 25] })
    t.ok(timing.infer > 0)
    const predictions = await model.predictionsOf(outputs)
    t.same([...predictions].map(prediction => firstOf(prediction).label), names.map(name => expected.pictures[name]!.label))
    t.same(Object.keys((await model.inferItems(items, { ...ask, outputs: ['probabilities'] })).outputs), ['probabilities'])
    await t.rejects(model.inferItems(items, { ...ask, outputs: ['logits'] }), { code: 'SRV_TENSOR_UNUSABLE', message: /^the model has no output 'logits'/ })
    await t.rejects(model.inferItems([{ name: 'x', bytes: Buffer.from('hello') }], ask), { code: 'SRV_IMAGE_UNSUPPORTED' })
    t.same(await model.predictionsOf({}), [], 'none without the output that they are made of')
  })

  t.test('infers from tensors what it predicts from pictures', async t => {
    const { outputs } = await model.infer({ image: { dtype: 'uint8', shape: [2, 64, 64, 3], data: new Uint8Array(2 * 64 * 64 * 3).fill(255) } }, ask)
    t.match(outputs['probabilities'], { dtype: 'float32', shape: [2, 25] })
    await t.rejects(model.infer({ image: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } }, ask), {
      code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message: "input 'image' is float32; the model takes uint8."
    })
  })
})

t.test('a model with two inputs and two outputs, of int64 and strings', async t => {
  const model = await open(t, [['counts', 'int64', ['batch', 2]], ['words', 'string', ['batch']]], [['doubled', 'int64', ['batch', 2]], ['same', 'string', ['batch']]], [
    { op: 'Add', from: ['counts', 'counts'], to: 'doubled' }, { op: 'Identity', from: ['words'], to: 'same' }
  ])
  const feeds = (counts: bigint[], words: string[]): Tensors => ({
    counts: { dtype: 'int64', shape: [words.length, 2], data: BigInt64Array.from(counts) }, words: { dtype: 'string', shape: [words.length], data: words }
  })

  t.test('takes and answers tensors as they are, beyond what a number can hold', async t => {
    const { outputs, timing } = await model.infer(feeds([2n ** 60n + 1n, -3n], ['日本']), ask)
    t.same(outputs, {
      doubled: { dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(2n ** 61n + 2n, -6n) }, same: { dtype: 'string', shape: [1], data: ['日本'] }
    })
    t.match(Object.keys(timing).sort(), ['decode', 'infer', 'queue'])
  })

  t.test('refuses inputs with different numbers of rows, which would get those of others', async t => {
    const words: Tensors = { ...feeds([1n, 2n], ['a']), words: { dtype: 'string', shape: [2], data: ['a', 'b'] } }
    await t.rejects(model.infer(words, ask), { code: 'SRV_TENSOR_UNUSABLE', message: "the inputs have different numbers of rows: 1 in 'counts', 2 in 'words'." })
  })

  t.test('answers the outputs that are asked for', async t => {
    t.same(Object.keys((await model.infer(feeds([1n, 2n], ['a']), { ...ask, outputs: ['same'] })).outputs), ['same'])
    await t.rejects(model.infer(feeds([1n, 2n], ['a']), { ...ask, outputs: ['other'] }), { message: "the model has no output 'other'; it has 'doubled', 'same'." })
  })

  t.test('runs what waits together, and gives each caller its own rows', async t => {
    const runs: number[] = []
    model.events.on('run', rows => runs.push(rows))
    const answers = await Promise.all([1n, 2n, 3n, 4n, 5n, 6n].map(async value => await model.infer(feeds([value, 0n, value, 1n], [`${value}`, 'b']), ask)))
    answers.forEach(({ outputs: { doubled, same } }, at) => {
      const value = BigInt(at + 1)
      t.same(doubled?.data, BigInt64Array.of(2n * value, 0n, 2n * value, 2n))
      t.same(same?.data, [`${value}`, 'b'])
    })
    t.ok(runs.length < 6, `six questions in ${runs.length} runs`)
  })
})

t.test('large tensors share no run, since to join them costs more than it saves', async t => {
  const model = await open(t, [['a', 'float32', ['batch', 'values']]], [['b', 'float32', ['batch', 'values']]], [{ op: 'Neg', from: ['a'], to: 'b' }])
  const runs: number[] = []
  model.events.on('run', rows => runs.push(rows))
  const infer = async (length: number, value: number) => await model.infer({ a: { dtype: 'float32', shape: [1, length], data: new Float32Array(length).fill(value) } }, ask)
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(async value => await infer(65_536, value)))
  t.same(answers.map(({ outputs: { b } }) => [b?.shape, b?.data[65_535]]), [-1, -2, -3, -4, -5, -6].map(value => [[1, 65_536], value]))
  t.same(runs, [1, 1, 1, 1, 1, 1])
  await Promise.all([1, 2, 3, 4, 5, 6].map(async value => await infer(1000, value)))
  t.ok(runs.length < 12, 'small ones do')
})

t.test('tensors share no run where the model does not say that their rows belong together', async t => {
  const model = await open(t, [['a', 'float32', ['']]], [['b', 'float32', ['']]], [{ op: 'Neg', from: ['a'], to: 'b' }])
  const runs: number[] = []
  model.events.on('run', rows => runs.push(rows))
  const answers = await Promise.all([1, 2, 3].map(async value => await model.infer({ a: { dtype: 'float32', shape: [1], data: Float32Array.of(value) } }, ask)))
  t.same(answers.map(({ outputs: { b } }) => b?.data[0]), [-1, -2, -3])
  t.same(runs, [1, 1, 1])
})

t.test('the first axis of plain tensors may be time: it counts no inputs', async t => {
  const model = await open(t, [['a', 'float32', ['']]], [['b', 'float32', ['']]], [{ op: 'Neg', from: ['a'], to: 'b' }], 'worker', { input: { kind: 'tensors' } })
  const length = 1000
  t.ok(length > model.status().queueLimit)
  const { outputs } = await model.infer({ a: { dtype: 'float32', shape: [length], data: new Float32Array(length).fill(2) } }, ask)
  t.equal(outputs['b']?.data.length, length)
})

t.test('rows that ask for other outputs share no run, and each gets its own', async t => {
  const model = await loadClassifier(loadConfig({ MODEL_NAME: 'iris', WORKERS: '1' }))
  t.teardown(() => model.close())
  const flowers = [[5.1, 3.5, 1.4, 0.2], [6.7, 3, 5.2, 2.3]]
  const [all, labels, answer] = await Promise.all([
    model.inferItems(flowers, ask), model.inferItems(flowers, { ...ask, outputs: ['output_label'] }), model.predict(flowers, options)
  ])
  t.same(all.outputs['output_label'], { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 2n) })
  t.match(all.outputs['output_probability'], { dtype: 'float32', shape: [2, 3] })
  t.same(labels.outputs, { output_label: all.outputs['output_label'] })
  t.same([...answer.predictions].map(prediction => firstOf(prediction).label), ['setosa', 'virginica'])
})

t.test('rows of different shapes make no tensor, and each alone does', async t => {
  const model = await open(t, [['X', 'float32', [1, 4]]], [['places', 'int64', [2, '']]], [{ op: 'NonZero', from: ['X'], to: 'places' }], 'worker', { output: { kind: 'tensors' }, labels: [] })
  await t.rejects(model.inferItems([[1, 1, 0, 0], [1, 0, 0, 0]], ask), {
    code: 'SRV_TENSOR_UNUSABLE', message: "output 'places' has rows of different shapes: [2,2] and [2,1]; send one input at a time."
  })
  t.match((await model.inferItems([[1, 1, 0, 0]], ask)).outputs, { places: { shape: [1, 2, 2] } })
})

t.test('tensors of every type go in and come out unchanged', async t => {
  const tensors: Tensors = {
    float32: { dtype: 'float32', shape: [2], data: Float32Array.of(-0.5, Infinity) },
    float64: { dtype: 'float64', shape: [2], data: Float64Array.of(1e300, 0.1) },
    float16: { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xfbff) },
    int8: { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
    int16: { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 1) },
    int32: { dtype: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 1) },
    int64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n) },
    uint8: { dtype: 'uint8', shape: [2], data: Uint8Array.of(255, 0) },
    uint16: { dtype: 'uint16', shape: [2], data: Uint16Array.of(65535, 0) },
    uint32: { dtype: 'uint32', shape: [2], data: Uint32Array.of(2 ** 32 - 1, 0) },
    uint64: { dtype: 'uint64', shape: [2], data: BigUint64Array.of(2n ** 64n - 1n, 0n) },
    bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
    string: { dtype: 'string', shape: [2], data: ['', 'ü'] }
  }
  const values = (prefix: string) => Object.entries(tensors).map(([name, { dtype }]): Value => [`${prefix}${name}`, dtype, ['batch']])
  const feeds = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`in_${name}`, tensor]))
  const wanted = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`out_${name}`, tensor]))
  for (const runner of ['inline', 'worker'] as const) {
    const model = await open(t, values('in_'), values('out_'), Object.keys(tensors).map(name => ({ op: 'Identity', from: [`in_${name}`], to: `out_${name}` })), runner)
    t.same((await model.infer(feeds, ask)).outputs, wanted, runner)
  }
})

t.test('tensors that the model cannot run on are at fault themselves', async t => {
  const model = await open(t, [['table', 'float32', [3]], ['place', 'int64', ['n']]], [['found', 'float32', ['n']]], [{ op: 'Gather', from: ['table', 'place'], to: 'found' }])
  const infer = async (place: bigint) => await model.infer({
    table: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) }, place: { dtype: 'int64', shape: [1], data: BigInt64Array.of(place) }
  }, ask)
  t.same((await infer(2n)).outputs['found']?.data, Float32Array.of(3))
  await t.rejects(infer(3n), { code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message: /^the model cannot run on these tensors: .*out of data bounds/ })
  t.match(model.statistics, { succeeded: { count: 1 }, failed: { count: 1 } })
})

t.test('the memory of tensors may move to the worker', async t => {
  const model = await open(t, [['a', 'float32', ['batch']], ['b', 'float32', ['batch']]], [['sum', 'float32', ['batch']]], [{ op: 'Add', from: ['a', 'b'], to: 'sum' }], 'worker')
  const bytes = new Float32Array([1, 2, 10, 20]).buffer
  const feeds: Tensors = { a: { dtype: 'float32', shape: [2], data: new Float32Array(bytes, 0, 2) }, b: { dtype: 'float32', shape: [2], data: new Float32Array(bytes, 8, 2) } }
  t.same((await model.infer(feeds, ask)).outputs['sum']?.data, Float32Array.of(11, 22))
  t.equal(bytes.byteLength, 16)
  t.same((await model.infer(feeds, { ...ask, isMovable: true })).outputs['sum']?.data, Float32Array.of(11, 22))
  t.equal(bytes.byteLength, 0)
})

/** A decode limit that holds one `rgb.png`, but not two. */
const ONE_PICTURE_BYTES = 4_000_000

/** One turn of the event loop, after all reads of headers that are in progress. */
async function headersRead (): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setTimeout(resolve, 1))
}

t.test('memory is taken until the worker has answered, also when the caller has left', async t => {
  const { model, hold, letGo } = await fakeModel({ folder: 'tensorfood', runner: { size: 2 }, decodeLimit: ONE_PICTURE_BYTES })
  const item = { name: 'a', bytes: picture('rgb.png') }
  hold()
  let stop = () => {}
  const first = t.rejects(model.predict([item], { ...options, onGone: leaving => { stop = leaving } }), { code: 'SRV_CLIENT_GONE' })
  while (model.status().running === 0) await new Promise(setImmediate)
  stop()
  await first
  const second = model.predict([item], options)
  await headersRead()
  t.match(model.status(), { running: 1, queued: 0, admitted: 2 }, 'the second waits for the memory of the first')
  letGo()
  t.equal((await second).predictions.length, 1)
})

t.test('a caller who leaves while the picture waits for memory gives back the place in the line and in the queue at once', async t => {
  const { model, hold, letGo } = await fakeModel({ folder: 'tensorfood', runner: { size: 2 }, decodeLimit: ONE_PICTURE_BYTES })
  const item = { name: 'a', bytes: picture('rgb.png') }
  hold()
  const first = model.predict([item], options)
  while (model.status().running === 0) await new Promise(setImmediate)
  let stop = () => {}
  const second = t.rejects(model.predict([item], { ...options, onGone: leaving => { stop = leaving } }), { code: 'SRV_CLIENT_GONE' })
  await headersRead()
  t.match(model.status(), { running: 1, admitted: 2 })
  stop()
  await second
  await new Promise(setImmediate)
  t.match(model.status(), { running: 1, admitted: 1 })
  letGo()
  await first
})

t.test('a picture that takes more memory than all may is refused before it waits', async t => {
  const { model } = await fakeModel({ folder: 'tensorfood', decodeLimit: 1000 })
  await t.rejects(model.predict([{ name: "file 'a.png'", bytes: picture('rgb.png') }], options), {
    code: 'SRV_IMAGE_TOO_LARGE', statusCode: 422, message: /^file 'a\.png' takes \d+ bytes of memory to decode, over the limit of 1000 \(DECODE_LIMIT\)/
  })
})

t.test('too little memory or time is not blamed on the picture', async t => {
  for (const [fault, error] of [
    ['input', { code: 'SRV_IMAGE_CORRUPT', statusCode: 422 }], ['memory', { code: 'SRV_OUT_OF_MEMORY', statusCode: 503, message: /the reason/ }],
    ['time', { code: 'SRV_DECODE_TOO_SLOW', statusCode: 504 }], ['model', { message: 'the reason' }]
  ] as const) {
    const { model } = await fakeModel({ folder: 'tensorfood', outcome: { error: 'the reason', fault } })
    await t.rejects(model.predict([{ name: 'a', bytes: picture('rgb.png') }], options), error, fault)
  }
})

/** A model without a modality of its own: only tensors reach it. */
async function open (t: Test, inputs: Value[], outputs: Value[], nodes: Parameters<typeof onnxFile>[2], on: 'inline' | 'worker' = 'worker', differences: Partial<Card> = {}): Promise<Classifier> {
  const card: Card = { ...(await resolveModel(projectFile('models/iris'))).card, ...differences }
  const options = { model: onnxFile(inputs, outputs, nodes), contract: card, threads: 1 }
  const runner = on === 'inline' ? await InlineRunner.open(options) : await WorkerPool.open(options, 1)
  const model = new Classifier({ folder: '', card, engine: { runner, workers: 1, threads: 1, maxBatch: 8, providers: ['cpu'], trials: [] }, limits: { pixels: 1, characters: Infinity } })
  t.teardown(() => model.close())
  return model
}

/** Places are held until the work itself ends, also that of a caller who was answered before. */
async function settled (model: Classifier): Promise<void> {
  while (model.status().admitted > 0) await new Promise(resolve => setTimeout(resolve, 1))
}

function firstOf (prediction: Prediction | undefined): Ranked {
  if (prediction?.kind !== 'classes') throw new Error('the answer has no most probable label')
  return prediction.first
}
