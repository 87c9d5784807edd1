import onnxProto, { type onnx } from 'onnx-proto'
import t, { type Test } from 'tap'
import type { Contract } from '../../../lib/card/contract.ts'
import type { Outcome } from '../../../lib/engine/runner.ts'
import { openSession, type Session } from '../../../lib/engine/session.ts'
import type { Content } from '../../../lib/modalities/modality.ts'
import type { Tensors } from '../../../lib/tensor.ts'
import { declared, folderOf, modelOf } from '../../fixtures/graph.ts'
import { echoCard, echoModel, smallPicture, twoFeatures } from '../../fixtures/model.ts'
import { onnxFile } from '../../fixtures/onnx.ts'

const { onnx: { AttributeProto: { AttributeType } } } = onnxProto

async function open (t: Test, model: Uint8Array, contract: Pick<Contract, 'input' | 'output'> = echoCard): Promise<Session> {
  const session = await openSession({ model, contract, threads: 1 })
  t.teardown(() => session.release())
  return session
}

async function outcomes (session: Session, contents: Content[]): Promise<Outcome[]> {
  return (await session.run(contents)).outcomes
}

const floats = (shape: number[], ...values: number[]): Tensors => ({ x: { dtype: 'float32', shape, data: Float32Array.from(values) } })

t.test('the rows of a run share its outputs, and each has its place in them', async t => {
  const session = await open(t, echoModel)
  const [first, second, third] = await outcomes(session, [{ payload: [1, 2] }, { payload: [3, 4] }, { payload: [5, 6] }])
  t.same(first, { outputs: { y: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) } }, at: 0 })
  t.same([second, third].map(outcome => outcome && 'at' in outcome && outcome.at), [1, 2])
  if (!first || !second || !('outputs' in first && 'outputs' in second)) return t.fail('a row was not answered')
  t.equal(first.outputs, second.outputs, 'nothing is copied')
})

t.test('an input of several rows has the place of its first', async t => {
  const session = await open(t, echoModel)
  const answers = await outcomes(session, [{ feeds: floats([2, 2], 1, 2, 3, 4) }, { feeds: floats([1, 2], 5, 6) }, { feeds: floats([1, 2], 7, 8) }])
  t.same(answers.map(outcome => 'at' in outcome && outcome.at), [0, 2, 3])
  t.match(answers[0], { outputs: { y: { shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) } } })
})

t.test('a row that asks to keep its tensors gets its own back, in a batch and alone', async t => {
  const session = await open(t, echoModel)
  const kept = { x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(3, 4) } }
  const [first, second] = await outcomes(session, [{ payload: [1, 2] }, { payload: [3, 4], keep: true }])
  t.notOk(first && 'kept' in first)
  t.match(second, { kept })
  t.match(await outcomes(session, [{ payload: [3, 4], keep: true }]), [{ kept }])
})

/** A model that fails for a row whose value is no index of its table, and all rows of its run with it. */
const picky = onnxFile(
  [['x', 'float32', ['batch', 1]]], [['y', 'int64', ['batch', 1]]],
  [{ op: 'Cast', from: ['x'], to: 'index', attributes: { to: 7 } }, { op: 'Gather', from: ['table', 'index'], to: 'y' }],
  { table: [10, 20, 30] }
)

t.test('one bad row never fails its batch-mates', async t => {
  const session = await open(t, picky, { ...echoCard, input: { ...twoFeatures, features: twoFeatures.features.slice(0, 1) } })
  const right = (value: bigint) => ({ outputs: { y: { dtype: 'int64', shape: [1, 1], data: BigInt64Array.of(value) } }, at: 0 })
  const wrong = { error: /idx=9 must be within/, fault: 'model' }
  t.match(await outcomes(session, [{ payload: [0] }, { payload: [9] }, { payload: [2] }]), [right(10n), wrong, right(30n)])
  t.match(await outcomes(session, [0, 9, 2].map(value => ({ feeds: floats([1, 1], value) }))), [right(10n), wrong, right(30n)], 'as tensors')
  t.match(await outcomes(session, [{ payload: [9] }]), [wrong], 'alone')
})

