import type { Tensor, Tensors } from '../tensor.ts'
import { nextTurn } from '../turn.ts'
import { elementOf } from './numbers.ts'

/** How many values to write in one turn of the event loop. That takes about 3 milliseconds. */
const VALUES_PER_TURN = 16_384

/** How many characters of a text count as one value of an answer. */
const CHARACTERS_PER_VALUE = 16

/** How much was written since the last turn of the event loop. */
export interface Pace {
  values: number
}

/**
 * Writes tensors as JSON: an object of nested lists, by name.
 *
 * A float32 has the fewest digits that make the same float32 again. An integer of 64 bits has all its digits. JSON has no
 * number for NaN and infinity, so they are the texts "NaN", "Infinity" and "-Infinity".
 *
 * It is written in pieces, so that the event loop stays free.
 *
 * @param pace shared by all tensors of an answer
 * @see https://protobuf.dev/programming-guides/json/ for the same texts
 */
export async function tensorsText (tensors: Tensors, pace: Pace = { values: 0 }): Promise<string> {
  const parts: string[] = []
  for (const [name, tensor] of Object.entries(tensors)) {
    parts.push(`${JSON.stringify(name)}:${await tensorText(tensor, pace)}`)
  }
  return `{${parts.join()}}`
}

/** Writes one tensor as JSON, as `tensorsText` does: nested lists. */
export async function tensorText (tensor: Tensor, pace: Pace = { values: 0 }): Promise<string> {
  let text = ''
  for (const piece of pieces(tensor, pace)) {
    text += piece
    if (pace.values < VALUES_PER_TURN) continue
    pace.values = 0
    await nextTurn()
  }
  return text
}

/** How many values and lists the JSON of these tensors has. A long text counts as several values. */
export function valuesIn (tensors: Tensors): number {
  let values = 0
  for (const { shape, data } of Object.values(tensors)) {
    let lists = 1
    for (const length of shape) {
      lists *= length
      values += lists
      if (lists === 0) break
    }
    if (Array.isArray(data)) for (const text of data) values += Math.floor(text.length / CHARACTERS_PER_VALUE)
  }
  return values
}

/** The text of a tensor. Each piece has as many values as one turn of the event loop has room for. */
function * pieces (tensor: Tensor, pace: Pace): Generator<string> {
  // An axis of length 0 and those after it hold nothing.
  const empty = tensor.shape.indexOf(0)
  const shape = empty < 0 ? tensor.shape : tensor.shape.slice(0, empty)
  const elementText = empty < 0 ? (index: number) => jsonOf(elementOf(tensor, index)) : () => '[]'
  // How many elements a list of each axis holds, the innermost axis first.
  const lengths: number[] = []
  for (const length of shape.toReversed()) lengths.push(length * (lengths.at(-1) ?? 1))
  const count = lengths.at(-1) ?? 1
  let text = ''
  for (let index = 0; index < count; index++) {
    const separator = index === 0 ? '' : ','
    text += `${separator}${'['.repeat(edgesAt(index, lengths))}${elementText(index)}${']'.repeat(edgesAt(index + 1, lengths))}`
    if (++pace.values < VALUES_PER_TURN) continue
    yield text
    text = ''
  }
  yield text
}

/** How many lists begin or end before this element. */
function edgesAt (index: number, lengths: number[]): number {
  let edges = 0
  while (edges < lengths.length && index % lengths[edges]! === 0) edges++
  return edges
}

function jsonOf (element: ReturnType<typeof elementOf>): string {
  if (typeof element === 'string') return JSON.stringify(element)
  return typeof element === 'number' && !Number.isFinite(element) ? `"${element}"` : String(element)
}
