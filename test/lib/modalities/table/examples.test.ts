import { join } from 'node:path'
import t from 'tap'
import { findExamples } from '../../../../lib/modalities/table/examples.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

const LABELS = ['wide', 'high']

t.test('each row of a CSV is an example; its label is a name or a place in the list of labels', async t => {
  const folder = t.testdir({ 'test.csv': 'height,width,shape\n1,2,wide\n4,3,1\n5,6, high \n' })
  for (const path of [join(folder, 'test.csv'), folder]) {
    const examples = await findExamples(path, LABELS, 'shape', twoFeatures)
    t.same(await Promise.all(examples.map(async ({ truth, read }) => [truth, await read()])), [[0, [2, 1]], [1, [3, 4]], [1, [6, 5]]], path)
  }
})

t.test("the label's column may be called 'label'; a label that looks like a number is a name first", async t => {
  const file = join(t.testdir({ 'a.csv': 'width,height,label\n1,2,0\n' }), 'a.csv')
  t.match(await findExamples(file, ['1', '0'], 'digit', twoFeatures), [{ truth: 1 }])
})

t.test('a CSV without labels, or with one that the model does not know, is refused', async t => {
  const folder = t.testdir({ 'none.csv': 'width,height\n1,2\n', 'bare.csv': '1,2\n', 'other.csv': 'width,height,shape\n1,2,wide\n1,2,round\n', 'far.csv': 'width,height,shape\n1,2,2\n' })
  for (const [name, message] of [
    ['none.csv', /needs a header with a column 'shape' or 'label'$/],
    ['bare.csv', /needs a header/],
    ['other.csv', /^row 2 of .*other\.csv has the unknown label 'round'$/],
    ['far.csv', /^row 1 .* unknown label '2'$/]
  ] as const) await t.rejects(findExamples(join(folder, name), LABELS, 'shape', twoFeatures), { message }, name)
})

t.test('the truth of a model without labels is a number', async t => {
  const folder = t.testdir({ 'a.csv': 'width,height,price\n1,2,3.5\n1,2,-1e3\n', 'b.csv': 'width,height,price\n1,2,cheap\n' })
  t.match(await findExamples(join(folder, 'a.csv'), [], 'price', twoFeatures), [{ truth: 3.5 }, { truth: -1000 }])
  await t.rejects(findExamples(join(folder, 'b.csv'), [], 'price', twoFeatures), { message: /^row 1 of .*b\.csv has 'cheap' as its price, which is no number$/ })
})
