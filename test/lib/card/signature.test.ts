import t from 'tap'
import { readCard, type Card } from '../../../lib/card/card.ts'
import { checkSignature } from '../../../lib/card/signature.ts'
import type { ImageInput } from '../../../lib/modalities/image/input.ts'
import { projectFile } from '../../../lib/project.ts'
import type { Signature } from '../../../lib/tensor.ts'

const card = await readCard(projectFile('models/tensorfood'))
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

function imageOf ({ input }: Card): ImageInput {
  if (input.kind !== 'image') throw new Error('tensorfood takes pictures')
  return input
}
