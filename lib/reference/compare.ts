import type { Classifier } from '../classifier.ts'
import { rowsOfAll, type Tensors } from '../tensor.ts'
import { readReference } from './reference.ts'
import { differenceOf, toTensor, valuesOf, type NestedValues } from './values.ts'

/** The deadline of one run. It is long, because no caller waits. */
const DEADLINE_MS = 600_000

/**
 * Runs the model on the inputs of a reference, and compares all its outputs.
 *
 * @param path of an `.npz` or JSON file
 * @param tolerance largest difference of two numbers
 * @returns what differs: a line for each output
 * @throws ModelReferenceInvalid when the file cannot be compared with the model
 */
export async function compareWithReference (classifier: Classifier, path: string, tolerance: number): Promise<string[]> {
  const reference = await readReference(path, classifier.signature)
  const feeds: Tensors = {}
  const faults: string[] = []
  for (const { name, dtype } of classifier.signature.inputs) {
    try {
      feeds[name] = toTensor(reference.inputs[name]!, dtype)
    } catch (error) {
      faults.push(`${path}: '${name}' ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (faults.length > 0) return faults
  const answers = await answersOf(classifier, feeds, Object.keys(reference.outputs))
  return Object.entries(reference.outputs).flatMap(([name, wanted]) => {
    const difference = differenceOf(answers[name]!, wanted, tolerance)
    return difference === null ? [] : [`${path}: output '${name}' ${difference}`]
  })
}

/** The outputs for all rows. A model of a fixed batch gets them in pieces. */
async function answersOf (classifier: Classifier, feeds: Tensors, outputs: string[]): Promise<Record<string, NestedValues>> {
  const run = async (part: Tensors) => (await classifier.infer(part, { outputs, deadline: DEADLINE_MS })).outputs
  const piece = pieceOf(classifier, feeds)
  const answers: Record<string, NestedValues> = {}
  if (piece === null) {
    for (const [name, tensor] of Object.entries(await run(feeds))) answers[name] = { dtype: tensor.dtype, shape: tensor.shape, values: valuesOf(tensor) }
    return answers
  }
  for (let at = 0; at < piece.rows; at += piece.size) {
    for (const [name, tensor] of Object.entries(await run(rowsOfAll(feeds, at, piece.size)))) {
      const { shape: [rows = 0] = [], values = [] } = answers[name] ?? {}
      answers[name] = { dtype: tensor.dtype, shape: [rows + (tensor.shape[0] ?? 1), ...tensor.shape.slice(1)], values: values.concat(valuesOf(tensor)) }
    }
  }
  return answers
}

/** How many rows the model takes at once, if that is fixed and fewer than there are; else null. */
function pieceOf ({ signature: { inputs } }: Classifier, feeds: Tensors): { size: number, rows: number } | null {
  const sizes = new Set(inputs.map(({ shape }) => shape[0]))
  const counts = new Set(Object.values(feeds).map(({ shape }) => shape[0]))
  const [[size], [rows]] = [[...sizes], [...counts]]
  if (sizes.size !== 1 || counts.size !== 1 || typeof size !== 'number' || rows === undefined || size < 1 || rows <= size || rows % size !== 0) return null
  return { size, rows }
}
