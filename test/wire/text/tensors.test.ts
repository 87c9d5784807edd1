import t from 'tap'
import type { TextInput } from '../../../lib/modalities/text/input.ts'
import { textsOfTensors as textsWithin, textTensors } from '../../../wire/text/tensors.ts'
import { pairs, reviews, reviewsCard } from '../../fixtures/reviews.ts'

const textsOfTensors = async (tensors: object[], input: TextInput = reviews, limit = 3) => await textsWithin(tensors.map(tensor => ({ name: 'text', datatype: 'BYTES', shape: [1], ...tensor })), input, limit)

t.test('each element of BYTES is a text, however it comes', async t => {
  t.same(await textsOfTensors([{ shape: [2], values: ['great', 'awful'] }]), [{ text: 'great' }, { text: 'awful' }])
  t.same(await textsOfTensors([{ shape: [2, 1], values: [['great'], ['awful']] }]), [{ text: 'great' }, { text: 'awful' }])
  t.same(await textsOfTensors([{ shape: [2], bytes: Buffer.from('\x02\0\0\0\xc3\xa9\x01\0\0\0a', 'latin1') }]), [{ text: 'é' }, { text: 'a' }])
  t.same(await textsOfTensors([{ values: [Buffer.from('é')] }]), [{ text: 'é' }], 'as protobuf has them')
})

t.test("a tensor is named text, or as the model's own; a tokenizer takes any one, and two as a pair", async t => {
  const values = ['a']
  t.same(await textsOfTensors([{ name: 'review', values }], { kind: 'text', tensor: 'review' }), [{ text: 'a' }])
  t.same(await textsOfTensors([{ name: 'args', values }], pairs), [{ text: 'a' }])
  t.same(await textsOfTensors([{ name: 'text_pair', values: ['b'] }, { values }], pairs), [{ text: 'a', pair: 'b' }])
  t.equal(await textsOfTensors([{ name: 'args', values }]), null)
  t.equal(await textsOfTensors([{ values }, { name: 'text_pair', values }]), null, 'this model takes one text')
  t.equal(await textsOfTensors([{ name: 'text_pair', values }], pairs), null)
  t.equal(await textsOfTensors([{ name: 'a', values }, { name: 'b', values }], pairs), null)
})

t.test('other tensors are no texts', async t => {
  t.equal(await textsOfTensors([]), null)
  t.equal(await textsOfTensors([{ datatype: 'INT64', values: [1] }]), null)
  t.equal(await textsOfTensors([{}, {}, {}], pairs), null)
})

t.test('what is wrong is named', async t => {
  for (const shape of [[], [0], [1, 2], [1, 1, 1]]) await t.rejects(textsOfTensors([{ shape, values: ['a'] }]), { statusCode: 422, message: `input 'text' of BYTES is [${shape}]; send [n] or [n, 1] with one text in each element.` })
  await t.rejects(textsOfTensors([{ shape: [2], values: ['a'] }]), { message: "input 'text' has 1 values; its shape [2] takes 2." })
  await t.rejects(textsOfTensors([{ values: [5] }]), { statusCode: 422, message: /^input 'text': element 0 / })
  await t.rejects(textsOfTensors([{ bytes: Buffer.from('\x01\0\0\0\xe9', 'latin1') }]), { message: "input 'text': BYTES element 0 is not a text of UTF-8, which the model takes." })
  await t.rejects(textsOfTensors([{ shape: [2], values: ['a', 'b'] }, { name: 'text_pair', values: ['c'] }], pairs), { message: "input 'text_pair' has 1 texts, and input 'text' has 2; both must have the same number." })
  await t.rejects(textsOfTensors([{ shape: [4], values: ['a', 'b', 'c', 'd'] }]), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS' })
})

t.test('the example is such a tensor, and a pair where the model compares two', async t => {
  t.same(await textsWithin(textTensors(reviewsCard, reviews), reviews, 1), [{ text: 'The food was great and the staff was kind.' }])
  const { samples, ...bare } = reviewsCard
  t.ok(samples)
  t.match(await textsWithin(textTensors(bare, pairs), pairs, 1), [{ text: /^The food/, pair: /^We got/ }])
})
