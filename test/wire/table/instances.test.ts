import t from 'tap'
import { rowInstances } from '../../../wire/table/instances.ts'
import { examplesIn } from '../examples.ts'
import { twoFeatures } from '../../fixtures/model.ts'

const { read, schema, valuesOf } = rowInstances(twoFeatures)

t.test('rows are lists or objects, also mixed', async t => {
  t.same(await read([[1, 2], { height: 4, width: 3 }]), [[1, 2], [3, 4]])
})

t.test('a row that does not fit is named', async t => {
  await t.rejects(read([[1, 2], [1, 'b']]), { statusCode: 422, message: "instance 2: 'height' is the text \"b\", not a number." })
})

t.test('its example runs, and there is room for rows as objects', async t => {
  const [example] = examplesIn(await schema())
  t.same(await read([example]), [[0.25, 0.75]])
  t.equal(valuesOf(10), 50)
})
