import t from 'tap'
import {
  ambiguous, classifierOf, checkLabels, checkSize, isNoPicture, knownImage, labelsOf, pictureTensorOf, resizeBeside, scoresOf
} from '../../../../lib/card/infer/picture.ts'
import { DYNAMIC, evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const OUTPUT = { name: 'y', shape: ['N', 2] }

async function tensorOf (shape: ReadonlyArray<number | string | null> | null, rest: Partial<TestModel> = {}, type = 1) {
  return pictureTensorOf((await evidenceOf(t, { input: { name: 'x', shape, type }, output: OUTPUT, ...rest })).graph)
}

t.test('the layout and the channels are read from the shape', async t => {
  t.same(await tensorOf(['N', 3, 224, 256]), { name: 'x', type: 'float32', layout: 'NCHW', channels: 3, height: 224, width: 256 })
  t.same(await tensorOf(['unk__1', 224, 256, 3]), { name: 'x', type: 'float32', layout: 'NHWC', channels: 3, height: 224, width: 256 })
  t.match(await tensorOf([1, 1, 28, 28]), { layout: 'NCHW', channels: 1 })
  t.match(await tensorOf([1, 28, 28, 1]), { layout: 'NHWC', channels: 1 })
  t.match(await tensorOf([1, 3, 28, 3]), null, 'it could be both')
  t.match(await tensorOf(['N', 3, 224, 224], {}, 2), { type: 'uint8' })
  t.match(await tensorOf(['N', 3, 224, 224], {}, 10), { type: 'float16' })
})

t.test('axes of any length are read from their names, or from the first convolution', async t => {
  const conv = (channels: number, from = 'x') => ({ nodes: [{ op: 'Conv', from: [from, 'w'], to: ['y'] }], constants: { w: { shape: [8, channels, 3, 3] } } })
  t.same(await tensorOf(DYNAMIC, conv(3)), { name: 'x', type: 'float32', layout: 'NCHW', channels: 3, height: null, width: null })
  t.match(await tensorOf(DYNAMIC, conv(1)), { channels: 1 })
  t.match(await tensorOf([null, null, null, null], conv(3)), { layout: 'NCHW', channels: 3 })
  t.match(await tensorOf(['N', 'height', 'width', 3]), { layout: 'NHWC', height: null })
  const behind = conv(3, 'z')
  t.match(await tensorOf(DYNAMIC, { ...behind, nodes: [{ op: 'Shape', from: ['x'], to: ['s'] }, { op: 'Cast', from: ['x'], to: ['z'] }, ...behind.nodes] }), { channels: 3 }, 'behind a cast')
  t.equal(await tensorOf(DYNAMIC), null, 'nothing says how many')
  const { graph } = await evidenceOf(t, { input: { name: 'x', shape: DYNAMIC }, output: OUTPUT })
  t.match(pictureTensorOf(graph, 3), { layout: 'NCHW', channels: 3 }, 'but a file does')
})

t.test('other inputs are no pictures', async t => {
  t.equal(await tensorOf(['N', 4, 64, 64]), null, 'four channels')
  t.equal(await tensorOf(['N', 13]), null, 'a table')
  t.equal(await tensorOf(null), null, 'an unknown shape')
  t.equal(await tensorOf(['N', 3, 64, 64], {}, 7), null, 'int64')
  const two = [{ name: 'x', shape: ['N', 3, 64, 64] }, { name: 'z', shape: ['N', 3] }]
  t.equal(pictureTensorOf((await evidenceOf(t, { input: two, output: OUTPUT })).graph), null, 'two inputs')
})

t.test('the scores are the logits, or the only table', async t => {
  const scores = async (output: TestModel['output'], nodes: TestModel['nodes'] = []) => scoresOf((await evidenceOf(t, { input: { name: 'x', shape: ['N', 3, 8, 8] }, output, nodes })).graph)
  t.same(await scores({ name: 'y', shape: ['N', 10] }), { name: 'y', classes: 10, meaning: 'unknown' })
  t.match(await scores([{ name: 'embedding', shape: ['N', 8] }, { name: 'logits', shape: ['N', 'classes'] }]), { name: 'logits', classes: null })
  t.equal(await scores([{ name: 'a', shape: ['N', 8] }, { name: 'b', shape: ['N', 8] }]), null)
  t.equal(await scores({ name: 'y', shape: ['N', 8, 4] }), null)
  t.match(await scores({ name: 'y', shape: ['N', 8] }, [{ op: 'Softmax', from: ['x'], to: ['z'] }, { op: 'Cast', from: ['z'], to: ['y'] }]), { meaning: 'probabilities' })
  t.match(await scores({ name: 'y', shape: ['N', 8] }, [{ op: 'Softmax', from: ['x'], to: ['z'] }, { op: 'Mul', from: ['z', 'z'], to: ['y'] }]), { meaning: 'unknown' })
})

t.test('the meaning of the scores makes the answer of a classifier of pictures', async t => {
  const name = 'y'
  t.same(classifierOf({ name, meaning: 'probabilities' }), { kind: 'classes', tensor: 'y', activation: 'none' })
  t.same(classifierOf({ name, meaning: 'independent' }), { kind: 'labels', tensor: 'y', activation: 'none' })
  t.same(classifierOf({ name, meaning: 'logits' }), { kind: 'classes', tensor: 'y', activation: 'softmax' })
  t.same(classifierOf({ name, meaning: 'unknown' }), { kind: 'classes', tensor: 'y' }, 'a run of the model settles it')
})

t.test('labels are sorted by number, and need each index once', async t => {
  t.same(labelsOf([['10', 'k'], ...'abcdefghij'].map((label, at) => typeof label === 'string' ? [String(at - 1), label] as const : [label[0], label[1]] as const)), [...'abcdefghijk'])
  t.same(labelsOf(['a', 2, true].entries()), ['a', '2', 'true'])
  for (const pairs of [[['1', 'a']], [['0', 'a'], ['00', 'b']], [['', 'a']], [['0', '']], [['0', { name: 'a' }]], [['-1', 'a'], ['0', 'b']]] as const) t.equal(labelsOf(pairs), null, JSON.stringify(pairs))
})

t.test('what a card says is told apart by its kind', async t => {
  t.same(knownImage({ input: { width: 56 } }), { width: 56 })
  t.same(knownImage({ input: { kind: 'table', features: [] } }), {})
  t.same(knownImage({}), {})
  t.ok(isNoPicture({ input: { kind: 'table' } }))
  t.ok(isNoPicture({ output: { kind: 'tensors' } }))
  t.notOk(isNoPicture({ input: { kind: 'image' } }))
  const found = { fit: 'cover', shorterSide: 256, filter: 'bicubic', rounding: 'torchvision' } as const
  t.same(resizeBeside({}, found), found)
  t.same(resizeBeside({ input: { kind: 'image', resize: { fit: 'stretch' } } }, found), { filter: 'bicubic' }, 'lengths belong to their fit')
})

t.test('errors name the file, the cause and the remedy', async t => {
  const evidence = await evidenceOf(t, { input: { name: 'x', shape: ['N', 3, 64, 'width'] }, output: OUTPUT })
  const tensor = pictureTensorOf(evidence.graph)
  if (tensor === null) throw new Error('no picture')
  checkSize(evidence, tensor, { height: 64, width: 100 }, 'config.json')
  t.throws(() => checkSize(evidence, tensor, { height: 32, width: 100 }, 'config.json'), { code: 'SRV_MODEL_INVALID', message: /^config\.json beside .*100 × 32 pixels, but the model takes any × 64;.*card\.json/ })
  checkLabels(evidence, ['a', 'b'], null, 'config.json')
  t.throws(() => checkLabels(evidence, ['a', 'b'], 3, 'config.json'), { code: 'SRV_MODEL_INVALID', message: /2 labels, but the model has 3 classes/ })
  t.match(ambiguous(evidence, 'it is not clear', { input: { width: 8 }, meaning: 'small' }, { input: { kind: 'tensors' } }), {
    code: 'SRV_CARD_AMBIGUOUS', message: /model\.onnx: it is not clear; add to card\.json: \{"input":\{"width":8\}\} for small, or \{"input":\{"kind":"tensors"\}\}$/
  })
})
