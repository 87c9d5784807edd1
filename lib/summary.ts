import type { Card } from './card/card.ts'
import type { Assumption } from './card/infer/source.ts'
import type { Output } from './card/output.ts'
import { byModality } from './modalities/kinds.ts'

/** How many names a line lists. */
const NAMED = 6

/** What a model takes and answers, in words, and where that comes from. */
export interface Summary {
  /** Name and version. */
  model: string
  input: string
  output: string
  /** The labels, or the first of them. Empty without labels. */
  labels: string
  /** What the card was read from. */
  read: readonly string[]
  assumptions: readonly Assumption[]
}

/** Says in words what a model takes and answers. */
export function summaryOf ({ name, version, input, output, labels }: Card, read: readonly string[], assumptions: readonly Assumption[]): Summary {
  return {
    model: `${name} ${version}`,
    input: byModality(input, {
      image: ({ width, height, colour, tensor }) => `a picture, made ${width} × ${height} ${COLOURS[colour]}, into '${tensor}'`,
      table: ({ features }) => `${features.length} columns: ${listOf(features.map(feature => feature.name))}`,
      tensors: () => 'tensors, by their names'
    }),
    output: outputText(output, labels.length),
    labels: listOf(labels),
    read,
    assumptions
  }
}

const COLOURS = { rgb: 'RGB', bgr: 'BGR', grey: 'grey' }

function outputText (output: Output, labels: number): string {
  switch (output.kind) {
    case 'classes': return `one of ${labels} labels, with probabilities, from '${output.tensor}'${output.activation === 'softmax' ? ' through softmax' : ''}`
    case 'binary': return `one of two labels, with the probability of the second from '${output.tensor}'${output.activation === 'sigmoid' ? ' through sigmoid' : ''}`
    case 'labels': return `any of ${labels} labels, each with a probability, from '${output.tensor}'${output.activation === 'sigmoid' ? ' through sigmoid' : ''}`
    case 'label': return `a label without a probability, from '${output.label}'`
    case 'value': return `a number, from '${output.tensor}'`
    case 'tensors': return 'all output tensors'
  }
}

/** The first texts of a list, and how many follow. */
export function listOf (texts: readonly string[]): string {
  const shown = texts.slice(0, NAMED).join(', ')
  return texts.length > NAMED ? `${shown}, … (${texts.length})` : shown
}

/** A summary as lines for a terminal. */
export function summaryLines ({ model, input, output, labels, read, assumptions }: Summary): string[] {
  return [
    `model    ${model}`,
    `input    ${input}`,
    `output   ${output}`,
    ...labels === '' ? [] : [`labels   ${labels}`],
    ...read.map((source, at) => `${at === 0 ? 'read in  ' : '         '}${source}`),
    ...assumptions.flatMap(({ assumed, because, card }) => [`assumed  ${assumed}: ${because}`, `         to settle it, write in card.json: ${card}`])
  ].map(withoutControls)
}

/** Names come from the model's files. A control character could write anything to a terminal. */
function withoutControls (line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ')
}
