import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { PredictionLineSchema } from '../../wire/log-lines.ts'
import { echoCard, modelFolder, twoFeatures } from '../fixtures/model.ts'
import { onnxFile, type Node, type Value } from '../fixtures/onnx.ts'
import { build } from '../helper.ts'

/** The first feature alone, [batch, 1]. */
const FIRST: Node = { op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }
const x: Value = ['x', 'float32', ['batch', 2]]

interface Kind {
  output: Card['output']
  labels: string[]
  outputs: Value[]
  nodes: Node[]
  /** The answers to [0, 2] and to [3, 1], calculated by hand. */
  answers: [object, object]
  /** The same as columns of CSV. */
  csv: [string, string] | null
  /** The fields of an explanation of [0, 2], or `null` if there is no explanation. */
  explained: object | null
  metrics: Record<string, number>
  logged: object
}

const two = (first: number, ...others: [number, number][]) => others.map(([index, probability]) => ({ label: ['wide', 'high'][index], index, probability })).slice(0, first)

const KINDS: Record<string, Kind> = {
  "classes, of which the model's own label is the least probable one": {
    output: { kind: 'classes', tensor: 'y', activation: 'softmax', label: 'z', classes: [0, 1] },
    labels: ['wide', 'high'],
    outputs: [['y', 'float32', ['batch', 2]], ['z', 'int64', ['batch']]],
    nodes: [{ op: 'Identity', from: ['x'], to: 'y' }, { op: 'ArgMin', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }],
    // scipy.special.softmax([0, 2]) and of [3, 1]
    answers: [
      { shape: 'wide', probability: 0.1192029, index: 0, top: two(2, [0, 0.1192029], [1, 0.8807971]) },
      { shape: 'high', probability: 0.1192029, index: 1, top: two(2, [1, 0.1192029], [0, 0.8807971]) }
    ],
    csv: ['wide,0.1192029', 'high,0.1192029'],
    explained: { shape: 'wide', probability: 0.1192029, index: 0 },
    metrics: { wide: 1, high: 0 },
    logged: { label: 'wide', confidence: 0.1192029, index: 0 }
  },
  'binary, of one logit': {
    output: { kind: 'binary', tensor: 'one', activation: 'sigmoid' },
    labels: ['wide', 'high'],
    outputs: [['one', 'float32', ['batch', 1]]],
    nodes: [FIRST],
    // scipy.special.expit(0) and of 3
    answers: [
      { shape: 'wide', probability: 0.5, index: 0, top: two(2, [0, 0.5], [1, 0.5]) },
      { shape: 'high', probability: 0.9525741, index: 1, top: two(2, [1, 0.9525741], [0, 0.04742587]) }
    ],
    csv: ['wide,0.5', 'high,0.9525741'],
    explained: { shape: 'wide', probability: 0.5, index: 0 },
    metrics: { wide: 1, high: 0 },
    logged: { label: 'wide', confidence: 0.5, index: 0 }
  },
  'labels, two of two': {
    output: { kind: 'labels', tensor: 'y', activation: 'sigmoid', threshold: 0.6 },
    labels: ['wide', 'high'],
    outputs: [['y', 'float32', ['batch', 2]]],
    nodes: [{ op: 'Identity', from: ['x'], to: 'y' }],
    answers: [
      { shape: 'high', probability: 0.8807971, index: 1, labels: two(1, [1, 0.8807971]), top: two(2, [1, 0.8807971], [0, 0.5]) },
      { shape: 'wide', probability: 0.9525741, index: 0, labels: two(2, [0, 0.9525741], [1, 0.7310586]), top: two(2, [0, 0.9525741], [1, 0.7310586]) }
    ],
    csv: ['high,0.8807971,high', 'wide,0.9525741,wide;high'],
    explained: { shape: 'high', probability: 0.8807971, index: 1 },
    metrics: { wide: 0, high: 1 },
    logged: { label: 'high', confidence: 0.8807971, index: 1, labels: ['high'] }
  },
  'a label without a probability': {
    output: { kind: 'label', label: 'z', classes: [0, 1] },
    labels: ['wide', 'high'],
    outputs: [['z', 'int64', ['batch']]],
    nodes: [{ op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }],
    answers: [{ shape: 'high', index: 1 }, { shape: 'wide', index: 0 }],
    csv: ['high', 'wide'],
    explained: null,
    metrics: { wide: 0, high: 1 },
    logged: { label: 'high', index: 1 }
  },
  'a label of a model whose labels are not known': {
    output: { kind: 'label', label: 'z' },
    labels: [],
    outputs: [['z', 'string', ['batch']]],
    nodes: [{ op: 'ArgMax', from: ['x'], to: 'place', attributes: { axis: 1, keepdims: 0 } }, { op: 'Cast', from: ['place'], to: 'z', attributes: { to: 8 } }],
    answers: [{ shape: '1' }, { shape: '0' }],
    csv: ['1', '0'],
    explained: null,
    metrics: {},
    logged: { label: '1' }
  },
  'a number': {
    output: { kind: 'value', tensor: 'one' },
    labels: [],
    outputs: [['one', 'float32', ['batch', 1]]],
    nodes: [FIRST],
    answers: [{ shape: 0 }, { shape: 3 }],
    csv: ['0', '3'],
    explained: { shape: 0 },
    metrics: {},
    logged: { value: 0 }
  },
  tensors: {
    output: { kind: 'tensors' },
    labels: [],
    outputs: [['y', 'float32', ['batch', 2]], ['z', 'int64', ['batch']]],
    nodes: [{ op: 'Neg', from: ['x'], to: 'y' }, { op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }],
    answers: [{ outputs: { y: [[0, -2]], z: [1] } }, { outputs: { y: [[-3, -1]], z: [0] } }],
    csv: null,
    explained: null,
    metrics: {},
    logged: {}
  }
}

