import t from 'tap'
import type { Tensor } from '../../../lib/tensor.ts'
import { answerOf as piecesOf } from '../../../wire/open-inference/answer.ts'
import { datatypeOf } from '../../../wire/open-inference/datatypes.ts'
import type { OutputTensor } from '../../../wire/open-inference/infer.ts'

const MODEL = { name: 'iris', version: '1' }

async function answerOf (...given: Parameters<typeof piecesOf>): Promise<{ body: Buffer, jsonBytes: number | null }> {
  const { pieces, jsonBytes } = await piecesOf(...given)
  return { body: Buffer.concat(pieces), jsonBytes }
}

function output (name: string, tensor: Tensor): OutputTensor {
  return { name, datatype: datatypeOf(tensor.dtype), shape: tensor.shape, tensor }
}

const LABELS = output('label', { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, 0n) })
const SCORES = output('scores', { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.1, NaN, -Infinity, 2) })
const WORDS = output('words', { dtype: 'string', shape: [1], data: ['é'] })

t.test('elements are one list in row-major order, exact, and not finite numbers are texts', async t => {
  const { body, jsonBytes } = await answerOf(MODEL, [LABELS, SCORES], { id: 'a"', isBinary: () => false })
  t.equal(jsonBytes, null)
  t.equal(body.toString(), '{"model_name":"iris","model_version":"1","id":"a\\"","outputs":[{"name":"label","datatype":"INT64","shape":[2],"data":[9007199254740993,0]},{"name":"scores","datatype":"FP32","shape":[2,2],"data":[0.1,"NaN","-Infinity",2]}]}')
})

t.test('bytes come after the JSON in the order of the outputs, and have no data', async t => {
  const { body, jsonBytes } = await answerOf(MODEL, [WORDS, LABELS, SCORES], { isBinary: name => name !== 'label' })
  t.equal(body.subarray(0, jsonBytes ?? 0).toString(), '{"model_name":"iris","model_version":"1","outputs":[{"name":"words","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":6}},{"name":"label","datatype":"INT64","shape":[2],"data":[9007199254740993,0]},{"name":"scores","datatype":"FP32","shape":[2,2],"parameters":{"binary_data_size":16}}]}')
  t.same([...body.subarray(jsonBytes ?? 0)], [2, 0, 0, 0, 0xc3, 0xa9, ...new Uint8Array(Float32Array.of(0.1, NaN, -Infinity, 2).buffer)])
})

t.test('a scalar and an empty tensor have data, too', async t => {
  const { body } = await answerOf(MODEL, [output('scalar', { dtype: 'bool', shape: [], data: Uint8Array.of(1) }), output('none', { dtype: 'float64', shape: [0, 3], data: new Float64Array() })], { isBinary: () => false })
  t.match(JSON.parse(body.toString()), { outputs: [{ shape: [], data: [true] }, { shape: [0, 3], data: [] }] })
})

t.test('JSON of too many values is refused, bytes are not', async t => {
  const large = output('large', { dtype: 'uint8', shape: [3_000_000], data: new Uint8Array(3_000_000) })
  await t.rejects(answerOf(MODEL, [large], { isBinary: () => false }), { code: 'SRV_ANSWER_TOO_LARGE', statusCode: 413 })
  t.ok((await answerOf(MODEL, [large], { isBinary: () => true })).body.length > 3_000_000)
})

t.test('the bytes of numbers share the memory of their tensor', async t => {
  const { pieces } = await piecesOf(MODEL, [SCORES], { isBinary: () => true })
  t.equal(pieces[1]?.buffer, SCORES.tensor.dtype === 'float32' && SCORES.tensor.data.buffer)
})