t.test('rows of a model that puts out fewer rows than go in are run one by one', async t => {
  // It sums over the batch, though its input says that any number of rows may run together.
  const sum = onnxFile(
    [['x', 'float32', ['batch', 2]]], [['y', 'float32', [1, 2]]], [{ op: 'ReduceSum', from: ['x', 'axes'], to: 'y' }], { axes: [0] }
  )
  const session = await open(t, sum)
  const answers = await outcomes(session, [{ payload: [1, 2] }, { payload: [3, 4], keep: true }])
  t.match(answers, [
    { outputs: { y: { shape: [1, 2], data: Float32Array.of(1, 2) } }, at: 0 },
    { outputs: { y: { shape: [1, 2], data: Float32Array.of(3, 4) } }, at: 0, kept: { x: { data: Float32Array.of(3, 4) } } }
  ])
})

t.test('tensors go in and come out by name, several of each, and only the outputs that are wanted', async t => {
  const session = await open(t, onnxFile(
    [['a', 'float32', ['batch']], ['b', 'float32', ['batch']]], [['sum', 'float32', ['batch']], ['difference', 'float32', ['batch']]],
    [{ op: 'Add', from: ['a', 'b'], to: 'sum' }, { op: 'Sub', from: ['a', 'b'], to: 'difference' }]
  ))
  const tensor = (value: number) => ({ dtype: 'float32' as const, shape: [1], data: Float32Array.of(value) })
  // The order of the names is not that of the model.
  const feeds = [{ b: tensor(1), a: tensor(5) }, { b: tensor(2), a: tensor(7) }]
  t.match(await outcomes(session, feeds.map(feeds => ({ feeds }))), [
    { outputs: { sum: { data: Float32Array.of(6, 9) }, difference: { data: Float32Array.of(4, 5) } }, at: 0 }, { at: 1 }
  ])
  const [picked] = await outcomes(session, [{ feeds: feeds[0]!, outputs: ['difference'] }])
  t.same(picked, { outputs: { difference: tensor(4) }, at: 0, isAlone: true })
})

t.test("of an encoded row only the card's output is computed, whatever else the model has", async t => {
  const session = await open(t, onnxFile(
    [['x', 'float32', ['batch', 2]]], [{ sequence: 'list' }, ['y', 'float32', ['batch', 2]], ['other', 'float32', ['batch', 2]]],
    [{ op: 'SequenceConstruct', from: ['x'], to: 'list' }, { op: 'Identity', from: ['x'], to: 'y' }, { op: 'Neg', from: ['x'], to: 'other' }]
  ))
  t.same(await outcomes(session, [{ payload: [1, 2] }]), [{ outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) } }, at: 0, isAlone: true }])
})

t.test('of an encoded row, the outputs that its kind of answer needs are computed', async t => {
  const model = onnxFile(
    [['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 2]], ['z', 'int64', ['batch']], ['other', 'float32', ['batch', 2]]],
    [{ op: 'Softmax', from: ['x'], to: 'y', attributes: { axis: 1 } }, { op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }, { op: 'Neg', from: ['x'], to: 'other' }]
  )
  const names = async (output: Contract['output']) => {
    const [outcome] = await outcomes(await open(t, model, { ...echoCard, output }), [{ payload: [1, 2] }])
    return outcome && 'outputs' in outcome && Object.keys(outcome.outputs)
  }
  t.same(await names({ kind: 'classes', tensor: 'y', activation: 'none', label: 'z' }), ['y', 'z'])
  t.same(await names({ kind: 'label', label: 'z' }), ['z'])
  t.same(await names({ kind: 'tensors' }), ['y', 'z', 'other'])
})

t.test('plain tensors of a batch are each its own part of the outputs', async t => {
  const session = await open(t, echoModel, { ...echoCard, output: { kind: 'tensors' } })
  t.same(await outcomes(session, [{ payload: [1, 2] }, { payload: [3, 4] }]), [
    { outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) } }, at: 0 }, { outputs: { y: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(3, 4) } }, at: 0 }
  ])
})

t.test('a row of scores without a batch axis is never taken for the rows of a batch of the same length', async t => {
  // The mean over the batch: two scores, whether one row goes in or two.
  const mean = onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['']]], [{ op: 'ReduceSum', from: ['x', 'axes'], to: 'y', attributes: { keepdims: 0 } }], { axes: [0] })
  const session = await open(t, mean)
  await outcomes(session, [{ payload: [9, 9] }])
  t.match(await outcomes(session, [{ payload: [1, 2] }, { payload: [3, 4] }]), [
    { outputs: { y: { shape: [2], data: Float32Array.of(1, 2) } }, at: 0 }, { outputs: { y: { shape: [2], data: Float32Array.of(3, 4) } }, at: 0 }
  ])
})

