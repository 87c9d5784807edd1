import { ModelInvalid } from '../../../errors.ts'
import { objectOf, placeOf } from '../config-file.ts'
import { checkLabels, classifierOf, labelsOf, scoresOf } from '../picture.ts'
import type { Evidence, PartialCard } from '../source.ts'

/** Number of labels that transformers assumes if `config.json` says nothing. */
const DEFAULT_LABELS = 2

/** Largest number of labels that a model may have. */
const LABEL_LIMIT = 1_000_000

/**
 * Output and labels of a classifier of transformers, as its pipelines make answers of the logits.
 *
 * @param config the fields of `config.json`
 * @param head how the names of such architectures end: `ForImageClassification`
 * @returns null if the model does not classify
 * @throws ModelInvalid when `config.json` has other labels than the model
 * @see https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/pipelines/text_classification.py
 */
export function answerOf (evidence: Evidence, config: Record<string, unknown>, head: string): Pick<PartialCard, 'output' | 'labels'> | null {
  const scores = scoresOf(evidence.graph)
  const { architectures, id2label, problem_type: problem } = config
  const names = Array.isArray(architectures) ? architectures : []
  const isNamed = id2label !== undefined || names.some(name => String(name).includes(head))
  const isClassifier = isNamed || scores?.name === 'logits'
  if (!scores || !isClassifier) return null
  const labels = id2label === undefined ? defaultLabels(config, scores.classes) : namedLabels(evidence, id2label)
  checkLabels(evidence, labels, scores.classes, 'config.json')
  if (problem === 'regression') return labels.length > 1 ? null : { output: { kind: 'value', tensor: scores.name }, labels: [] }
  if (problem === 'multi_label_classification' || labels.length === 1) {
    const isProbability = scores.meaning === 'independent' || scores.meaning === 'probabilities'
    return { output: { kind: 'labels', tensor: scores.name, activation: isProbability ? 'none' : 'sigmoid' }, labels }
  }
  return { output: classifierOf(scores), labels }
}

/** What `config.json` calls the model: its architecture, else its type. */
export function architectureOf ({ architectures, model_type: type }: Record<string, unknown>): string | null {
  const [architecture] = Array.isArray(architectures) ? architectures : []
  return typeof architecture === 'string' ? architecture : typeof type === 'string' ? type : null
}

function namedLabels ({ files }: Evidence, id2label: unknown): string[] {
  const labels = labelsOf(Object.entries(objectOf(id2label) ?? {}))
  if (labels === null || labels.length === 0) {
    throw new ModelInvalid(placeOf(files, 'config.json'),
      '/id2label must have a text for each class from 0 on; correct it')
  }
  return labels
}

/** The names that transformers gives classes without one. */
function defaultLabels ({ num_labels: count }: Record<string, unknown>, classes: number | null): string[] {
  const said = typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : DEFAULT_LABELS
  return Array.from({ length: Math.min(classes ?? said, LABEL_LIMIT) }, (_, index) => `LABEL_${index}`)
}
