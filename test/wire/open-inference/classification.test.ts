import t from 'tap'
import type { Card } from '../../../lib/card/card.ts'
import type { Tensor } from '../../../lib/tensor.ts'
import { classified } from '../../../wire/open-inference/classification.ts'
import { fakeModel } from '../../lib/model.ts'
import { turnsOf } from '../../turns.ts'

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

t.test('a long row is ranked in pieces, and many classes are written in pieces', async t => {
  const length = 100_000
  const tensor: Tensor = { dtype: 'int32', shape: [1, length], data: Int32Array.from({ length }, (_, index) => index) }
  t.same((await classified('other', tensor, 2, await card())).data, ['99999:99999', '99998:99998'])
  t.ok(await turnsOf(async () => { await classified('other', tensor, 1, await card()) }) >= 12)
  t.ok(await turnsOf(async () => { await classified('other', tensor, 32_768, await card()) }) >= 16)
  await t.rejects(classified('other', tensor, 32_769, await card()), { code: 'SRV_TENSOR_UNUSABLE', message: "output 'other' has 100000 values in a row; ask for at most 32768 classes, not 32769." })
})

t.test('an answer with too many classes is refused, and any number of rows without values takes no time', async t => {
  const many: Tensor = { dtype: 'uint8', shape: [262_145, 1], data: new Uint8Array(262_145) }
  await t.rejects(classified('other', many, 1, await card()), { code: 'SRV_ANSWER_TOO_LARGE', message: /over the limit of 262144 values/ })
  const empty: Tensor = { dtype: 'float32', shape: [2 ** 53 - 1, 0], data: new Float32Array() }
  t.same(await classified('other', empty, 1, await card()), { dtype: 'string', shape: [2 ** 53 - 1, 0], data: [] })
})
