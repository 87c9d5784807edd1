import { ModelInvalid } from '../../errors.ts'
import type { Graph, GraphValue } from '../onnx/graph.ts'
import { printable, quoted } from '../onnx/tensor.ts'
import { objectOf, readConfig } from './config-file.ts'
import { answerOf, architectureOf } from './huggingface/answer.ts'
import { scoresOf } from './picture.ts'
import type { Assumption, Evidence, Finding, PartialCard, Source } from './source.ts'
import { readTokenizer } from './text-tokenizer.ts'

/** The inputs that a tokenizer fills. */
const FILLED = ['input_ids', 'attention_mask', 'token_type_ids']

/** Names of outputs that are vectors, and no scores of labels. */
const VECTORS = /embed|hidden_state|pooler|feature/i

/** Labels of models that compare two texts, and labels that such models have beside them. */
const COMPARISONS = new Set([
  'entailment', 'not_entailment', 'non_entailment', 'contradiction', 'duplicate', 'not_duplicate', 'non_duplicate', 'is_duplicate', 'paraphrase',
  'not_paraphrase', 'non_paraphrase', 'equivalent', 'not_equivalent'
])
const BESIDE = new Set(['neutral', 'none', 'unrelated'])

/** Data sets of pairs of texts, as `finetuning_task` names them. */
const PAIR_TASKS = new Set(['anli', 'mnli', 'mnli-mm', 'mrpc', 'paws', 'qnli', 'qqp', 'rte', 'snli', 'stsb', 'sts-b', 'wnli', 'xnli'])

/** What makes a tokenizer.json of the files of older tokenizers. */
const REMEDY = 'make it with AutoTokenizer.from_pretrained(DIR, use_fast=True).save_pretrained(DIR)'

/**
 * Reads the folder of a classifier of texts of Hugging Face's transformers: labels and the kind of the answer from `config.json`,
 * the tokenizer from `tokenizer.json` and `tokenizer_config.json`. Models of tokens that do not classify whole texts are served as
 * plain tensors, and so are those whose texts nothing here can make tokens of.
 *
 * @throws ModelInvalid when a file is malformed, or when the card asks for texts and there is no tokenizer
 * @see https://huggingface.co/docs/transformers/main_classes/tokenizer
 */
export const inferText: Source = async (evidence, known) => {
  const { files, graph } = evidence
  if (isNoText(known) || !graph.inputs.some(({ name }) => name === 'input_ids')) return null
  const config = await readConfig(files, 'config.json')
  if (config === null && !files.names.includes('tokenizer.json')) return null
  const name = config === null ? null : architectureOf(config)
  const other = graph.inputs.find(input => !isFilled(input))
  if (other) return plain(name, `its input ${quoted(other.name)} is none that a tokenizer fills`)
  const answer = answerFor(evidence, config)
  if (answer === null) return plain(name, 'it does not classify texts')

  const read = await readTokenizer(evidence, config ?? {}, known)
  if ('reason' in read) {
    const { reason } = read
    const remedy = read.isMissing ? REMEDY : 'name it in card.json (input.tokenizer.padId)'
    if (known.input?.kind === 'text') throw new ModelInvalid(files.model, `takes tokens, and ${reason}; ${remedy}`)
    const lacking: Assumption = { field: '/input', assumed: 'plain tensors, although the model classifies texts', because: `${reason}; ${remedy}`, card: JSON.stringify({ input: { kind: 'tensors' } }) }
    return { ...plain(name, reason), assumptions: [lacking] }
  }
  const pair = pairOf(config ?? {}, answer.labels ?? [])
  return {
    from: [...name === null ? [] : [`config.json (${printable(name, 64)})`], read.from].join(', '),
    card: { input: { kind: 'text', tokenizer: read.tokenizer, ...pair.isPair && { pair: true } }, ...answer },
    assumptions: [...read.assumptions, ...pair.assumptions, ...oneLabelAssumed(config ?? {}, answer)]
  }
}

/** Whether the card says already that the input is no text, or a text that needs no tokenizer. */
function isNoText ({ input, output }: PartialCard): boolean {
  return (input?.kind !== undefined && input.kind !== 'text') || output?.kind === 'tensors' || (input?.kind === 'text' && input.tensor !== undefined)
}

