import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import type { Signature } from '../../../lib/tensor.ts'
import { inputsOf } from '../../../wire/tensors/body.ts'
import { EXPLANATION, tensorsBody } from '../../../wire/tensors/openapi.ts'
import { tokensSignature } from '../../fixtures/tensors.ts'

const ajv = new Ajv2020({ keywords: ['x-read-by-hand'], formats: { binary: true } })
const jsonOf = (signature: Signature) => tensorsBody(signature, 2).content['application/json']!.schema

t.test('what the document allows is read, and what it forbids is refused', async t => {
  const isBody = ajv.compile(jsonOf(tokensSignature))
  const input = { inputs: { tokens: [[1, 2, '9223372036854775807']], attention_mask: [[1, 0.5, 0]] } }
  for (const body of [input, [input], { instances: [input, input] }]) {
    t.ok(isBody(body), JSON.stringify(body))
    t.ok(await inputsOf(body, tokensSignature, 2), 'and is read')
  }
  const wrong = [
    {}, { inputs: {} }, [], [input, input, input], { inputs: { ...input.inputs, more: 1 } }, { inputs: { ...input.inputs, tokens: [[1, 2]] } },
    { inputs: { ...input.inputs, tokens: [[1, 2, 2.5]] } }, { inputs: { ...input.inputs, attention_mask: [1, 2, 3] } }, { ...input, more: 1 }
  ]
  for (const body of wrong) {
    t.notOk(isBody(body), JSON.stringify(body))
    await t.rejects(inputsOf(body, tokensSignature, 2), 'and is refused')
  }
})

t.test('each tensor tells its type and shape, and the example is valid', async t => {
  const schema = JSON.parse(JSON.stringify(jsonOf(tokensSignature)))
  t.match(schema.anyOf[0].properties.inputs.properties, { tokens: { description: 'int64 [any,3]. Beyond 9007199254740991, send a text of digits.' }, attention_mask: { description: 'float32 [any,3].' } })
  t.ok(ajv.compile(jsonOf(tokensSignature))(schema.examples[0]))
})

t.test('a large tensor has neither an example nor lengths, of which a viewer would make one', async t => {
  const schema = JSON.stringify(jsonOf({ inputs: [{ name: 'x', dtype: 'float32', shape: [1, 3, 224, 224] }], outputs: [] }))
  t.match(schema, 'float32 [1,3,224,224].')
  t.notMatch(schema, '"minItems":224')
  t.notMatch(schema, 'examples')
})

t.test('plain tensors have no explanation', async t => {
  t.equal(EXPLANATION.description, 'Plain tensors are not explained.')
})
