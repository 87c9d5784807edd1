import { Ajv } from 'ajv'
import t from 'tap'
import { QueueFull } from '../../lib/errors.ts'
import type { TSchema } from '../../lib/typebox.ts'
import { answerOf, answersOf } from '../../wire/answer.ts'
import { errorBody } from '../../wire/errors.ts'
import { ErrorSchema, errors, explanation, Importance, predictAnswer, predictHeaders, predictQuery } from '../../wire/schemas.ts'
import { echoCard } from '../fixtures/model.ts'

const compile = (schema: TSchema) => new Ajv({ useDefaults: true, formats: { binary: true } }).compile(schema)
const ranked = [{ label: 'wide', index: 0, probability: 0.75 }, { label: 'high', index: 1, probability: 0.25 }]

t.test('the body of an error fits the schema of the OpenAPI document', async t => {
  const isError = compile(ErrorSchema)
  t.ok(isError(errorBody(new QueueFull(1))))
  t.notOk(isError({ statusCode: 503, message: 'no' }))
  t.match(errors(400, 503), { 400: { $ref: 'Error' }, 503: { $ref: 'Error' } })
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

t.test('answers fit the schema, and its own examples do', async t => {
  const { 'application/json': json, 'text/csv': csv } = predictAnswer(echoCard, { 'text/csv': { schema: Importance } }).content
  t.equal(csv?.schema, Importance, 'beside what the modality adds')
  const isAnswer = compile(json!.schema)
  t.ok(isAnswer(answerOf(echoCard, ranked)))
  t.ok(isAnswer(JSON.parse(await answersOf(echoCard, [ranked, ranked]))))
  const alternatives: Array<{ examples: unknown[] }> = JSON.parse(JSON.stringify(json?.schema)).anyOf
  t.equal(alternatives.length, 2)
  for (const { examples: [example] } of alternatives) t.ok(isAnswer(example), JSON.stringify(example))
  t.notOk(isAnswer(answerOf(echoCard, [{ label: 'round', index: 0, probability: 0.5 }])), 'a label that the model does not have')
  t.notOk(isAnswer(answerOf(echoCard, [{ label: 'wide', index: 2, probability: 0.5 }])))
  t.notOk(isAnswer(answerOf({ ...echoCard, labelKey: 'food' }, ranked)), 'another key')
})

t.test('an explanation names the label, and what the modality says of it', async t => {
  const isExplanation = compile(explanation(echoCard, { weight: Importance }))
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1' }
  t.ok(isExplanation({ ...answer, weight: -0.5 }))
  t.notOk(isExplanation(answer))
  t.notOk(isExplanation({ ...answer, weight: 1.5 }))
})
