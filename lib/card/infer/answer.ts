import { CardAmbiguous } from '../../errors.ts'
import type { GraphValue } from '../onnx/graph.ts'
import { classesOf } from './classes.ts'
import { columnsOf, isOfTables, makerOf } from './graph.ts'
import { findLabels } from './labels.ts'
import { meaningOf, type Meaning } from './scores.ts'
import type { Assumption, Evidence, Finding, PartialCard } from './source.ts'

/** The outputs that the answer is read from. */
interface Parts {
  /** One score for each class, or one number. */
  scores?: GraphValue | undefined
  /** The model's own label. */
  label?: GraphValue | undefined
  /** 0 and 1 for each label. */
  matrix?: GraphValue | undefined
}

type Kind = NonNullable<NonNullable<PartialCard['output']>['kind']>

/**
 * The kind of the answer: what the numbers of the scores mean, and whether there is a label beside them.
 *
 * A label tensor is the model's own prediction, and therefore the answer. Scores beside it that are no probabilities
 * (LinearSVC) are left out: nothing makes probabilities of them.
 *
 * @throws CardAmbiguous when one number could be a value or a logit
 */
export async function answerOf (evidence: Evidence, parts: Parts, known: PartialCard): Promise<Finding> {
  const { graph } = evidence
  const stated = known.output ?? {}
  const { label, scores } = parts
  const classes = classesOf(graph, { label: label?.name, scores: scores?.name })
  const labelled = label && { label: label.name, ...classes && { classes } }
  if (!scores) return labelled ? { from: 'the label output of the graph', card: { output: { kind: 'label', ...labelled } } } : plainOf()

  const columns = classes?.length ?? columnsOf(scores)
  const tensor = scores.name
  // A ZipMap takes probabilities, whatever makes them, but for the margins of a support vector machine.
  const read = meaningOf(graph, tensor)
  const meaning = read === 'unknown' && scores.type === 'sequence' ? 'probabilities' : read
  const kind = kindOf(parts, meaning, columns, isOfTables(graph), known)
  const isLogit = meaning === 'logits' || meaning === 'margins' || meaning === 'numbers' || meaning === 'embedding'
  const from = `the outputs of the graph ('${tensor}': ${meaning === 'unknown' ? 'of unknown meaning' : meaning})`
  switch (kind) {
    case 'tensors': return plainOf()
    case 'label': return labelled
      ? { from: `the outputs of the graph ('${label.name}'; '${tensor}' holds no probabilities)`, card: { output: { kind, ...labelled } } }
      : plainOf()
    case 'value':
      await refuseUnclear(evidence, known, meaning)
      return { from, card: { output: { kind, tensor } }, assumptions: isOfTables(graph) || stated.kind ? [] : [valueAssumed(evidence, tensor)] }
    case 'binary': return { from, card: { output: { kind, tensor, activation: isLogit ? 'sigmoid' : 'none' } } }
    case 'labels': return { from, card: { output: { kind, tensor, activation: isLogit ? 'sigmoid' : 'none' } }, probe: columns === null }
    case 'classes': {
      const activation = isLogit ? 'softmax' : 'none'
      return {
        from,
        card: { output: { kind, tensor, activation, ...labelled } },
        assumptions: isLogit ? [softmaxAssumed(lastOperator(evidence, tensor))] : [],
        // A run also counts the labels.
        probe: columns === null || (meaning === 'unknown' && !('activation' in stated))
      }
    }
  }
}

function kindOf ({ label, matrix, scores }: Parts, meaning: Meaning, columns: number | null, isOfTables: boolean, known: PartialCard): Kind {
  const stated = known.output ?? {}
  if (stated.kind) return stated.kind
  if ('activation' in stated && stated.activation === 'softmax') return 'classes'
  if ('activation' in stated && stated.activation === 'sigmoid') return columns === 1 ? 'binary' : 'labels'
  if (matrix) return scores && columnsOf(matrix) !== columns && columns !== null && columnsOf(matrix) !== null ? 'tensors' : 'labels'
  if (label) {
    if (columns === 1) return meaning === 'independent' ? 'binary' : 'label'
    return meaning === 'margins' || meaning === 'numbers' || (meaning === 'logits' && isOfTables) ? 'label' : 'classes'
  }
  if (columns === 1) return meaning === 'independent' ? 'binary' : 'value'
  if (meaning === 'independent') return 'labels'
  // An exporter for tables gives a classifier a label output: without one, several columns are several numbers.
  const isUnlabelled = isOfTables && scores?.type !== 'sequence' && known.labels === undefined && !('tensor' in stated)
  return meaning === 'embedding' || meaning === 'numbers' || (isUnlabelled && meaning !== 'probabilities') ? 'tensors' : 'classes'
}

function plainOf (): Finding {
  return { from: 'the outputs of the graph', card: { output: { kind: 'tensors' } } }
}

/** One number is a value, unless two labels speak for a logit. */
async function refuseUnclear (evidence: Evidence, known: PartialCard, meaning: Meaning): Promise<void> {
  if (meaning === 'numbers' || known.output?.kind === 'value') return
  const labels = known.labels ?? (await findLabels(evidence))?.labels
  if (labels?.length !== 2) return
  throw new CardAmbiguous(evidence.files.model, 'the model puts out one number, and there are two labels: it is not clear whether the number is the logit of the second label, or a value',
    JSON.stringify({ output: { kind: 'binary', activation: 'sigmoid' } }))
}

function lastOperator ({ graph }: Evidence, tensor: string): string {
  return makerOf(graph, tensor)?.opType ?? 'input'
}

/** The assumption that scores without a sign of what they mean are logits of one label of many. */
export function softmaxAssumed (operator: string): Assumption {
  return {
    field: '/output/activation',
    assumed: 'logits, of which softmax makes probabilities',
    because: `the last operator is ${operator}, and no file says what its numbers are`,
    card: JSON.stringify({ output: { kind: 'classes', activation: 'softmax' } })
  }
}

function valueAssumed (evidence: Evidence, tensor: string): Assumption {
  return {
    field: '/output/kind',
    assumed: 'a number as the answer',
    because: `the output '${tensor}' has one column, and its last operator is ${lastOperator(evidence, tensor)}, not Sigmoid`,
    card: JSON.stringify({ output: { kind: 'value' } })
  }
}