async function serve (t: Test, { output, labels, outputs, nodes }: Kind) {
  const folder = modelFolder(t, { card: { ...echoCard, output, labels }, model: onnxFile([x], outputs, nodes, { first: [0] }) })
  const log = join(folder, 'predictions.jsonl')
  const app = await build(t, { MODEL_PATH: folder, WORKERS: '0', PREDICTION_LOG: log })
  return { app, log }
}

async function post (app: FastifyInstance, path: string, payload: unknown, headers: Record<string, string> = {}) {
  return await app.inject({ method: 'POST', url: path, payload: typeof payload === 'string' ? payload : JSON.stringify(payload), headers: { 'content-type': 'application/json', ...headers } })
}

for (const [name, kind] of Object.entries(KINDS)) {
  t.test(name, async t => {
    const { app, log } = await serve(t, kind)
    const [first, second] = kind.answers
    const named = { model: 'echo', version: '1' }
    const document = (await app.inject('/openapi.json')).json()

    t.test('is answered for one input, for several and for CSV', async t => {
      t.same((await post(app, '/predict', [0, 2])).json(), { ...first, ...named })
      t.same((await post(app, '/predict', [[0, 2], [3, 1]])).json(), { predictions: [first, second], ...named })
      const csv = await post(app, '/predict', 'width,height\n0,2\n3,1\n', { 'content-type': 'text/csv', accept: 'text/csv' })
      if (!kind.csv) return t.match(csv.json(), { predictions: [first, second] }, 'which has no room for it')
      const columns = { classes: 'shape,probability', binary: 'shape,probability', labels: 'shape,probability,labels', label: 'shape', value: 'shape', tensors: '' }
      t.equal(csv.body, `width,height,${columns[kind.output.kind]}\n0,2,${kind.csv[0]}\n3,1,${kind.csv[1]}\n`)
    })

    t.test('has a valid OpenAPI document, and answers as it says', async t => {
      t.same((await new Validator().validate(document)).errors, undefined)
      const schema = document.paths['/predict'].post.responses['200'].content['application/json'].schema
      t.ok(new Ajv({ strict: false }).validate(schema, (await post(app, '/predict', [0, 2])).json()))
    })

    t.test('has top_k only where there are several labels to rank', async t => {
      const { statusCode, body } = await post(app, '/predict?top_k=1', [0, 2])
      const isRanked = 'top' in first
      t.equal(statusCode, isRanked ? 200 : 400)
      if (isRanked) t.equal(JSON.parse(body).top.length, 1)
    })

    t.test('is explained if there is a number to follow', async t => {
      const response = await post(app, '/explain', [0, 2])
      t.equal('/explain' in document.paths, kind.explained !== null)
      t.match((await app.inject('/')).body, kind.explained ? / id="model"[^>]* data-explains[ >]/ : / id="model"(?![^>]* data-explains)[^>]*>/)
      if (!kind.explained) return t.equal(response.statusCode, 404)
      const { features, ...answer } = response.json()
      t.same(answer, { ...kind.explained, ...named })
      t.equal(features.length, 2)
      const [{ importance, curve: [begin, ...others] }] = features
      const key = kind.output.kind === 'value' ? 'prediction' : 'probability'
      const curve: number[] = [begin, ...others].map(point => point[key])
      // What is explained is at the begin of the range of the first feature, 0 to 1.
      t.equal(begin.value, twoFeatures.features[0]?.min)
      t.equal(begin[key], Object.values(kind.explained).find(value => typeof value === 'number'))
      t.ok(Math.abs(importance - (begin[key] - curve.reduce((sum, value) => sum + value, 0) / curve.length)) < 1e-5)
      const schema = document.paths['/explain'].post.responses['200'].content['application/json'].schema
      t.ok(new Ajv({ strict: false }).validate(schema, response.json()))
    })

    t.test('is described by /info', async t => {
      t.match((await app.inject('/info')).json(), { 'num-classes': kind.labels.length, labels: kind.labels, output: kind.output, assumptions: [], sources: [] })
    })

    t.test('is counted by its label, if the model has known ones', async t => {
      const { app } = await serve(t, kind)
      await post(app, '/predict', [0, 2])
      const { body } = await app.inject('/metrics')
      const counts = Object.fromEntries([...body.matchAll(/^servery_predictions_total\{label="(.*)",dialect="native"\} (\d+)$/gm)].map(([, label, count]) => [label, Number(count)]))
      t.same(counts, kind.metrics)
      t.equal(body.includes('servery_prediction_confidence_count 1'), 'probability' in first)
    })

    t.test('is a line of the prediction log', async t => {
      await app.close()
      const [line] = readFileSync(log, 'utf8').trim().split('\n').map(line => JSON.parse(line))
      const { time, reqId, input, model, version, durationMs, ...answer } = line
      t.same(answer, kind.logged)
      t.match({ time, reqId, input, model, version, durationMs }, { time: String, input: 0, ...named })
      t.ok(new Ajv({ formats: { 'date-time': true } }).validate(PredictionLineSchema, line))
    })
  })
}

