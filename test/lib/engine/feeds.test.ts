import t from 'tap'
import { checkFeeds } from '../../../lib/engine/feeds.ts'
import type { Signature, Tensors } from '../../../lib/tensor.ts'

const signature: Signature = {
  inputs: [{ name: 'counts', dtype: 'int64', shape: [null, 2] }, { name: 'words', dtype: 'string', shape: [null] }],
  outputs: [{ name: 'doubled', dtype: 'int64', shape: [null, 2] }, { name: 'same', dtype: 'string', shape: [null] }]
}
const counts = { dtype: 'int64' as const, shape: [1, 2], data: BigInt64Array.of(1n, 2n) }
const words = { dtype: 'string' as const, shape: [1], data: ['a'] }

t.test('what the model takes is let through, with all outputs or some', async t => {
  t.doesNotThrow(() => checkFeeds(signature, { counts, words }))
  t.doesNotThrow(() => checkFeeds(signature, { words, counts }, ['same']))
  t.doesNotThrow(() => checkFeeds(signature, { counts: { dtype: 'int64', shape: [0, 2], data: new BigInt64Array() }, words: { dtype: 'string', shape: [0], data: [] } }))
})

t.test('tensors that the model does not take are refused, naming them', async t => {
  const wrong: Array<[Tensors, string]> = [
    [{ counts }, "input 'words' is missing; the model takes 'counts', 'words'."],
    [{ counts, words, more: words }, "the model has no input 'more'; it has 'counts', 'words'."],
    [{ counts: { dtype: 'int32', shape: [1, 2], data: Int32Array.of(1, 2) }, words }, "input 'counts' is int32; the model takes int64."],
    [{ counts: { dtype: 'int64', shape: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) }, words }, "input 'counts' is [1,3]; the model takes [any,2]."],
    [{ counts: { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) }, words }, "input 'counts' is [2]; the model takes [any,2]."],
    [{ counts: { dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(1n) }, words }, "input 'counts' has 1 values; its shape [1,2] holds 2."]
  ]
  for (const [feeds, message] of wrong) t.throws(() => checkFeeds(signature, feeds), { code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message }, message)
})

t.test('an output that the model does not have is refused, naming it', async t => {
  t.throws(() => checkFeeds(signature, { counts, words }, ['same', 'other']), { code: 'SRV_TENSOR_UNUSABLE', message: "the model has no output 'other'; it has 'doubled', 'same'." })
})

t.test('a name that every object inherits is no input', async t => {
  const inherited: Signature = { inputs: [{ name: 'constructor', dtype: 'string', shape: [null] }], outputs: [] }
  t.throws(() => checkFeeds(inherited, {}), { message: "input 'constructor' is missing; the model takes 'constructor'." })
})
