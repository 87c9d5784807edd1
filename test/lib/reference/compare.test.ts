import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../../lib/config.ts'
import { loadClassifier } from '../../../lib/load.ts'
import { compareWithReference } from '../../../lib/reference/compare.ts'
import { modelFolder } from '../../fixtures/model.ts'
import { onnxFile } from '../../fixtures/onnx.ts'

async function compare (t: Test, model: Uint8Array | undefined, content: unknown, tolerance = 1e-4): Promise<string[]> {
  const folder = modelFolder(t, model && { model })
  const path = join(folder, 'r.json')
  writeFileSync(path, JSON.stringify(content))
  const classifier = await loadClassifier(loadConfig({ MODEL_PATH: folder, WORKERS: '0' }))
  t.teardown(async () => { await classifier.close() })
  return (await compareWithReference(classifier, path, tolerance)).map(fault => fault.replace(`${path}: `, ''))
}

const rows = [[0.25, 0.75], [0.5, 0.5], [0.1, 0.9]]

t.test('all rows of all outputs are compared', async t => {
  t.same(await compare(t, undefined, { inputs: { x: rows }, outputs: { y: rows } }), [])
  t.same(await compare(t, undefined, { inputs: { x: rows }, outputs: { y: [...rows.slice(0, 2), [0.1, 0.8]] } }), [
    "output 'y' differs in 1 of 6 elements by more than 0.0001: element 5 is 0.8999999761581421, in the reference 0.8"
  ])
})

t.test('a model of a fixed batch gets the rows in pieces', async t => {
  const fixed = onnxFile([['x', 'float32', [1, 2]]], [['y', 'float32', [1, 2]]], [{ op: 'Identity', from: ['x'], to: 'y' }])
  t.same(await compare(t, fixed, { inputs: { x: rows }, outputs: { y: rows } }), [])
  t.match(await compare(t, fixed, { inputs: { x: rows }, outputs: { y: rows.toReversed() } }), [/differs in 4 of 6/])
})

t.test('inputs of another type are named', async t => {
  t.same(await compare(t, undefined, { inputs: { x: [['a', 'b']] }, outputs: { y: rows } }), ["'x' holds texts, and the model takes float32"])
})
