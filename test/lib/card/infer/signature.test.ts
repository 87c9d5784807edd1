import t from 'tap'
import { signatureOf } from '../../../../lib/card/infer/signature.ts'
import { exportedGraph, zipped } from '../../../fixtures/exported.ts'

t.test('the signature is the one that the engine has: ZipMaps are tensors, and values inside the graph may be outputs', async t => {
  t.same(signatureOf(await exportedGraph(t, zipped), ['probabilities']), {
    inputs: [{ name: 'X', dtype: 'float32', shape: [null, 2] }],
    outputs: [{ name: 'output_label', dtype: 'int64', shape: [null] }, { name: 'output_probability', dtype: 'float32', shape: [null, 3] }, { name: 'probabilities', dtype: 'float32', shape: [] }]
  })
})

t.test('other sequences are left out', async t => {
  t.same(signatureOf(await exportedGraph(t, { outputs: ['s'], nodes: [['SequenceConstruct', ['X'], ['s']]] }), []).outputs, [])
})