t.test('a number that is none is an error that names the row and the output', async t => {
  const { app } = await serve(t, { ...KINDS['a number']!, nodes: [FIRST, { op: 'Log', from: ['one'], to: 'log' }], outputs: [['log', 'float32', ['batch', 1]]], output: { kind: 'value', tensor: 'log' } })
  t.match((await post(app, '/predict', [[1, 0], [-1, 0]])).json(), { statusCode: 422, code: 'SRV_ANSWER_NOT_FINITE', message: /^row 2 has no answer: the model computes NaN in its output 'log'/ })
})

t.test('tensors that would fill the memory are refused', async t => {
  const many = onnxFile([x], [['y', 'float32', ['batch', 300_000]]], [{ op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }, { op: 'Expand', from: ['one', 'shape'], to: 'y' }], { first: [0], shape: [1, 300_000] })
  const app = await build(t, { MODEL_PATH: modelFolder(t, { card: { ...echoCard, labels: [], output: { kind: 'tensors' } }, model: many }), WORKERS: '0' })
  t.equal((await post(app, '/predict', [0.5, 0])).json().outputs.y[0].length, 300_000)
  t.match((await post(app, '/predict', Array.from({ length: 8 }, () => [0, 0]))).json(), {
    statusCode: 413, code: 'SRV_ANSWER_TOO_LARGE', message: 'The answer is over the limit of 2097152 values; send fewer inputs at once.'
  })
})
