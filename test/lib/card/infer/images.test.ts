import t from 'tap'
import { inferImages } from '../../../../lib/card/infer/images.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const OUTPUT = { name: 'y', shape: ['N', 10] }
const TORCH: TestModel = { input: { name: 'x', shape: ['N', 3, 224, 224] }, output: OUTPUT }
const KERAS: TestModel = { input: { name: 'x', shape: ['unk__1', 224, 224, 3] }, output: OUTPUT, producer: 'tf2onnx' }
const RESCALING: Partial<TestModel> = {
  nodes: [{ op: 'Mul', from: ['x', 'a'], to: ['s'] }, { op: 'Add', from: ['s', 'b'], to: ['z'] }], constants: { a: { shape: [], values: [1 / 127.5] }, b: { shape: [], values: [-1] } }
}
const POOL: Partial<TestModel> = { nodes: [{ op: 'GlobalAveragePool', from: ['z'], to: ['y'] }] }

const SYMMETRIC = '{"input":{"normalisation":{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}} for -1 to 1'

async function find (model: TestModel, known: PartialCard = {}, files: Record<string, string> = {}) {
  return await inferImages(await evidenceOf(t, model, files), known)
}

t.test("a bare model of torch gets torchvision's usual preparation, each part as an assumption with its line", async t => {
  const finding = await find(TORCH)
  t.strictSame(finding?.card.input, {
    kind: 'image',
    tensor: 'x',
    type: 'float32',
    layout: 'NCHW',
    width: 224,
    height: 224,
    colour: 'rgb',
    // 224 / 0.875 = 256
    resize: { fit: 'cover', shorterSide: 256, filter: 'bilinear', rounding: 'torchvision' },
    background: '#000000',
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  })
  t.match(finding?.assumptions, [
    { field: '/input/normalisation', assumed: 'mean and standard deviation of ImageNet', card: '{"input":{"normalisation":{"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}}' },
    { field: '/input/resize', card: '{"input":{"resize":{"fit":"cover","shorterSide":256,"filter":"bilinear","rounding":"torchvision"}}}' }
  ])
})

t.test('bytes, and levels that the graph scales itself, go in as they are', async t => {
  const bytes = await find({ ...TORCH, input: { name: 'x', shape: ['N', 224, 224, 3], type: 2 } })
  t.match(bytes, { card: { input: { type: 'uint8', layout: 'NHWC', normalisation: null } }, assumptions: [{ field: '/input/resize' }] })
  t.equal(bytes?.assumptions?.length, 1)
  const scaled = await find({ ...KERAS, ...RESCALING })
  t.match(scaled, { card: { input: { normalisation: null, resize: { fit: 'stretch', filter: 'bilinear' } } }, assumptions: [{ field: '/input/resize', assumed: /stretched/ }] })
  t.equal(scaled?.assumptions?.length, 1)
})

t.test('a graph that scales values of 0 to 1 gets them, as an assumption', async t => {
  const finding = await find({ ...TORCH, nodes: [{ op: 'Mul', from: ['x', 'a'], to: ['z'] }], constants: { a: { shape: [], values: [255] } } })
  t.match(finding, { card: { input: { normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } } }, assumptions: [{ field: '/input/normalisation', assumed: 'values of 0 to 1' }, {}] })
})

t.test('a bare model of Keras is ambiguous, with a line for each usual range', async t => {
  await t.rejects(find(KERAS), {
    code: 'SRV_CARD_AMBIGUOUS',
    message: `model.onnx: it is not clear which values the pixels have; add to card.json: ${SYMMETRIC}, or {"input":{"normalisation":{"mean":[0,0,0],"std":[1,1,1]}}} for 0 to 1, or {"input":{"normalisation":{"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}} for ImageNet's mean and standard deviation`
  })
  t.match(await find(KERAS, { input: { kind: 'image', normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } } }), { assumptions: [{ field: '/input/resize' }] }, 'the line settles it')
  t.ok(await find(KERAS, { input: { kind: 'image', normalisation: null } }), 'levels settle it too')
})

