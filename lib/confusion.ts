import { Type, type Static } from './typebox.ts'
import { Ajv } from 'ajv'

/** Name of the file beside the card that holds the confusion matrix. */
export const CONFUSION_FILE = 'confusion.json'

/** A confusion matrix: `counts[truth][answer]` is a number of examples. The order is that of the labels in the card. */
const ConfusionSchema = Type.Object({
  counts: Type.Array(Type.Array(Type.Integer({ minimum: 0 })))
})

/** How often each label was answered for the examples of each label. */
export type Confusion = Static<typeof ConfusionSchema>

/** Examples of one label that the model took for another one. */
export interface Mistake {
  truth: number
  answer: number
  count: number
  /** Number of examples of the true label. */
  of: number
}

/**
 * Reads the text of `confusion.json`.
 *
 * @param labels number of labels in the card
 * @throws Error that says what is wrong with the file
 */
export function parseConfusion (text: string, labels: number): Confusion {
  const value: unknown = JSON.parse(text)
  // TypeScript has checked the schema.
  const isConfusion = new Ajv({ strict: false, validateSchema: false }).compile<Confusion>(ConfusionSchema)
  if (!isConfusion(value)) throw new Error('it must hold {"counts": […]}, a list of lists of whole numbers; servery evaluate writes it')
  const { counts } = value
  if (counts.length !== labels || counts.some(row => row.length !== labels)) throw new Error(`it must have a row and a column for each of the ${labels} labels; servery evaluate writes it`)
  return value
}

/** The text of `confusion.json`, with a line for each label. */
export function confusionText ({ counts }: Confusion): string {
  return `{"counts": [\n${counts.map(row => JSON.stringify(row)).join(',\n')}\n]}\n`
}

/** The mistakes that take the largest shares of the examples of their label, largest first. */
export function worstMistakes ({ counts }: Confusion, limit: number): Mistake[] {
  const mistakes = counts.flatMap((row, truth) => {
    const of = totalOf(row)
    return row.flatMap((count, answer) => count === 0 || answer === truth ? [] : [{ truth, answer, count, of }])
  })
  return mistakes.sort((a, b) => b.count / b.of - a.count / a.of).slice(0, limit)
}

/** Number of examples in a row. */
export function totalOf (row: readonly number[]): number {
  return row.reduce((sum, count) => sum + count, 0)
}
