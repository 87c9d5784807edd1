import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { Classifier } from '../../../lib/classifier.ts'
import { projectFile } from '../../../lib/project.ts'
import { inferOn } from '../../../wire/open-inference/infer.ts'
import { build } from '../../helper.ts'

const ask = { deadline: 60_000 }

/** Two flowers, and what scikit-learn says of the first one (models/iris/README.md). */
const FLOWERS = [[5.9, 3, 5.1, 1.8], [5.1, 3.5, 1.4, 0.2]]

const COLUMNS = ['sepal length', 'sepal width', 'petal length', 'petal width']

async function iris (t: Test): Promise<Classifier> {
  return (await build(t, { MODEL_NAME: 'iris' })).model
}

t.test('the model runs on its own tensors, as values or as bytes, and answers all its outputs in their order', async t => {
  const model = await iris(t)
  const values = await inferOn(model, { inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 4], values: FLOWERS }] }, ask)
  const bytes = new Uint8Array(Float32Array.from(FLOWERS.flat()).buffer)
  const binary = await inferOn(model, { inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 4], bytes }] }, { ...ask, isMovable: true })
  for (const { outputs, predictions } of [values, binary]) {
    t.same(outputs.map(({ name, datatype, shape }) => [name, datatype, shape]), [['output_label', 'INT64', [2]], ['output_probability', 'FP32', [2, 3]]])
    t.same(outputs[0]!.tensor.data, BigInt64Array.of(2n, 0n))
    t.match([...predictions], [{ first: { label: 'virginica' } }, { first: { label: 'setosa' } }])
  }
  t.same(values.outputs, binary.outputs)
})

t.test('the client chooses the outputs and their order, and classes instead of a tensor', async t => {
  const model = await iris(t)
  const inputs = [{ name: 'X', datatype: 'FP32', shape: [1, 4], values: FLOWERS[0]! }]
  const { outputs } = await inferOn(model, { inputs, outputs: [{ name: 'output_probability', classes: 2 }, { name: 'output_label' }] }, ask)
  t.same(outputs.map(({ name, datatype, shape }) => [name, datatype, shape]), [['output_probability', 'BYTES', [1, 2]], ['output_label', 'INT64', [1]]])
  t.match(outputs[0]!.tensor.data, [/^0\.74\d{4}:2:virginica$/, /^0\.2\d{5}:1:versicolor$/])
})

t.test('columns of a table give the same answer as the tensor, whatever fitting type they have', async t => {
  const model = await iris(t)
  const straight = await inferOn(model, { inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 4], values: FLOWERS }] }, ask)
  const columns = COLUMNS.map((name, at) => ({ name, datatype: at === 1 ? 'FP32' : 'FP64', shape: at === 2 ? [2, 1] : [2], values: FLOWERS.map(row => row[at]) }))
  const { outputs, predictions } = await inferOn(model, { inputs: columns.reverse() }, ask)
  t.same(outputs, straight.outputs)
  t.match([...predictions], [{ first: { label: 'virginica' } }, { first: { label: 'setosa' } }])
  await t.rejects(inferOn(model, { inputs: columns.slice(1) }, ask), { code: 'SRV_ROW_UNUSABLE', message: /lacks 'petal width'; the model takes 'sepal length'/ })
})

t.test('a picture model takes encoded pictures in its own input', async t => {
  const { model } = await build(t, { MODEL_NAME: 'fashion-mnist' })
  const [{ name } = { name: '' }] = model.signature.inputs
  const pictures = await Promise.all(['bag', 'boot'].map(async file => await readFile(projectFile(`models/fashion-mnist/samples/${file}.png`))))
  const labels = (predictions: Iterable<unknown>) => [...predictions]
  const asText = await inferOn(model, { inputs: [{ name, datatype: 'BYTES', shape: [2, 1], values: pictures.map(bytes => [bytes.toString('base64')]) }] }, ask)
  t.match(labels(asText.predictions), [{ first: { label: 'Bag' } }, { first: { label: 'Ankle boot' } }])
  const prefixed = pictures.flatMap(bytes => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  const asBytes = await inferOn(model, { inputs: [{ name, datatype: 'BYTES', shape: [2], bytes: Buffer.concat(prefixed) }] }, { ...ask, isMovable: true })
  t.same(asBytes.outputs, asText.outputs)
  const one = await inferOn(model, { inputs: [{ name, datatype: 'BYTES', shape: [1], bytes: Buffer.concat(prefixed.slice(0, 2)) }] }, { ...ask, isMovable: true })
  t.match(one.predictions, [{ first: { label: 'Bag' } }])
})

t.test('what the model does not take is refused by name, before memory is taken for it', async t => {
  const model = await iris(t)
  const X = { name: 'X', datatype: 'FP32', shape: [1, 4], values: [1, 2, 3, 4] }
  const refused = async (inputs: Array<Partial<typeof X>>, message: RegExp, outputs: Array<{ name: string }> = []) => {
    await t.rejects(inferOn(model, { inputs: inputs.map(input => ({ ...X, ...input })), outputs }, ask), { message }, String(message))
  }
  await refused([{ shape: [1e12, 4] }], /input 'X' has 4 values; its shape \[1000000000000,4\] takes 4000000000000/)
  await refused([{ shape: [16, 2 ** 60 + 2] }], /'shape' has \d+ as the length of axis 1/)
  await refused([{ shape: [-1, 4] }], /'shape' has -1 as the length of axis 0/)
  await refused([{ shape: [1.5, 4] }], /'shape' has 1\.5/)
  await refused([{ shape: new Array<number>(33).fill(1) }], /33 axes, over the limit of 32/)
  await refused([{ shape: [1, 5] }], /input 'X' is \[1,5\]; the model takes 'X' of FP32 \[-1,4\]/)
  await refused([{ datatype: 'FP64' }], /input 'X' is FP64; the model takes 'X' of FP32/)
  await refused([{ datatype: 'FLOAT' }], /input 'X' is FLOAT/)
  await refused([{ name: 'Y' }], /the model has no input 'Y'/)
  await refused([], /the request lacks 'X'/)
  await refused([{}, { name: 'Z' }], /no input 'Z'/)
  await refused([{}, {}], /two inputs 'X'/)
  await refused([{}], /no output 'scores'/, [{ name: 'scores' }])
  await refused([{}], /two outputs 'output_label'/, [{ name: 'output_label' }, { name: 'output_label' }])
  await refused([{ values: [1, 2, 3] }], /has 3 values/)
  await refused(Array.from({ length: 257 }, (_, at) => ({ name: `x${at}` })), /257 inputs, over the limit of 256/)
})
