import t from 'tap'
import type { Card } from '../../../lib/card/card.ts'
import type { Tensor } from '../../../lib/tensor.ts'
import { classified } from '../../../wire/open-inference/classification.ts'
import { fakeModel } from '../../lib/model.ts'

async function card (): Promise<Card> {
  const { model: { card } } = await fakeModel()
  return { ...card, output: { kind: 'classes', tensor: 'scores', activation: 'none' } }
}

const SCORES: Tensor = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0.25, 0.5, 0.125, -1, NaN, 3) }

t.test('each row has its greatest values first, with index and label', async t => {
  t.same(await classified('scores', SCORES, 2, await card()), {
    dtype: 'string', shape: [2, 2], data: ['0.500000:1:versicolor', '0.250000:0:setosa', '3.000000:2:virginica', '-1.000000:0:setosa']
  })
})

t.test('more classes than there are give all, and another output has no labels', async t => {
  t.same(await classified('other', SCORES, 9, await card()), {
    dtype: 'string', shape: [2, 3], data: ['0.500000:1', '0.250000:0', '0.125000:2', '3.000000:2', '-1.000000:0', 'NaN:1']
  })
  t.same(await classified('label', { dtype: 'int64', shape: [2], data: BigInt64Array.of(7n, 2n ** 53n + 1n) }, 1, await card()), { dtype: 'string', shape: [2, 1], data: ['7:0', '9007199254740993:0'] })
})

t.test('texts have no order', async t => {
  await t.rejects(classified('words', { dtype: 'string', shape: [1], data: ['a'] }, 1, await card()), { message: /output 'words' holds no numbers/ })
})
