import t from 'tap'
import { columnsOf, constantOf, isConstant, isOfTables, makerOf, numbersOf } from '../../../../lib/card/infer/graph.ts'
import { exportedGraph, network, zipped } from '../../../fixtures/exported.ts'

t.test('constants are initializers, what Constant makes, and copies of an initializer', async t => {
  const graph = await exportedGraph(t, {
    outputs: [['y', 'float32', ['', 2]]],
    nodes: [['Identity', ['two'], ['copy']], ['Add', ['X', 'copy'], ['y']]],
    constants: { two: [1, 2], words: ['a', 'b'] }
  })
  t.same(constantOf(graph, 'two')?.values, [1, 2])
  t.same(numbersOf(graph, 'copy'), [1, 2])
  t.same(constantOf(graph, 'words')?.values, ['a', 'b'])
  t.equal(constantOf(graph, 'X'), null)
  t.ok(isConstant(graph, 'copy'))
  t.notOk(isConstant(graph, 'y'))
})

t.test('the maker of a value is found through what only changes type or shape, however long the way', async t => {
  const copies = Array.from({ length: 20 }, (_, at): [string, string[], string[]] => ['Cast', [`v${at}`], [`v${at + 1}`]])
  const graph = await exportedGraph(t, { outputs: [['y', 'float32', ['', 2]]], nodes: [['Softmax', ['X'], ['v0']], ...copies, ['Reshape', ['v20', 's'], ['y']]], constants: { s: { ints: [-1, 2] } } })
  t.equal(makerOf(graph, 'y')?.opType, 'Softmax')
  t.equal(makerOf(graph, 'X'), null)
})

t.test('a value without a known width has no number of columns', async t => {
  const columns = (shape: Array<number | string> | null) => columnsOf({ name: 'y', type: 'tensor', dtype: 'float32', shape, denotation: '' })
  t.equal(columns(['N', 3]), 3)
  t.equal(columns(['N']), 1)
  for (const shape of [['N', 'C'], ['N', 3, 4], null]) t.equal(columns(shape), null)
})

t.test('exporters of tables are known by their name or their operators, not by the sets of operators that they list', async t => {
  t.ok(isOfTables(await exportedGraph(t, zipped)))
  t.notOk(isOfTables(await exportedGraph(t, { ...network, producer: 'tf2onnx' })), 'tf2onnx lists ai.onnx.ml too')
  t.ok(isOfTables(await exportedGraph(t, { ...zipped, producer: '' })))
})
