import type { Graph } from '../onnx/graph.ts'
import { printable } from '../onnx/tensor.ts'
import { STEPS } from './graph.ts'
import type { Source } from './source.ts'

/** Operators that make words of a text, and count them. */
const WORDS = new Set(['Tokenizer', 'TfIdfVectorizer', 'StringSplit'])

/** Operators that a text may go through before. */
const BEFORE = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'StringNormalizer', 'RegexReplace', 'StringConcat', 'Concat', 'Cast', 'Gather', 'ArrayFeatureExtractor', 'Slice'])

/**
 * Finds the input of a model that takes the text itself, as the exporter of scikit-learn's CountVectorizer and TfidfVectorizer writes it: the
 * only input, of texts, [batch] or [batch, 1], from which words are made. A text beside other columns is a column of a table.
 *
 * @see https://onnx.ai/sklearn-onnx/auto_tutorial/plot_usparse_xgboost.html
 */
export const inferTextColumn: Source = async ({ graph }, { input, output }) => {
  const [only, second] = graph.inputs
  if ((input?.kind !== undefined && input.kind !== 'text') || output?.kind === 'tensors' || !only || second) return null
  const { name, type, dtype, shape } = only
  const axes = shape?.length ?? 0
  const isColumn = type === 'tensor' && dtype === 'string' && (axes === 1 || (axes === 2 && shape?.[1] === 1))
  if (!isColumn || !isOfWords(graph, name)) return null
  return { from: `the input '${printable(name, 64)}' of the graph, which words are made of`, card: { input: { kind: 'text', tensor: name } } }
}

/** Whether words are made of a value. */
function isOfWords (graph: Graph, input: string): boolean {
  const seen = new Set([input])
  // A set gives what is added while it is walked through.
  for (const value of seen) {
    for (const { opType, outputs } of graph.consumersOf(value)) {
      if (WORDS.has(opType)) return true
      if (BEFORE.has(opType)) for (const output of outputs) seen.add(output)
    }
    if (seen.size > STEPS) return false
  }
  return false
}
