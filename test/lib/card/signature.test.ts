import t from 'tap'
import type { Card } from '../../../lib/card/card.ts'
import { resolveModel } from '../../../lib/card/resolve.ts'
import { checkSignature } from '../../../lib/card/signature.ts'
import type { ImageInput } from '../../../lib/modalities/image/input.ts'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import { projectFile } from '../../../lib/project.ts'
import type { Signature } from '../../../lib/tensor.ts'

const card = (await resolveModel(projectFile('models/tensorfood'))).card
const signature: Signature = {
  inputs: [{ name: 'image', dtype: 'uint8', shape: [null, 64, 64, 3] }], outputs: [{ name: 'probabilities', dtype: 'float32', shape: [null, 25] }]
}

t.test('a model that is not what its card says is refused, naming the tensor', async t => {
  checkSignature(signature, card)
  const input = (change: Partial<ImageInput>): Card => ({ ...card, input: { ...imageOf(card), ...change } })
  const wrong: Array<[Card, RegExp]> = [
    [input({ tensor: 'x' }), /has no input 'x'; its inputs are image/],
    [input({ width: 32 }), /input 'image' is \[batch,64,64,3\], the card says \[batch,64,32,3\]/],
    [input({ type: 'float32' }), /input 'image' is uint8, the card says float32/],
    [{ ...card, output: { kind: 'classes', tensor: 'y', activation: 'none' } }, /has no output 'y'; its outputs are probabilities/],
    [{ ...card, labels: ['a', 'b'] }, /has 25 classes, the card 2 labels/]
  ]
  for (const [card, message] of wrong) t.throws(() => checkSignature(signature, card), { message })
})

t.test('a table fills every input of the model, each with its columns', async t => {
  const table = (features: TableInput['features'], rest: Partial<TableInput> = {}): Card => ({ ...card, input: { kind: 'table', ...rest, features } })
  const inputs: Signature['inputs'] = [{ name: 'x', dtype: 'float32', shape: [null, 2] }, { name: 'sex', dtype: 'string', shape: [null] }, { name: 'class', dtype: 'int64', shape: [1, 1] }]
  const features = [{ name: 'a', tensor: 'x' }, { name: 'sex', tensor: 'sex', type: 'string' as const }, { name: 'class', tensor: 'class', type: 'int64' as const }, { name: 'b', tensor: 'x' }]
  const check = (card: Card) => checkSignature({ ...signature, inputs }, card)
  check(table(features))
  check(table(features.map(({ tensor, ...feature }) => tensor === 'x' ? feature : { ...feature, tensor }), { tensor: 'x' }))
  t.throws(() => check(table(features.slice(0, 3))), { message: "input 'x' is [batch,2], the card says [batch,1]" })
  t.throws(() => check(table([features[0]!, features[3]!])), { message: "the card has nothing for the input 'sex', 'class'" })
  t.throws(() => check(table(features.map(feature => ({ ...feature, type: 'float64' })))), { message: "input 'x' is float32, the card says float64; input 'sex' is string, the card says float64; input 'class' is int64, the card says float64" })
})

t.test('plain tensors fit every model', async () => {
  checkSignature(signature, { ...card, input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] })
})

t.test('what is wrong with the input and what is wrong with the output are said together', async t => {
  t.throws(() => checkSignature(signature, { ...card, labels: ['a', 'b'], input: { ...imageOf(card), width: 32 } }), { message: /the card says \[batch,64,32,3\]; .* has 25 classes, the card 2 labels/ })
})

function imageOf ({ input }: Card): ImageInput {
  if (input.kind !== 'image') throw new Error('tensorfood takes pictures')
  return input
}
