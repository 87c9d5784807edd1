import t from 'tap'
import { tableModality } from '../../../../lib/modalities/table/prepare.ts'
import { patients, patientsSignature } from '../../../fixtures/columns.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

const modality = tableModality(twoFeatures)

t.test('a row is prepared at once: there is nothing to read or to decode', async t => {
  t.match(modality.prepare([1, 2], { pixels: 0, characters: Infinity }), { content: { payload: [1, 2] }, weightBytes: 0 })
  t.match(modality, { size: '2', formats: ['JSON', 'CSV'], isQuick: true })
})

t.test("the example is made of the features' own", async t => {
  t.same(await modality.example(), [0.25, 0.75])
})

t.test('a row that the worker refuses is unusable', async t => {
  t.match(modality.damaged([1, 2], 'the reason'), { code: 'SRV_ROW_UNUSABLE', statusCode: 422, message: 'the reason' })
})

t.test('a CSV file holds an input for each row, named by its place', async t => {
  t.same(await modality.fromFile(Buffer.from('height,width\n1,2\n3,4\n'), 'a.csv'), [{ item: [2, 1], name: 'a.csv:1' }, { item: [4, 3], name: 'a.csv:2' }])
})

t.test('an explanation asks about as many rows as it was said to', async t => {
  let asked = 0
  const row = await modality.prepare([1, 2], { pixels: 0, characters: Infinity })
  const { features } = await modality.explain(row, undefined, 0.5, {
    probabilities: async rows => {
      asked = rows.length
      return rows.map(() => 0.25)
    },
    whenMemory: async (_bytes, decode) => await decode()
  })
  t.equal(asked, modality.variations)
  t.match(features, [{ name: 'width', value: 1, importance: 0.25 }, { name: 'height', value: 2, importance: 0.25 }])
})

t.test('a missing value is NaN for the model, and the declared axes are those of the tensors', async t => {
  const modality = tableModality(patients, patientsSignature)
  t.same(modality.tensors, patientsSignature.inputs)
  t.match(modality.prepare([1, null, 2, true, 'Paris', 3], { pixels: 0, characters: Infinity }), { content: { payload: [1, NaN, 2, true, 'Paris', 3] } })
})

t.test('a row with words may be at fault when the model does not run; one of numbers never is', async t => {
  t.match(tableModality(patients).refused?.([1, null, 2, true, 'Bonn', 3], 'Unknown Category'), {
    code: 'SRV_ROW_UNUSABLE', message: 'the model cannot take the row [1,null,2,true,"Bonn",3]: Unknown Category'
  })
  t.equal(modality.refused, undefined)
})

t.test('without ranges and known values there is nothing to vary', async t => {
  t.equal(tableModality({ kind: 'table', tensor: 'x', features: [{ name: 'a' }, { name: 'b', type: 'string', tensor: 'y' }] }).variations, 0)
})

t.test('rows of numbers are one block, unless they have so many values that writing them would hold the event loop', async t => {
  const columns = 64
  const wide = tableModality({ kind: 'table', tensor: 'X', features: Array.from({ length: columns }, (_, at) => ({ name: `f${at}` })) })
  const rows = (count: number) => Array.from({ length: count }, () => new Array<number>(columns).fill(1))
  t.equal(wide.block?.(rows(4096))?.length, 4096)
  t.equal(wide.block?.(rows(4097)), null)
})
