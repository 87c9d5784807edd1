import type { Card } from './card/card.ts'
import type { Assumption } from './card/infer/source.ts'
import type { Output } from './card/output.ts'
import { listOf } from './list.ts'
import { modalityOf } from './modalities/index.ts'

/** What a model takes and answers, in words. */
export interface Summary {
  input: string
  output: string
  /** The labels, or the first of them. Empty without labels. */
  labels: string
}

/** Says in words what a model takes and answers. */
export function summaryOf ({ input, output, labels }: Pick<Card, 'input' | 'output' | 'labels'>): Summary {
  return {
    input: modalityOf(input, { inputs: [], outputs: [] }).summary,
    output: outputText(output, labels.length),
    labels: listOf(labels)
  }
}

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

/** What a terminal shows of a model: its summary, what its card was read from, and what was assumed. */
export function summaryLines (card: Card, sources: readonly string[], assumptions: readonly Assumption[]): string[] {
  const { input, output, labels } = summaryOf(card)
  return [
    `model    ${card.name} ${card.version}`,
    `input    ${input}`,
    `output   ${output}`,
    ...labels === '' ? [] : [`labels   ${labels}`],
    ...sources.map((source, at) => `${at === 0 ? 'read in  ' : '         '}${source}`),
    ...assumptions.flatMap(({ assumed, because, card }) => [`assumed  ${assumed}: ${because}`, `         to settle it, write in card.json: ${card}`])
  ].map(withoutControls)
}

/** Names come from the model's files. A control character could write anything to a terminal. */
export function withoutControls (line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ')
}
