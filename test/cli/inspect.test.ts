import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { echoCard, echoModel, modelFolder } from '../fixtures/model.ts'
import { servery } from './servery.ts'

t.test('a model is described in words, with where that was read', async t => {
  const { code, stdout, stderr } = await servery(['inspect', modelFolder(t)])
  t.same([code, stderr], [0, ''])
  for (const line of [
    /^model {4}echo 1$/m, /^input {4}2 columns: width, height$/m, /^output {3}one of 2 labels, with probabilities, from 'y'$/m, /^labels {3}wide, high$/m,
    /^read in {2}card\.json$/m, /^takes {4}'x': float32 \[batch, 2\]$/m, /^gives {4}'y': float32 \[batch, 2\]$/m, /^nodes {4}Identity 1$/m
  ]) t.match(stdout, line)
})

t.test('--json has all of it', async t => {
  const folder = modelFolder(t)
  const { code, stdout } = await servery(['inspect', join(folder, 'model.onnx'), '--json'])
  t.equal(code, 0)
  t.match(JSON.parse(stdout), {
    name: 'echo',
    files: [{ path: join(folder, 'model.onnx'), bytes: echoModel.length, sha256: createHash('sha256').update(echoModel).digest('hex') }],
    irVersion: 8,
    opsets: { '': 17 },
    operators: { Identity: 1 },
    parameters: 0,
    inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 2] }],
    card: { labels: ['wide', 'high'] },
    sources: ['card.json'],
    assumptions: [],
    settledByRun: false
  })
})

t.test('without a model named, it is that of the settings', async t => {
  const { stdout } = await servery(['inspect', '--json'], { MODEL_NAME: 'iris' })
  // The number of operators in the file, by onnx 1.23 in Python.
  t.match(JSON.parse(stdout), { operators: { 'ai.onnx.ml.LinearClassifier': 1, 'ai.onnx.ml.Normalizer': 1, Cast: 1, 'ai.onnx.ml.ZipMap': 1 } })
  t.equal(JSON.parse(stdout).files[0].sha256, createHash('sha256').update(readFileSync(projectFile('models/iris/model.onnx'))).digest('hex'))
})

t.test('names of a model cannot write to a terminal', async t => {
  const { stdout } = await servery(['inspect', modelFolder(t, { card: { ...echoCard, labels: ['a\u001b[31m', 'b\u0007'] } })])
  t.same(stdout.match(/(?!\n)\p{Cc}/gu), null)
})
