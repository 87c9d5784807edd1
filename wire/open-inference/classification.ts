import type { Card } from '../../lib/card/card.ts'
import { AnswerTooLong, TensorUnusable } from '../../lib/errors.ts'
import { elementOf } from '../../lib/output/numbers.ts'
import { lengthOf, type Tensor } from '../../lib/tensor.ts'
import { nextTurn } from '../../lib/turn.ts'

/** A value of a row, and its place in the row. */
interface Ranked {
  index: number
  value: ReturnType<typeof elementOf>
}

/** How many values to rank in one turn of the event loop. */
const VALUES_PER_TURN = 8192

/** How many classes an output may have, all rows together, as for the labels of /predict. */
const ANSWER_LIMIT_CLASSES = 262_144

/** How many classes a row may have. It bounds the time to rank a long row. */
const ROW_LIMIT_CLASSES = 32_768

/** Decimals of a value, as in C's `%f`. */
const DECIMALS = 6

/**
 * The classification extension: for each row of an output, the texts `value:index:label` of its greatest values, the
 * greatest first, [batch, classes] of BYTES. The label is left out where the model has none for the output.
 *
 * @param classes how many; more than there are gives all
 * @throws TensorUnusable when the output holds no numbers, or when too many classes are wanted
 * @throws AnswerTooLong
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md
 */
export async function classified (name: string, tensor: Tensor, classes: number, card: Card): Promise<Tensor> {
  if (tensor.dtype === 'string' || tensor.dtype === 'bool') throw new TensorUnusable(`output '${name}' holds no numbers, so that it cannot be classified.`)
  const [rows = 1, ...axes] = tensor.shape
  const length = lengthOf(axes)
  const count = Math.min(classes, length)
  const labels = labelsOf(name, length, card)
  if (count > ROW_LIMIT_CLASSES) throw new TensorUnusable(`output '${name}' has ${length} values in a row; ask for at most ${ROW_LIMIT_CLASSES} classes, not ${classes}.`)
  if (rows * count > ANSWER_LIMIT_CLASSES) throw new AnswerTooLong(ANSWER_LIMIT_CLASSES)
  const texts: string[] = []
  // There may be any number of rows without values.
  if (count === 0) return { dtype: 'string', shape: [rows, count], data: texts }
  const pace = { values: 0 }
  for (let row = 0; row < rows; row++) {
    for (const { index, value } of await greatest(tensor, { first: row * length, length, count }, pace)) {
      const label = labels?.[index]
      texts.push(`${typeof value === 'number' && tensor.dtype.startsWith('float') ? value.toFixed(DECIMALS) : String(value)}:${index}${label === undefined ? '' : `:${label}`}`)
      await step(pace, 1)
    }
  }
  return { dtype: 'string', shape: [rows, count], data: texts }
}

/** The greatest values of a row, the greatest first. A long row is ranked in pieces. */
async function greatest (tensor: Tensor, { first, length, count }: { first: number, length: number, count: number }, pace: { values: number }): Promise<Ranked[]> {
  let best: Ranked[] = []
  for (let from = 0; from < length; from += VALUES_PER_TURN) {
    const some = Array.from({ length: Math.min(VALUES_PER_TURN, length - from) }, (_, at) => ({ index: from + at, value: elementOf(tensor, first + from + at) }))
    best = [...best, ...some].sort((one, other) => order(other.value) - order(one.value) || one.index - other.index).slice(0, count)
    await step(pace, some.length)
  }
  return best
}

async function step (pace: { values: number }, values: number): Promise<void> {
  pace.values += values
  if (pace.values < VALUES_PER_TURN) return
  pace.values = 0
  await nextTurn()
}

/** NaN comes last. */
function order (value: ReturnType<typeof elementOf>): number {
  const number = Number(value)
  return Number.isNaN(number) ? -Infinity : number
}

/** The labels of an output: those of the card belong to the scores that its answer is made of. */
function labelsOf (name: string, length: number, { output, labels }: Card): readonly string[] | undefined {
  return 'tensor' in output && output.tensor === name && length === labels.length ? labels : undefined
}
