import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { modelFolder } from '../fixtures/model.ts'
import { tokensCard, tokensModel } from '../fixtures/tensors.ts'
import { build } from '../helper.ts'

const app = await build(t, { MODEL_PATH: modelFolder(t, { card: tokensCard, model: tokensModel }) })
const json = { 'content-type': 'application/json' }
const post = async (body: unknown) => (await app.inject({ method: 'POST', url: '/predict', payload: JSON.stringify(body), headers: json })).json()
const inputs = { tokens: [[1, 9, '2']], attention_mask: [[1, 1, 1]] }

t.test('a model gets the tensors that a client sends', async t => {
  t.match(await post({ inputs }), { label: 'b', index: 1 })
  t.match(await post({ inputs: { ...inputs, attention_mask: [[1, 0, 1]] } }), { label: 'c' })
  t.match(await post({ instances: [{ inputs }, { inputs: { ...inputs, attention_mask: [[1, 0, 1]] } }] }), { predictions: [{ label: 'b' }, { label: 'c' }] })
})

t.test('tensors that do not fit are a 422 that names them, also if only the run finds it out', async t => {
  t.match(await post({ inputs: { tokens: [[1, 2]], attention_mask: [[1, 1, 1]] } }), { statusCode: 422, code: 'SRV_TENSOR_UNUSABLE', message: "input 'tokens' at [0] has 2 values; the model takes [any,3]." })
  t.match(await post({ inputs: { tokens: [[1, 2, 3], [1, 2, 3]], attention_mask: [[1, 1, 1], [1, 1, 1], [1, 1, 1]] } }), { statusCode: 422, code: 'SRV_TENSOR_UNUSABLE', message: /^the model cannot run on these tensors: / })
  t.equal((await app.inject({ method: 'POST', url: '/explain', payload: JSON.stringify({ inputs }), headers: json })).statusCode, 404, 'and there is nothing to vary')
})

t.test('a large body is read in pieces, within limits of its own', async t => {
  const rows = Array.from({ length: 20_000 }, () => [1, 9, 2])
  t.match(await post({ inputs: { tokens: rows, attention_mask: [[1, 1, 1]] } }), { label: 'b' })
  const nothing = Array.from({ length: 3_000_000 }, () => [])
  t.match(await post({ inputs: { tokens: nothing, attention_mask: [[1, 1, 1]] } }), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX' })
})

t.test('the page, the information and the document follow the signature', async t => {
  t.match((await app.inject('/')).body, '<textarea id="json"')
  t.match((await app.inject('/info')).json(), { 'input-size': 'tokens [any,3], attention_mask [any,3]', formats: ['JSON'] })
  const document = (await app.inject('/openapi.json')).json()
  t.match(await new Validator().validate(document), { valid: true })
  const { content } = document.paths['/predict'].post.requestBody
  t.match(await post(content['application/json'].example ?? content['application/json'].schema.examples[0]), { label: /^[abc]$/ })
})

t.test('the outputs come back as they are, those of each input with its own batch axis', async t => {
  const card = { ...tokensCard, output: { kind: 'tensors' }, labels: [] }
  const plain = await build(t, { MODEL_PATH: modelFolder(t, { card, model: tokensModel }) })
  const ask = async (body: unknown) => (await plain.inject({ method: 'POST', url: '/predict', payload: JSON.stringify(body), headers: json })).json()
  const two = { tokens: [[1, 2, 3], [4, 5, 6]], attention_mask: [[1, 0, 1], [0.5, 1, 1]] }
  t.match(await ask({ inputs: two }), { outputs: { y: [[1, 0, 3], [2, 5, 6]] }, model: 'tokens' })
  t.match(await ask([{ inputs: two }, { inputs }]), { predictions: [{ outputs: { y: [[1, 0, 3], [2, 5, 6]] } }, { outputs: { y: [[1, 9, 2]] } }] })
  t.match(await new Validator().validate((await plain.inject('/openapi.json')).json()), { valid: true })
})
