import sharp from 'sharp'
import t from 'tap'
import { explainPicture, VARIATIONS } from '../../../../lib/modalities/image/explain.ts'
import { readPicture } from '../../../../lib/modalities/image/prepare.ts'
import { rowOf } from '../../../../lib/modalities/image/picture.ts'
import type { Row } from '../../../../lib/modalities/modality.ts'
import type { Tensors } from '../../../../lib/tensor.ts'
import { picture } from '../../../fixtures/expected.ts'
import { smallPicture } from '../../../fixtures/model.ts'

const row = rowOf(await readPicture({ name: 'a', bytes: picture('rgb.png') }, smallPicture, { pixels: Infinity, characters: Infinity }), smallPicture)
const kept: Tensors = { image: { dtype: 'uint8', shape: [1, 8, 8, 3], data: Uint8Array.from({ length: 192 }, (_, at) => at) } }

t.test('a picture is asked about again with one part after the other hidden, and drawn where there is memory', async t => {
  const asked: Row[] = []
  const memory: number[] = []
  const { picture: answer } = await explainPicture(row, kept, 0.75, {
    probabilities: async rows => {
      asked.push(...rows)
      return rows.map(() => 0.25)
    },
    whenMemory: async (bytes, decode) => {
      memory.push(bytes)
      return await decode()
    }
  }, smallPicture)
  t.equal(asked.length, VARIATIONS)
  t.ok(asked.every(({ content, weightBytes, batchKey }) => 'feeds' in content && content.feeds['image']?.shape.join() === '1,8,8,3' && weightBytes === 0 && batchKey === asked[0]?.batchKey), 'as tensors that can share a run')
  t.same(memory, [2 * 1024 * 1024 + 90 * 64 * (3 + 3)], 'the rows of libvips, its result, and 2 MiB')
  t.same(answer?.importance, Array.from({ length: 9 }, () => Array.from({ length: 9 }, () => 0.5)), 'whatever is hidden costs 0.5')
  t.match(await sharp(answer?.overlay).metadata(), { format: 'png', width: 448, height: 448 })
})

t.test('a tensor of float16 is asked about again as float16', async t => {
  const dtypes = new Set<string | undefined>()
  const half: Tensors = { image: { dtype: 'float16', shape: [1, 8, 8, 3], data: new Uint16Array(192) } }
  await explainPicture(row, half, 0.75, {
    probabilities: async rows => {
      for (const { content } of rows) dtypes.add('feeds' in content ? content.feeds['image']?.dtype : undefined)
      return rows.map(() => 0.25)
    },
    whenMemory: async (_bytes, decode) => await decode()
  }, { ...smallPicture, type: 'float16', colour: 'bgr' })
  t.same([...dtypes], ['float16'])
})

t.test('without the tensor of the picture there is nothing to explain', async t => {
  const again = { probabilities: async () => [], whenMemory: async <Result>(_bytes: number, decode: () => Promise<Result>) => await decode() }
  await t.rejects(explainPicture(row, undefined, 0.75, again, smallPicture), { message: 'the explanation needs the tensor of the picture' })
})