t.test('labels.txt of Teachable Machine adds its line', async t => {
  const line = /add to card\.json: \{"input":\{"resize":\{"fit":"cover","filter":"lanczos"\},"normalisation":\{"mean":\[0\.5,0\.5,0\.5\],"std":\[0\.5,0\.5,0\.5\]\}\}\} for a model of Teachable Machine/
  await t.rejects(find(KERAS, {}, { 'labels.txt': '0 Rock\r\n1 Paper bag\r\n' }), { code: 'SRV_CARD_AMBIGUOUS', message: line })
  const other = await find(KERAS, {}, { 'labels.txt': 'rock\npaper\n' }).then(() => '', String)
  t.notMatch(other, /Teachable/)
})

t.test('one channel is ambiguous, and may be no picture at all', async t => {
  const grey: TestModel = { ...TORCH, input: { name: 'x', shape: ['N', 1, 28, 28] } }
  await t.rejects(find(grey), { code: 'SRV_CARD_AMBIGUOUS', message: /\{"mean":\[0\.1307\],"std":\[0\.3081\]\}\}\} for MNIST.*\{"input":\{"kind":"tensors"\}\} for an input that is no picture/ })
  t.match(await find(grey, { input: { kind: 'image', normalisation: null } }), { card: { input: { colour: 'grey', width: 28, resize: { fit: 'stretch' } } } })
  t.equal(await find(grey, { input: { kind: 'tensors' } }), null)
})

t.test('a model for any size gets 224 if its pooling makes that work, and is ambiguous otherwise', async t => {
  const dynamic: TestModel = { ...TORCH, input: { name: 'x', shape: ['N', 3, 'height', 'width'] } }
  t.match(await find({ ...dynamic, ...POOL }), { card: { input: { width: 224, height: 224 } }, assumptions: [{ field: '/input/width', card: '{"input":{"width":224,"height":224}}' }, {}, {}] })
  const mean: Partial<TestModel> = { nodes: [{ op: 'ReduceMean', from: ['z'], to: ['y'], ints: { axes: [2, 3] } }] }
  t.match(await find({ ...dynamic, ...mean }), { card: { input: { width: 224 } } }, 'the mean of torch')
  await t.rejects(find(dynamic), { code: 'SRV_CARD_AMBIGUOUS', message: /which size pictures get, and which values their pixels have; add to card\.json: \{"input":\{"width":224,"height":224,"normalisation"/ })
  await t.rejects(find({ ...dynamic, ...RESCALING }), { code: 'SRV_CARD_AMBIGUOUS', message: /any size.*\{"input":\{"width":224,"height":224\}\}$/ })
  const settled = await find(dynamic, { input: { kind: 'image', width: 56, height: 56 } })
  t.match(settled, { card: { input: { width: 56, height: 56, resize: { shorterSide: 64 } } } })
  t.notOk(settled?.assumptions?.some(({ field }) => field === '/input/width'))
})

t.test('a fit that the card says keeps no length of another', async t => {
  const finding = await find(TORCH, { input: { kind: 'image', normalisation: null, resize: { fit: 'contain', filter: 'bicubic' } } })
  t.same(finding?.card.input, { kind: 'image', tensor: 'x', type: 'float32', layout: 'NCHW', width: 224, height: 224, colour: 'rgb', resize: {}, background: '#000000', normalisation: null })
  t.same(finding?.assumptions, [])
})

t.test('a rectangle is covered without a further crop', async t => {
  t.strictSame((await find({ ...TORCH, input: { name: 'x', shape: ['N', 3, 96, 160] } }))?.card.input, {
    kind: 'image',
    tensor: 'x',
    type: 'float32',
    layout: 'NCHW',
    width: 160,
    height: 96,
    colour: 'rgb',
    resize: { fit: 'cover', filter: 'bilinear', rounding: 'torchvision' },
    background: '#000000',
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  })
})

t.test('other models are left to other sources', async t => {
  t.equal(await find({ ...TORCH, input: { name: 'x', shape: ['N', 13] } }), null, 'a table')
  t.equal(await find({ ...TORCH, output: [{ name: 'boxes', shape: [1, 16, 4] }, { name: 'scores', shape: [1, 16] }] }), null, 'a detector')
  t.equal(await find({ ...TORCH, output: { name: 'y', shape: ['N', 21, 64, 64] } }), null, 'a mask')
  t.ok(await find({ ...TORCH, output: [{ name: 'hidden', shape: ['N', 5, 8] }, { name: 'logits', shape: ['N', 8] }] }), 'but a hidden state beside logits is no detector')
  const complete = (await find(TORCH))?.card ?? {}
  t.equal(await find(TORCH, complete), null, 'all is known')
})