function isFilled ({ name, dtype, shape }: GraphValue): boolean {
  return FILLED.includes(name) && (dtype === 'int64' || dtype === 'int32') && (shape === null || shape.length === 2)
}

function plain (name: string | null, reason: string): Finding {
  const from = name === null ? 'tokenizer.json' : `config.json (${printable(name, 64)})`
  return {
    from: `${from}: ${reason}, so its tensors are served as they are`,
    card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
  }
}

/** Output and labels; null if the model does not classify whole texts. Without a config, later sources find them. */
function answerFor (evidence: Evidence, config: Record<string, unknown> | null): Pick<PartialCard, 'output' | 'labels'> | null {
  const { graph } = evidence
  if (isOfEachToken(graph)) return null
  const scores = scoresOf(graph)
  if (config !== null) return VECTORS.test(scores?.name ?? '') ? null : numberOf(config, answerOf(evidence, config, 'ForSequenceClassification'))
  return scores && !VECTORS.test(scores.name) ? {} : null
}

/** Whether the scores have the axis of the tokens: the answer is about each of them. */
function isOfEachToken ({ inputs, outputs }: Graph): boolean {
  const tokens = inputs.find(({ name }) => name === 'input_ids')?.shape?.[1]
  return outputs.some(({ name, shape }) => /logits$/.test(name) && typeof tokens === 'string' && shape?.[1] === tokens)
}

/** A cross-encoder says what becomes of its only logit: the identity makes it a number. */
function numberOf (config: Record<string, unknown>, answer: Pick<PartialCard, 'output' | 'labels'> | null): typeof answer {
  const isNumber = answer?.labels?.length === 1 && /\bIdentity$/.test(crossActivationOf(config) ?? '')
  const { output } = answer ?? {}
  return isNumber && output && 'tensor' in output && output.tensor !== undefined ? { output: { kind: 'value', tensor: output.tensor }, labels: [] } : answer
}

/** The activation that sentence-transformers writes for its cross-encoders, of any version; null for other models. */
function crossActivationOf (config: Record<string, unknown>): string | null {
  const activation = objectOf(config['sentence_transformers'])?.['activation_fn'] ?? config['sbert_ce_default_activation_function']
  return typeof activation === 'string' ? activation : null
}

/** Whether the model compares two texts. Labels that say so are no proof. */
function pairOf (config: Record<string, unknown>, labels: readonly string[]): { isPair: boolean, assumptions: Assumption[] } {
  const { finetuning_task: task } = config
  if (crossActivationOf(config) !== null || /ForNextSentencePrediction$/.test(architectureOf(config) ?? '')) return { isPair: true, assumptions: [] }
  if (typeof task === 'string' && PAIR_TASKS.has(task.toLowerCase())) return { isPair: true, assumptions: [] }
  const words = labels.map(label => label.toLowerCase().replaceAll(/[\s_-]+/g, '_'))
  const isPair = words.some(word => COMPARISONS.has(word)) && words.every(word => COMPARISONS.has(word) || BESIDE.has(word))
  if (!isPair) return { isPair, assumptions: [] }
  return {
    isPair,
    assumptions: [{
      field: '/input/pair',
      assumed: 'two texts, which the model compares',
      because: `its labels are ${labels.map(label => printable(label, 32)).join(', ')}, and no file says it`,
      card: JSON.stringify({ input: { pair: true } })
    }]
  }
}

/** One label without more is a probability for the pipeline of transformers, and could be a number. */
function oneLabelAssumed (config: Record<string, unknown>, { output, labels }: Pick<PartialCard, 'output' | 'labels'>): Assumption[] {
  if (labels?.length !== 1 || output?.kind !== 'labels' || config['problem_type'] !== undefined || crossActivationOf(config) !== null) return []
  return [{
    field: '/output/kind',
    assumed: 'a probability of the only label, which a sigmoid makes of the logit',
    because: 'config.json has no problem_type; the pipeline of transformers does the same',
    card: JSON.stringify({ output: { kind: 'value' } })
  }]
}
