import { Ajv } from 'ajv'
import t from 'tap'
import { byModality, INPUT_SCHEMAS, InputSchema, inputSchemaOf } from '../../../lib/modalities/kinds.ts'
import type { TextInput } from '../../../lib/modalities/text/input.ts'
import { smallPicture, twoFeatures } from '../../fixtures/model.ts'

t.test("what there is for each modality is found by the card's input, and made from it", async t => {
  const all = { image: ({ width }: typeof smallPicture) => `${width} pixels`, table: ({ features }: typeof twoFeatures) => `${features.length} features`, text: ({ tensor }: TextInput) => tensor, tensors: () => 'tensors' }
  t.equal(byModality(smallPicture, all), '8 pixels')
  t.equal(byModality(twoFeatures, all), '2 features')
  t.equal(byModality({ kind: 'text', tensor: 'words' }, all), 'words')
  t.equal(byModality({ kind: 'tensors' }, all), 'tensors')
})

t.test("an input that was not checked has the schema of its 'kind', or none", async t => {
  t.equal(inputSchemaOf({ kind: 'image' }), INPUT_SCHEMAS.image)
  t.equal(inputSchemaOf({ kind: 'table' }), INPUT_SCHEMAS.table)
  t.equal(inputSchemaOf({ kind: 'text' }), INPUT_SCHEMAS.text)
  t.equal(inputSchemaOf({ kind: 'tensors' }), INPUT_SCHEMAS.tensors)
  for (const input of [{ kind: 'toString' }, { kind: '' }, {}, null, 'image', undefined]) t.equal(inputSchemaOf(input), undefined, JSON.stringify(input))
})

t.test('an input of each modality fits the schema of all', async t => {
  const isInput = new Ajv().compile(InputSchema)
  t.ok(isInput(smallPicture))
  t.ok(isInput(twoFeatures))
  t.ok(isInput({ kind: 'text', tensor: 'words' }))
  t.ok(isInput({ kind: 'tensors' }))
  t.notOk(isInput({ ...smallPicture, kind: 'table' }))
})
