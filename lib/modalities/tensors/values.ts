import { TensorUnusable } from '../../errors.ts'
import { checkFeeds } from '../../engine/feeds.ts'
import { lengthOf, tensorOf, type Signature, type Tensor, type Tensors, type TensorSpec } from '../../tensor.ts'
import { nextTurn } from '../../turn.ts'
import { elementsOf } from './elements.ts'
import type { TensorsItem } from './input.ts'

/** How many values to read from nested lists in one turn of the event loop. That takes about 2 milliseconds. */
const VALUES_PER_TURN = 16_384

/** How many names or characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 40

/**
 * Reads an input from JSON: `{"inputs": {name: nested lists}}`. The lists are nested as deep as the model's tensor has axes,
 * the batch axis included. A large input is read in pieces, so that the event loop stays free.
 *
 * It converts nothing: `"3"` is not accepted as 3. Only whole numbers of 64 bits may be texts of digits.
 *
 * @param name name of the input in error messages, such as `input 2`
 * @throws TensorUnusable that names the tensor and the place in it, and says what the model takes
 */
export async function itemFromJson (value: unknown, name: string, signature: Signature): Promise<TensorsItem> {
  const inputs = inputsIn(value)
  if (!inputs) throw new TensorUnusable(`${name} has no object 'inputs'; send {"inputs": {${signature.inputs.map(({ name }) => `${JSON.stringify(name)}: …`).join(', ')}}}.`)
  const feeds: Array<[string, Tensor]> = []
  const turn = new Turn()
  for (const spec of signature.inputs) {
    const given = inputs.get(spec.name)
    if (given !== undefined) feeds.push([spec.name, await tensorFrom(given, spec, turn)])
  }
  // A tensor that the model does not have is refused by its name alone.
  const unknown = [...inputs.keys()].find(key => !signature.inputs.some(({ name }) => name === key))
  if (unknown !== undefined) feeds.push([unknown.slice(0, QUOTE_LIMIT), NOTHING])
  const item = { feeds: Object.fromEntries(feeds) }
  checkFeeds(signature, item.feeds)
  return item
}

/** Stands for a tensor that is refused. */
const NOTHING: Tensor = { dtype: 'float32', shape: [0], data: new Float32Array() }

function inputsIn (value: unknown): Map<string, unknown> | null {
  if (!(value instanceof Object && 'inputs' in value && value.inputs instanceof Object) || Array.isArray(value.inputs)) return null
  const extra = Object.keys(value).find(key => key !== 'inputs')
  if (extra !== undefined) throw new TensorUnusable(`there is an unknown field '${extra.slice(0, QUOTE_LIMIT)}' beside 'inputs'.`)
  return new Map<string, unknown>(Object.entries(value.inputs))
}

/** Counts the values of a turn of the event loop. */
class Turn {
  #left = VALUES_PER_TURN

  /** Waits for the next turn when enough values were read in this one. */
  async spend (values: number): Promise<void> {
    this.#left -= values
    if (this.#left > 0) return
    this.#left = VALUES_PER_TURN
    await nextTurn()
  }
}

/**
 * Reads a tensor from nested lists.
 *
 * It goes down axis by axis, and knows after each how many lists there are: so it takes no more memory than the lists
 * themselves, whatever the first list of an axis promises.
 */
async function tensorFrom (value: unknown, { name, dtype, shape: declared }: TensorSpec, turn: Turn): Promise<Tensor> {
  const shape: number[] = []
  let level: unknown[][] = [[value]]
  for (const [axis, fixed] of declared.entries()) {
    const lists: unknown[][] = []
    let length = fixed
    for (const parent of level) {
      for (const list of parent) {
        const place = () => placeOf(lists.length, shape)
        if (!Array.isArray(list)) throw new TensorUnusable(`input '${name}'${place()} is no list; the model takes ${declared.length} lists inside one another: ${shapeText(declared)}.`)
        length ??= list.length
        if (list.length !== length) throw new TensorUnusable(wrongLength(name, place(), list.length, fixed, length, axis, declared))
        if (lists.push(list) % VALUES_PER_TURN === 0) await turn.spend(VALUES_PER_TURN)
      }
    }
    shape.push(length ?? 0)
    level = lists
  }
  const elements = elementsOf(dtype, lengthOf(shape))
  let next = 0
  for (const list of level) {
    for (let at = 0; at < list.length; at += VALUES_PER_TURN) {
      const piece = list.length > VALUES_PER_TURN ? list.slice(at, at + VALUES_PER_TURN) : list
      for (const value of piece) {
        const fault = elements.set(next, value)
        if (fault !== null) throw new TensorUnusable(`input '${name}'${placeOf(next, shape)} ${fault}.`)
        next++
      }
      await turn.spend(piece.length)
    }
  }
  return tensorOf(dtype, shape, elements.data)
}

function wrongLength (name: string, place: string, given: number, fixed: number | null, length: number, axis: number, declared: TensorSpec['shape']): string {
  return fixed === null
    ? `input '${name}' is ragged:${place} has ${given} values, and the first list of axis ${axis} has ${length}.`
    : `input '${name}'${place} has ${given} values; the model takes ${shapeText(declared)}.`
}

/** The place of an element, such as `[0][2]`, from its number in a tensor of this shape. */
function placeOf (number: number, shape: readonly number[]): string {
  let rest = number
  const places = shape.toReversed().map(length => {
    const place = rest % length
    rest = Math.floor(rest / length)
    return `[${place}]`
  })
  return places.length === 0 ? '' : ` at ${places.toReversed().join('')}`
}

/** A declared shape, as text. */
export function shapeText (shape: TensorSpec['shape']): string {
  return `[${shape.map(length => length ?? 'any').join()}]`
}

/**
 * An input that most models take: zeros and empty texts, and 1 for the axes of any length. A mask is all ones, and a picture
 * of any size, which has four axes, is one of 64 × 64 pixels.
 */
export function exampleOf ({ inputs }: Signature): TensorsItem {
  const feeds: Tensors = Object.fromEntries(inputs.map(({ name, dtype, shape: declared }) => {
    const shape = exampleShapeOf(declared)
    const { data, set } = elementsOf(dtype, lengthOf(shape))
    if (name.endsWith('mask')) for (let at = 0; at < data.length; at++) set(at, dtype === 'bool' ? true : 1)
    return [name, tensorOf(dtype, shape, data)]
  }))
  return { feeds }
}

function exampleShapeOf (declared: TensorSpec['shape']): number[] {
  const isPicture = declared.length === 4
  const isChannel = (axis: number) => axis === 1 && declared[3] !== 3 && declared[3] !== 1
  return declared.map((length, axis) => length ?? (isPicture && axis > 0 ? isChannel(axis) ? 3 : 64 : 1))
}
