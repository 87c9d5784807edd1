import type { Card } from '../../lib/card/card.ts'
import { TensorUnusable, TooManyInputs } from '../../lib/errors.ts'
import { PAIR, TEXT, type TextInput, type TextItem } from '../../lib/modalities/text/input.ts'
import { placeOf, tensorOfGiven } from '../open-inference/given.ts'
import type { GivenTensor } from '../open-inference/question.ts'
import { takesPairs } from './body.ts'
import { exampleOf } from './example.ts'

/**
 * Reads texts from tensors of BYTES, [n] or [n, 1]: one that is named `text` or as the model's own tensor, or, for a model
 * with a tokenizer, any one; and a second one, `text_pair`, where the model takes two texts.
 *
 * @param limit largest number of texts
 * @returns `null` if the tensors are no texts
 * @throws TensorUnusable, BodyTooComplex, TooManyInputs
 */
export async function textsOfTensors (tensors: readonly GivenTensor[], input: TextInput, limit: number): Promise<TextItem[] | null> {
  if (tensors.length === 0 || tensors.length > 2 || tensors.some(({ datatype }) => datatype !== 'BYTES')) return null
  const pair = takesPairs(input) ? tensors.find(({ name }) => name === PAIR) : undefined
  const [text, another] = tensors.filter(tensor => tensor !== pair)
  if (!text || another || !(text.name === TEXT || text.name === input.tensor || (input.tokenizer && !pair))) return null
  const texts = await columnOf(text, limit)
  if (!pair) return texts.map(text => ({ text }))
  const pairs = await columnOf(pair, limit)
  if (pairs.length !== texts.length) throw new TensorUnusable(`${placeOf(pair.name)} has ${pairs.length} texts, and ${placeOf(text.name)} has ${texts.length}; both must have the same number.`)
  return texts.map((text, at) => ({ text, pair: pairs[at] }))
}

/** The texts of a tensor. @throws TensorUnusable when it is no list of texts */
async function columnOf (tensor: GivenTensor, limit: number): Promise<string[]> {
  const { name, shape: [count = 0, ...axes] } = tensor
  if (count === 0 || axes.length > 1 || axes.some(length => length !== 1)) {
    throw new TensorUnusable(`${placeOf(name)} of BYTES is [${tensor.shape}]; send [n] or [n, 1] with one text in each element.`)
  }
  if (count > limit) throw new TooManyInputs(limit)
  const { dtype, data } = await tensorOfGiven(tensor)
  if (dtype !== 'string') throw new Error(`BYTES became ${dtype}`)
  return [...data]
}

/** A text as such a tensor, and the second one where the model compares two. */
export function textTensors (card: Card, input: TextInput): GivenTensor[] {
  const { text, pair } = exampleOf(card, input)
  const tensorOf = (name: string, value: string) => ({ name, datatype: 'BYTES', shape: [1], values: [value] })
  return [tensorOf(input.tensor ?? TEXT, text), ...pair === undefined ? [] : [tensorOf(PAIR, pair)]]
}
