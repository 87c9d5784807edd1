import { CardAmbiguous } from '../../errors.ts'
import type { Graph, GraphValue } from '../onnx/graph.ts'
import { classesOf } from './classes.ts'
import { columnsOf, isCopy, isOfTables, makerOf, STEPS } from './graph.ts'
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

/** Operators that decide for each score whether it is enough. */
const DECISIONS = /^(Greater|GreaterOrEqual|Less|LessOrEqual|Equal|Not|And|Or|Round|Where)$/

/** Operators that give a larger number for a larger one. */
const MONOTONE = /^(Softmax|LogSoftmax|Sigmoid|QLinearSoftmax|QLinearSigmoid|Log|Exp|Clip|Relu|Tanh)$/

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
  const inGraph = classesOf(graph, { label: label?.name, scores: scores?.name })
  const texts = label ? known.labels ?? (await findLabels(evidence))?.labels : undefined
  const isIndex = label !== undefined && isLargestOf(graph, label.name, scores?.name)
  const classes = inGraph ?? (isIndex && texts ? [...texts.keys()] : null)
  const labelled = label && { label: label.name, ...classes && { classes } }
  // Texts in a file say nothing of the numbers in a label tensor. They may start at 1.
  const isPlaced = classes !== null || isIndex || ('classes' in stated) || (label?.dtype === 'string' && texts !== undefined)
  const unnamed = !isPlaced && known.labels === undefined && { labels: [] }
  if (!scores) return labelled ? { from: 'the label output of the graph', card: { output: { kind: 'label', ...labelled }, ...unnamed } } : plainOf()

  const columns = classes?.length ?? columnsOf(scores)
  const tensor = scores.name
  // A ZipMap takes probabilities, whatever makes them, but for the margins of a support vector machine.
  const read = meaningOf(graph, tensor)
  const meaning = read === 'unknown' && scores.type === 'sequence' ? 'probabilities' : read
  const kind = kindOf(graph, parts, meaning, columns, isPlaced, known)
  const isLogit = meaning === 'logits' || meaning === 'margins' || meaning === 'numbers' || meaning === 'embedding'
  const from = `the outputs of the graph ('${tensor}': ${meaning === 'unknown' ? 'of unknown meaning' : meaning})`
  switch (kind) {
    case 'tensors': return plainOf()
    case 'label': return labelled
      ? { from: `the outputs of the graph ('${label.name}'; '${tensor}' ${without(meaning, isPlaced)})`, card: { output: { kind, ...labelled }, ...unnamed } }
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
        card: { output: { kind, tensor, activation, ...(isPlaced || 'label' in stated) && labelled } },
        assumptions: isLogit ? [softmaxAssumed(lastOperator(evidence, tensor))] : [],
        // A run also counts the labels.
        probe: columns === null || (meaning === 'unknown' && !('activation' in stated))
      }
    }
  }
}

function kindOf (graph: Graph, { label, matrix, scores }: Parts, meaning: Meaning, columns: number | null, isPlaced: boolean, known: PartialCard): Kind {
  const stated = known.output ?? {}
  if (stated.kind) return stated.kind
  if ('activation' in stated && stated.activation === 'softmax') return 'classes'
  if ('activation' in stated && stated.activation === 'sigmoid') return columns === 1 ? 'binary' : 'labels'
  // The columns of the largest scores are ranks, not labels.
  if ([scores, matrix].some(value => value && makerOf(graph, value.name)?.opType === 'TopK')) return 'tensors'
  const isTable = isOfTables(graph)
  if (matrix && !isTable && !DECISIONS.test(makerOf(graph, matrix.name)?.opType ?? '')) return 'tensors'
  if (matrix) return scores && columnsOf(matrix) !== columns && columns !== null && columnsOf(matrix) !== null ? 'tensors' : 'labels'
  if (label) {
    if (columns === 1) return meaning === 'independent' ? 'binary' : 'label'
    if (!isPlaced && !('label' in stated)) return 'label'
    return meaning === 'margins' || meaning === 'numbers' || (meaning === 'logits' && isTable) ? 'label' : 'classes'
  }
  if (columns === 1) return meaning === 'independent' ? 'binary' : 'value'
  if (meaning === 'independent') return 'labels'
  // An exporter for tables gives a classifier a label output: without one, several columns are several numbers.
  const isUnlabelled = isTable && scores?.type !== 'sequence' && known.labels === undefined && !('tensor' in stated)
  return meaning === 'embedding' || meaning === 'numbers' || (isUnlabelled && meaning !== 'probabilities') ? 'tensors' : 'classes'
}

/** Why the scores beside a label are not answered. */
function without (meaning: Meaning, isPlaced: boolean): string {
  if (meaning === 'unknown') return 'is of unknown meaning'
  return isPlaced ? 'holds no probabilities' : 'has columns that the graph does not link to the labels'
}

/**
 * Whether a label is the index of the largest score. The scores may be what softmax or a sigmoid makes of the numbers that
 * are compared, or the other way round.
 *
 * @param scores name of their tensor; without it, of any scores
 */
function isLargestOf (graph: Graph, label: string, scores: string | undefined): boolean {
  const node = makerOf(graph, label)
  if (node?.opType !== 'ArgMax') return false
  if (scores === undefined) return true
  const compared = sameOrderOf(graph, node.inputs[0] ?? '')
  return [...sameOrderOf(graph, scores)].some(name => compared.has(name))
}

/** A value, and those that it is made of without a change of the order of its columns. */
function sameOrderOf (graph: Graph, value: string): Set<string> {
  const names = new Set([value])
  let name = value
  for (let step = 0; step < STEPS; step++) {
    const node = graph.producerOf(name)
    if (!node || !(isCopy(node) || MONOTONE.test(node.opType))) break
    name = node.inputs[0] ?? ''
    names.add(name)
  }
  return names
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
