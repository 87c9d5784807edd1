import t from 'tap'
import { openSession } from '../../../../lib/engine/session.ts'
import { tensorsModality } from '../../../../lib/modalities/tensors/prepare.ts'
import { tokensCard, tokensModel, tokensSignature } from '../../../fixtures/tensors.ts'

const modality = tensorsModality(tokensSignature)

t.test('the model says what its inputs are', async t => {
  t.match(modality, { tensors: tokensSignature.inputs, size: 'tokens [any,3], attention_mask [any,3]', formats: ['JSON'], variations: 0 })
  t.equal(modality.nameOf(await modality.example(), 1, 2), 'input 2')
  t.equal(modality.nameOf(await modality.example(), 0, 1), 'the input')
})

t.test('the example runs, and comes back whole', async t => {
  const session = await openSession({ model: tokensModel, contract: tokensCard, threads: 1 })
  t.teardown(async () => { await session.release() })
  t.same(session.signature, tokensSignature)
  t.notOk(session.batches, 'inputs of tensors are never concatenated')
  const { content } = await modality.prepare(await modality.example(), { pixels: 0, characters: Infinity })
  t.match(await session.run([content]), { outcomes: [{ at: 0, outputs: { y: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(0, 0, 0) } } }] })
})

t.test('tensors on which the model cannot run are unusable, and say why', async t => {
  t.match(modality.refused?.(await modality.example(), 'axes differ'), { code: 'SRV_TENSOR_UNUSABLE', statusCode: 422, message: 'the model cannot run on these tensors: axes differ' })
  t.match(modality.damaged(await modality.example(), 'reason'), { code: 'SRV_TENSOR_UNUSABLE', message: 'reason' })
})

t.test('a file of JSON holds one input', async t => {
  t.match(await modality.fromFile(Buffer.from('{"inputs":{"tokens":[[1,2,3]],"attention_mask":[[1,1,1]]}}'), 'a.json'), [{ name: 'a.json', item: { feeds: { tokens: { shape: [1, 3] } } } }])
  await t.rejects(modality.fromFile(Buffer.from('{'), 'a.json'), { code: 'SRV_BODY_MALFORMED', message: /^a\.json is not JSON/ })
  await t.rejects(modality.examples('a', [], 'label'), { message: /nothing to evaluate/ })
})
