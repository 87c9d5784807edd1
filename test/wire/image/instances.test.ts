import t from 'tap'
import { pictureInstances } from '../../../wire/image/instances.ts'
import { examplesIn } from '../examples.ts'
import { smallPicture } from '../../fixtures/model.ts'

const bytes = Buffer.from([0xfb, 0xff, 0xfe, 1])
const b64 = bytes.toString('base64')
const { read, schema, valuesOf } = pictureInstances(smallPicture)
/** 8 × 8 pixels of three channels. */
const tensor = Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => [y, x, 255]))

t.test('a picture is base64, however a client of TensorFlow Serving wraps it', async t => {
  const instances = [b64, { b64 }, { image: b64 }, { image_bytes: { b64 } }, { input_1: { b64: `data:image/png;base64,${b64}` } }]
  t.same(await read(instances), instances.map((_, at) => ({ name: `instance ${at + 1}`, bytes, isMovable: true })))
})

t.test("the row of the model's tensor is taken as it is", async t => {
  const [item] = await read([tensor])
  if (!item || !('feeds' in item)) return t.fail('it is no tensor')
  t.match(item.feeds, { image: { dtype: 'uint8', shape: [1, 8, 8, 3] } })
  t.same([...item.feeds['image']!.data].slice(0, 9), [0, 0, 255, 0, 1, 255, 0, 2, 255])
})

t.test('anything else is refused, and the instance is named', async t => {
  for (const other of [5, null, {}, { a: b64, b: b64 }, { b64: 5 }, { image: { b64, mime: 'a' } }]) {
    await t.rejects(read([b64, other]), { statusCode: 400, message: /^instance 2 is no picture; send \{"b64": "…"\}.* \[8,8,3\] numbers/ }, JSON.stringify(other))
  }
  await t.rejects(read([{ b64: '!!' }]), { statusCode: 400, message: 'instance 1 is not base64.' })
  await t.rejects(read([b64, tensor.slice(1)]), { statusCode: 422, message: "instance 2: input 'image' at [0] has 7 values; the model takes [any,8,8,3]." })
  await t.rejects(read([tensor.map(row => row.map(() => [0, 0, 256]))]), { statusCode: 422, message: /instance 1: input 'image' at \[0\]\[0\]\[0\]\[2\] is 256/ })
})

t.test('its example is a picture, and there is room for the numbers of a tensor', async t => {
  const [example] = examplesIn(await schema())
  t.match(Buffer.from(example.b64, 'base64').subarray(0, 4), Buffer.from([0x89, 0x50, 0x4e, 0x47]))
  t.equal(valuesOf(4), 32_768)
  t.equal(pictureInstances({ ...smallPicture, width: 1000, height: 1000 }).valuesOf(1), 6_000_000)
})
