import { TensorUnusable, TooManyInputs } from '../../lib/errors.ts'
import { examplePicture } from '../../lib/modalities/image/examples.ts'
import type { ImageInput, PictureItem } from '../../lib/modalities/image/input.ts'
import { elementsFrom } from '../open-inference/binary.ts'
import { placeOf } from '../open-inference/given.ts'
import type { GivenTensor } from '../open-inference/question.ts'
import { flat } from '../open-inference/values.ts'
import { fromBase64 } from './base64.ts'

/**
 * Reads pictures from a tensor of BYTES by the name of the model's own input: each element is an encoded picture. As JSON,
 * an element is base64 or a `data:` URL.
 *
 * @returns `null` if there is no such tensor
 * @throws TensorUnusable, BodyMalformed, TooManyInputs
 */
export async function picturesOfTensors (tensors: readonly GivenTensor[], input: ImageInput, { limit, isMovable }: { limit: number, isMovable: boolean }): Promise<PictureItem[] | null> {
  const [tensor, another] = tensors
  if (!tensor || another || tensor.name !== input.tensor || tensor.datatype !== 'BYTES') return null
  const { name, shape, bytes, values } = tensor
  const place = placeOf(name)
  const [count = 0, ...axes] = shape
  if (count === 0 || axes.length > 1 || axes.some(length => length !== 1)) {
    throw new TensorUnusable(`${place} of BYTES is [${shape}]; send [n] or [n, 1] with one encoded picture in each element.`)
  }
  if (count > limit) throw new TooManyInputs(limit)
  const nameOf = (at: number) => `${place}${count > 1 ? `: picture ${at + 1} of ${count}` : ''}`
  // The pictures of one tensor share its memory. It can move to a worker only if it has one picture.
  if (bytes) return (await elementsFrom(bytes, count, place)).map((bytes, at, { length }) => ({ name: nameOf(at), bytes, isMovable: isMovable && length === 1 }))
  const { lists, count: given } = await flat(values ?? [], place)
  if (given !== count) throw new TensorUnusable(`${place} has ${given} values; its shape [${shape}] takes ${count}.`)
  const items: PictureItem[] = []
  for (const value of lists.flat()) items.push(await pictureOf(value, nameOf(items.length)))
  return items
}

async function pictureOf (value: unknown, name: string): Promise<PictureItem> {
  if (value instanceof Uint8Array) return { name, bytes: value }
  if (typeof value !== 'string') throw new TensorUnusable(`${name} is no text; send a picture in base64.`)
  return { name, bytes: await fromBase64(value, name), isMovable: true }
}

/** A picture as such a tensor. */
export async function pictureTensors (input: ImageInput): Promise<GivenTensor[]> {
  return [{ name: input.tensor, datatype: 'BYTES', shape: [1], values: [(await examplePicture(input)).toString('base64')] }]
}
