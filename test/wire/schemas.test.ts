import { Ajv } from 'ajv'
import t from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { QueueFull } from '../../lib/errors.ts'
import type { Ranked } from '../../lib/output/classify.ts'
import type { Prediction } from '../../lib/output/prediction.ts'
import type { TSchema } from '../../lib/typebox.ts'
import { answerOf, answersOf } from '../../wire/answer.ts'
import { errorBody } from '../../wire/errors.ts'
import { csvAnswer, ErrorSchema, errors, errorsAs, explained, explanation, Importance, predictAnswer, predictHeaders, predictQuery } from '../../wire/schemas.ts'
import { echoCard } from '../fixtures/model.ts'

const compile = (schema: TSchema) => new Ajv({ useDefaults: true, formats: { binary: true } }).compile(schema)
const wide = { label: 'wide', index: 0, probability: 0.75 }
const high = { label: 'high', index: 1, probability: 0.25 }
const KINDS: Array<[Card, Prediction]> = [
  [echoCard, { kind: 'classes', first: wide, top: [wide, high] }],
  [{ ...echoCard, output: { kind: 'binary', tensor: 'y', activation: 'none' } }, { kind: 'classes', first: wide, top: [wide, high] }],
  [{ ...echoCard, output: { kind: 'labels', tensor: 'y', activation: 'none' } }, { kind: 'labels', first: wide, top: [wide, high], labels: [wide] }],
  [{ ...echoCard, output: { kind: 'label', label: 'z' } }, { kind: 'label', label: 'high', index: 1 }],
  [{ ...echoCard, labels: [], output: { kind: 'label', label: 'z' } }, { kind: 'label', label: '-1', index: null }],
  [{ ...echoCard, labels: [], output: { kind: 'value', tensor: 'y' } }, { kind: 'value', value: -3.2 }],
  [{ ...echoCard, labels: [], output: { kind: 'tensors' } }, { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(NaN) } } }]
]

t.test('the body of an error fits the schema of the OpenAPI document', async t => {
  const isError = compile(ErrorSchema)
  t.ok(isError(errorBody(new QueueFull(1))))
  t.notOk(isError({ statusCode: 503, message: 'no' }))
  t.match(errors(400, 503), { 400: { $ref: 'Error' }, 503: { $ref: 'Error' } })
  t.match(errorsAs('MaxError', 400), { 400: { $ref: 'MaxError' } })
})

t.test('as many labels can be asked for as there are, and by default no more', async t => {
  const isQuery = compile(predictQuery(echoCard, 5))
  const query = {}
  t.ok(isQuery(query))
  t.same(query, { top_k: 2 })
  for (const wrong of [{ top_k: 0 }, { top_k: 3 }, { top_k: 1.5 }, { topk: 1 }]) t.notOk(isQuery(wrong), JSON.stringify(wrong))
})

t.test('a deadline can be shortened, not lengthened', async t => {
  const isHeaders = compile(predictHeaders(1000))
  t.ok(isHeaders({ 'x-deadline-ms': 1000, accept: '*/*' }))
  for (const deadline of [0, 1001]) t.notOk(isHeaders({ 'x-deadline-ms': deadline }), `${deadline}`)
})

t.test('answers of each kind fit their schema, and its own examples do', async t => {
  for (const [card, prediction] of KINDS) {
    const { 'application/json': json, 'text/csv': csv } = predictAnswer(card, { 'text/csv': { schema: Importance } }).content
    t.equal(csv?.schema, Importance, 'beside what the modality adds')
    const isAnswer = compile(json!.schema)
    const { kind } = card.output
    t.ok(isAnswer(JSON.parse(await answerOf(card, [prediction]))), kind)
    t.ok(isAnswer(JSON.parse(await answersOf(card, [prediction, prediction]))), kind)
    const alternatives: Array<{ examples: unknown[] }> = JSON.parse(JSON.stringify(json?.schema)).anyOf
    t.equal(alternatives.length, 2)
    for (const { examples: [example] } of alternatives) t.ok(isAnswer(example), JSON.stringify(example))
    t.notOk(isAnswer({ model: 'echo', version: '1' }), kind)
  }
})

t.test('an answer with a label or a key that the model does not have fits no schema', async t => {
  const isAnswer = compile(predictAnswer(echoCard).content['application/json']!.schema)
  const of = async (card: Card, ...top: [Ranked]) => JSON.parse(await answerOf(card, [{ kind: 'classes', first: top[0], top }]))
  t.notOk(isAnswer(await of(echoCard, { label: 'round', index: 0, probability: 0.5 })))
  t.notOk(isAnswer(await of(echoCard, { label: 'wide', index: 2, probability: 0.5 })))
  t.notOk(isAnswer(await of({ ...echoCard, labelKey: 'food' }, wide)), 'another key')
})

t.test('labels of the same name are one value of the schema', async t => {
  const card: Card = { ...echoCard, labels: ['crane', 'dog', 'crane'] }
  const { schema } = predictAnswer(card).content['application/json']!
  t.doesNotThrow(() => new Ajv({ strict: true, validateSchema: true }).compile(JSON.parse(JSON.stringify(schema))))
  t.ok(compile(schema)(JSON.parse(await answerOf(card, [{ kind: 'classes', first: { label: 'crane', index: 2, probability: 1 }, top: [] }]))))
})

t.test('only answers with probabilities can be asked for several labels', async t => {
  for (const [card] of KINDS) t.equal(compile(predictQuery(card, 5))({ top_k: 1 }), ['classes', 'binary', 'labels'].includes(card.output.kind), card.output.kind)
})

t.test('an explanation of a number has no probability, and importance in its unit', async t => {
  const card: Card = { ...echoCard, labels: [], output: { kind: 'value', tensor: 'y' } }
  t.match(explained(card), { name: 'value', key: 'prediction' })
  t.match(explained(echoCard), { name: 'probability of the label', key: 'probability' })
  t.ok(compile(explained(card).importance)(-50))
  t.notOk(compile(explained(echoCard).importance)(-50))
  const isExplanation = compile(explanation(card, { weight: explained(card).importance }))
  t.ok(isExplanation({ shape: 7, model: 'echo', version: '1', weight: 12 }))
  t.notOk(isExplanation({ shape: 'wide', model: 'echo', version: '1', weight: 12 }))
})

t.test('an explanation names the label, and what the modality says of it', async t => {
  const isExplanation = compile(explanation(echoCard, { weight: Importance }))
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1' }
  t.ok(isExplanation({ ...answer, weight: -0.5 }))
  t.notOk(isExplanation(answer))
  t.notOk(isExplanation({ ...answer, weight: 1.5 }))
})

t.test('CSV is answered with the columns that the document names', async t => {
  t.match(csvAnswer(echoCard)['text/csv']?.schema, { description: /the additional columns shape and probability; for other requests, these columns alone, with a header\.$/ })
  t.match(csvAnswer({ ...echoCard, output: { kind: 'value', tensor: 'y' } })['text/csv']?.schema, { description: /the additional column shape; for other requests, this column alone, with a header\.$/ })
  t.match(csvAnswer({ ...echoCard, output: { kind: 'labels', tensor: 'y', activation: 'none' } })['text/csv']?.schema, { description: /probability and labels; for other requests, these columns alone, with a header\. Several labels are separated by semicolons\.$/ })
  t.same(csvAnswer({ ...echoCard, output: { kind: 'tensors' } }), {}, 'and plain tensors not at all')
})
