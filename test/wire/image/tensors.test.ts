import t from 'tap'
import { rowShapeOf, type ImageInput } from '../../../lib/modalities/image/input.ts'
import { picturesOfTensors, pictureTensors } from '../../../wire/image/tensors.ts'
import { fakeModel } from '../../lib/model.ts'

async function pictureInput (): Promise<ImageInput> {
  const { model: { card: { input } } } = await fakeModel({ folder: 'tensorfood' })
  if (input.kind !== 'image') throw new Error('the model takes no pictures')
  return input
}

const OPTIONS = { limit: 3, isMovable: true }

t.test('each element of BYTES is a picture; only a picture that has the memory alone may move', async t => {
  const input = await pictureInput()
  const tensor = { name: input.tensor, datatype: 'BYTES' }
  const one = await picturesOfTensors([{ ...tensor, shape: [1], bytes: Uint8Array.of(1, 0, 0, 0, 7) }], input, OPTIONS)
  t.match(one, [{ name: "input 'image'", bytes: Uint8Array.of(7), isMovable: true }])
  t.match(await picturesOfTensors([{ ...tensor, shape: [1], bytes: Uint8Array.of(1, 0, 0, 0, 7) }], input, { ...OPTIONS, isMovable: false }), [{ isMovable: false }])
  const two = await picturesOfTensors([{ ...tensor, shape: [2, 1], bytes: Uint8Array.of(1, 0, 0, 0, 7, 1, 0, 0, 0, 8) }], input, OPTIONS)
  t.match(two, [{ name: "input 'image': picture 1 of 2", bytes: Uint8Array.of(7), isMovable: false }, { bytes: Uint8Array.of(8), isMovable: false }])
  const texts = await picturesOfTensors([{ ...tensor, shape: [2, 1], values: [['Bw=='], ['data:image/png;base64,CA==']] }], input, OPTIONS)
  t.same(texts?.map(({ bytes }) => [...bytes]), [[7], [8]])
  t.match(await picturesOfTensors([{ ...tensor, shape: [1], values: [Buffer.from('a')] }], input, OPTIONS), [{ bytes: Buffer.from('a') }], 'as protobuf has them')
})

t.test('other tensors are no pictures', async t => {
  const input = await pictureInput()
  const tensor = { name: input.tensor, datatype: 'BYTES', shape: [1], values: ['Bw=='] }
  t.equal(await picturesOfTensors([], input, OPTIONS), null)
  t.equal(await picturesOfTensors([{ ...tensor, name: 'other' }], input, OPTIONS), null)
  t.equal(await picturesOfTensors([{ ...tensor, datatype: 'UINT8', shape: [1, ...rowShapeOf(input)] }], input, OPTIONS), null)
  t.equal(await picturesOfTensors([tensor, tensor], input, OPTIONS), null)
})

t.test('what is wrong is named', async t => {
  const input = await pictureInput()
  const refused = async (given: object, message: RegExp) => {
    await t.rejects(picturesOfTensors([{ name: input.tensor, datatype: 'BYTES', shape: [1], values: ['Bw=='], ...given }], input, OPTIONS), { message }, String(message))
  }
  for (const shape of [[], [0], [1, 2], [1, 1, 1]]) await refused({ shape }, /send \[n\] or \[n, 1\] with one encoded picture in each element/)
  await refused({ shape: [4] }, /more than 3 inputs/)
  await refused({ shape: [2] }, /has 1 values; its shape \[2\] takes 2/)
  await refused({ values: [7] }, /is no text; send a picture in base64/)
  await refused({ values: ['§'] }, /input 'image' is not base64/)
})

t.test('the example is a picture', async t => {
  const input = await pictureInput()
  const items = await picturesOfTensors(await pictureTensors(input), input, OPTIONS)
  t.match(items?.[0]?.bytes.subarray(1, 4), Buffer.from('PNG'))
})
