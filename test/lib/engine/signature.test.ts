import { InferenceSession } from 'onnxruntime-node'
import t from 'tap'
import { batchingOf, signatureOf } from '../../../lib/engine/signature.ts'
import { projectFile } from '../../../lib/project.ts'
import { onnxFile, type Value } from '../../fixtures/onnx.ts'

const negated = (from: Value, to: Value) => onnxFile([from], [to], [{ op: 'Neg', from: [from[0]], to: to[0] }])

t.test('a signature has the names, types and axes of the file; an axis of any length is null', async t => {
  const session = await InferenceSession.create(onnxFile(
    [['a', 'int64', ['batch', 2]], ['b', 'string', ['']]], [['c', 'int64', ['batch', 2]], ['d', 'string', ['']]],
    [{ op: 'Neg', from: ['a'], to: 'c' }, { op: 'Identity', from: ['b'], to: 'd' }]
  ))
  t.same(signatureOf(session), {
    inputs: [{ name: 'a', dtype: 'int64', shape: [null, 2] }, { name: 'b', dtype: 'string', shape: [null] }],
    outputs: [{ name: 'c', dtype: 'int64', shape: [null, 2] }, { name: 'd', dtype: 'string', shape: [null] }]
  })
})

t.test('sequences and maps are left out', async t => {
  const sequence = await InferenceSession.create(onnxFile([['x', 'float32', ['batch']]], [['y', 'float32', ['batch']], { sequence: 'z' }], [
    { op: 'Neg', from: ['x'], to: 'y' }, { op: 'SequenceConstruct', from: ['x'], to: 'z' }
  ]))
  t.same(signatureOf(sequence).outputs.map(({ name }) => name), ['y'])
  // scikit-learn's output_probability is a sequence of maps.
  const maps = await InferenceSession.create(projectFile('models/iris/model.onnx'))
  t.same(signatureOf(maps).outputs, [{ name: 'output_label', dtype: 'int64', shape: [null] }])
})

t.test('rows run together where the first axis allows it', async t => {
  const cases: Array<[Value, Value, ReturnType<typeof batchingOf>, string]> = [
    [['x', 'float32', ['batch', 2]], ['y', 'float32', ['batch', 2]], { stacks: true, batches: true }, 'one name for all first axes'],
    [['x', 'float32', ['', 2]], ['y', 'float32', ['', 2]], { stacks: false, batches: true }, 'axes without a name may differ'],
    [['x', 'float32', ['n', 2]], ['y', 'float32', ['m', 2]], { stacks: false, batches: true }, 'axes with two names'],
    [['x', 'float32', [1, 2]], ['y', 'float32', [1, 2]], { stacks: false, batches: false }, 'one row at a time'],
    [['x', 'float32', []], ['y', 'float32', []], { stacks: false, batches: false }, 'no axis at all']
  ]
  for (const [input, output, batching, name] of cases) {
    t.same(batchingOf(await InferenceSession.create(negated(input, output)), { hasRows: true }), batching, name)
  }
})

t.test('every input of a row must allow it, and plain tensors are no rows', async t => {
  const sum = (a: Value, b: Value) => onnxFile([a, b], [['y', 'float32', ['m', 1]]], [{ op: 'Add', from: [a[0], b[0]], to: 'y' }])
  const free = await InferenceSession.create(sum(['a', 'float32', ['n', 1]], ['b', 'float32', ['', 1]]))
  t.same(batchingOf(free, { hasRows: true }), { stacks: false, batches: true })
  t.same(batchingOf(free, { hasRows: false }), { stacks: false, batches: false })
  const half = await InferenceSession.create(sum(['a', 'float32', ['n', 1]], ['b', 'float32', [1, 1]]))
  t.same(batchingOf(half, { hasRows: true }), { stacks: false, batches: false })
})
