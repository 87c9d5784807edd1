import type { Card } from '../../lib/card/card.ts'
import { TensorUnusable } from '../../lib/errors.ts'
import { elementOf } from '../../lib/output/numbers.ts'
import { lengthOf, type Tensor } from '../../lib/tensor.ts'
import { nextTurn } from '../../lib/turn.ts'

/** How many values to rank in one turn of the event loop. */
const VALUES_PER_TURN = 16_384

/** Decimals of a value, as in C's `%f`. */
const DECIMALS = 6

/**
 * The classification extension: for each row of an output, the texts `value:index:label` of its greatest values, the
 * greatest first, [batch, classes] of BYTES. The label is left out where the model has none for the output.
 *
 * @param classes how many; more than there are gives all
 * @throws TensorUnusable when the output holds no numbers
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md
 */
export async function classified (name: string, tensor: Tensor, classes: number, card: Card): Promise<Tensor> {
  if (tensor.dtype === 'string' || tensor.dtype === 'bool') throw new TensorUnusable(`output '${name}' holds no numbers, so that it cannot be classified.`)
  const [rows = 1, ...axes] = tensor.shape
  const length = lengthOf(axes)
  const count = Math.min(classes, length)
  const labels = labelsOf(name, length, card)
  const texts: string[] = []
  let read = 0
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length }, (_, index) => ({ index, value: elementOf(tensor, row * length + index) }))
    values.sort((one, other) => order(other.value) - order(one.value) || one.index - other.index)
    for (const { index, value } of values.slice(0, count)) {
      const label = labels?.[index]
      texts.push(`${typeof value === 'number' && tensor.dtype.startsWith('float') ? value.toFixed(DECIMALS) : String(value)}:${index}${label === undefined ? '' : `:${label}`}`)
    }
    read += length
    if (read >= VALUES_PER_TURN) {
      read = 0
      await nextTurn()
    }
  }
  return { dtype: 'string', shape: [rows, count], data: texts }
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