t.test('rows of a model that takes one at a time run one by one, and no run of them fails', async t => {
  const one = onnxFile([['x', 'float32', [1, 2]]], [['y', 'float32', [1, 2]]], [{ op: 'Identity', from: ['x'], to: 'y' }])
  t.match(await outcomes(await open(t, one), [{ payload: [1, 2] }, { payload: [3, 4] }]), [
    { outputs: { y: { data: Float32Array.of(1, 2) } }, at: 0 }, { outputs: { y: { data: Float32Array.of(3, 4) } }, at: 0 }
  ])
})

t.test('two rows for one input are no answer', async t => {
  const twice = onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['rows', 2]]], [{ op: 'Concat', from: ['x', 'x'], to: 'y', attributes: { axis: 0 } }])
  t.match(await outcomes(await open(t, twice), [{ payload: [1, 2] }]), [{ error: "output 'y' has the shape [2,2], not [1,…]", fault: 'model' }])
})

t.test('an input that cannot be encoded is at fault itself, and the others of its batch are answered in their order', async t => {
  const flat = onnxFile([['image', 'uint8', ['batch', 8, 8, 3]]], [['y', 'uint8', ['batch', 8, 8, 3]]], [{ op: 'Identity', from: ['image'], to: 'y' }])
  const session = await open(t, flat, { input: smallPicture, output: { kind: 'classes', tensor: 'y', activation: 'none' } })
  const raw = (bytes: Uint8Array): Content => ({ payload: { bytes, width: 8, height: 8, decoder: 'libvips', isCmyk: false } })
  const png = await plain('#0a141e')
  const answers = await outcomes(session, [raw(Buffer.from('no picture')), raw(png), raw(Buffer.from('none either'))])
  t.match(answers, [{ fault: 'input', error: /header cannot be read/ }, { at: 0, outputs: { y: { shape: [1, 8, 8, 3] } } }, { fault: 'input' }])
  const [, outcome] = answers
  t.same(outcome && 'outputs' in outcome && outcome.outputs['y']?.data.slice(0, 3), Uint8Array.of(10, 20, 30))
  t.match(await outcomes(session, [raw(Buffer.from('no picture'))]), [{ fault: 'input' }], 'also when none is left to run')
})

t.test('a file that is no model is refused', async t => {
  await t.rejects(openSession({ model: Uint8Array.of(1, 2, 3), contract: echoCard, threads: 1 }), { message: /protobuf parsing failed/i })
})

async function plain (background: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer()
}

t.test('a model given as its bytes has its weights read from its folder', async t => {
  const W: onnx.ITensorProto = { name: 'W', dataType: 1, dims: [2, 2], dataLocation: 1, externalData: [{ key: 'location', value: 'w.data' }] }
  const model = modelOf({
    input: [declared('x', 1, ['N', 2])], output: [declared('y', 1, ['N', 2])], initializer: [W], node: [{ opType: 'MatMul', input: ['x', 'W'], output: ['y'] }]
  })
  const folder = folderOf(t, { 'w.data': new Uint8Array(Float32Array.of(0, 1, 1, 0).buffer) })
  const session = await openSession({ model, folder, contract: echoCard, threads: 1 })
  t.teardown(() => session.release())
  t.match(await outcomes(session, [{ feeds: floats([1, 2], 5, 6) }]), [{ outputs: { y: { data: Float32Array.of(6, 5) } } }])
})

t.test('zeros around a picture stay zeros before a MaxPool, whose own padding is no number', async t => {
  // https://onnx.ai/onnx/operators/onnx__Pad.html: the default value is 0. ONNX Runtime's Pad_Fusion would make the pool pad.
  const model = modelOf({
    input: [declared('x', 1, ['N', 1, 2, 2])],
    output: [declared('y', 1, ['N', 1, 3, 3])],
    initializer: [{ name: 'pads', dataType: 7, dims: [8], int64Data: [0, 0, 1, 1, 0, 0, 1, 1] }],
    node: [
      { opType: 'Pad', input: ['x', 'pads'], output: ['padded'] },
      { opType: 'MaxPool', input: ['padded'], output: ['y'], attribute: [{ name: 'kernel_shape', type: AttributeType.INTS, ints: [2, 2] }] }
    ]
  })
  const session = await open(t, model)
  t.match(await outcomes(session, [{ feeds: floats([1, 1, 2, 2], -1, -2, -3, -4) }]), [{ outputs: { y: { data: Float32Array.of(0, 0, 0, 0, -1, 0, 0, 0, 0) } } }])
})
