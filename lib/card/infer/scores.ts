import type { Graph, GraphNode } from '../onnx/graph.ts'
import { constantOf, isConstant, isCopy, makerOf, numbersOf, STEPS } from './graph.ts'

/**
 * What the numbers of an output mean.
 *
 * - probabilities: of the labels, with the sum 1
 * - independent: one probability for each column
 * - logits: softmax or sigmoid makes probabilities of them
 * - margins: distances from the border between two classes; nothing makes probabilities of them
 * - numbers: predictions of a regressor
 * - embedding: a vector of length 1
 * - unknown: a run of the model has to show it
 */
export type Meaning = 'probabilities' | 'independent' | 'logits' | 'margins' | 'numbers' | 'embedding' | 'unknown'

const PRODUCTS = /^(Q?Gemm|FusedGemm|MatMul|FusedMatMul|MatMulInteger|MatMulIntegerToFloat|DynamicQuantizeMatMul|MatMulNBits|QLinearMatMul|Conv|FusedConv|ConvInteger|QLinearConv)$/

/**
 * What the numbers of a value mean, by the operators that make it.
 *
 * Quantised and float16 models end in Cast, Mul and Add, so that the way up goes through them.
 */
export function meaningOf (graph: Graph, value: string): Meaning {
  // Sums of sums can reach a value in many ways: each is looked at once.
  const known = new Map<string, Meaning>()

  function find (name: string, steps: number): Meaning {
    const found = known.get(name)
    if (found) return found
    const node = graph.producerOf(name)
    const meaning = node && steps > 0 ? meaningFrom(graph, node, (name = node.inputs[0] ?? '') => find(name, steps - 1)) : 'unknown'
    known.set(name, meaning)
    return meaning
  }

  return find(value, STEPS)
}

function meaningFrom (graph: Graph, node: GraphNode, above: (name?: string) => Meaning): Meaning {
  const [input = ''] = node.inputs
  if (isCopy(node)) return above()
  if (node.domain === 'ai.onnx.ml') return meaningOfClassical(node, above)
  if (PRODUCTS.test(node.opType)) return 'logits'
  switch (node.opType) {
    case 'Softmax':
    case 'QLinearSoftmax': return 'probabilities'
    // The softmax of logarithms of probabilities is the probabilities.
    case 'LogSoftmax': return 'logits'
    case 'Sigmoid':
    case 'HardSigmoid':
    case 'QLinearSigmoid': return 'independent'
    // Numbers without an upper limit are no probabilities. SqueezeNet ends so.
    case 'Relu':
    case 'LeakyRelu': return 'logits'
    case 'AveragePool':
    case 'GlobalAveragePool':
    case 'ReduceMean': return above() === 'logits' ? 'logits' : 'unknown'
    case 'LpNormalization': return node.attributes['p']?.int === 1 ? 'unknown' : 'embedding'
    case 'Clip': return bounded(above())
    case 'Exp': return isNormalisedLogarithm(graph, input) ? 'probabilities' : 'unknown'
    case 'Concat': return isComplement(graph, node) && above(node.inputs[1]) !== 'logits' ? 'probabilities' : 'unknown'
    case 'Div': return quotient(graph, node) ?? linear(graph, node, above)
    case 'Add':
    case 'Sub':
    case 'Mul': return linear(graph, node, above)
    default: return 'unknown'
  }
}

/** https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md */
function meaningOfClassical ({ opType, attributes }: GraphNode, above: () => Meaning): Meaning {
  const transform = attributes['post_transform']?.string ?? 'NONE'
  switch (opType) {
    case 'Normalizer': return attributes['norm']?.string === 'L2' ? 'embedding' : attributes['norm']?.string === 'L1' ? 'probabilities' : 'unknown'
    case 'LinearClassifier': return transform === 'NONE' ? 'margins' : 'probabilities'
    case 'SVMClassifier': return transform !== 'NONE' || attributes['prob_a']?.floats?.length ? 'probabilities' : 'margins'
    case 'TreeEnsembleClassifier': return transform !== 'NONE' || attributes['class_weights']?.floats?.every(weight => weight >= 0 && weight <= 1) ? 'probabilities' : 'unknown'
    case 'LinearRegressor':
    case 'SVMRegressor':
    case 'TreeEnsembleRegressor': return transform === 'LOGISTIC' ? 'independent' : 'numbers'
    case 'ZipMap':
    case 'ArrayFeatureExtractor': return above()
    default: return 'unknown'
  }
}

function bounded (meaning: Meaning): Meaning {
  return meaning === 'probabilities' || meaning === 'independent' ? meaning : 'unknown'
}

/** Sums and products: of two values, or of a value and a constant. */
function linear (graph: Graph, node: GraphNode, above: (name: string) => Meaning): Meaning {
  const values = node.inputs.filter(name => !isConstant(graph, name))
  const meanings = values.map(above)
  if (meanings.length === 1 && isNeutral(graph, node)) return meanings[0]!
  return meanings.some(meaning => meaning === 'logits' || meaning === 'margins') && !meanings.includes('independent') ? 'logits' : 'unknown'
}

/** Whether the constant of a sum or product changes nothing, such as LightGBM's product with 1. */
function isNeutral (graph: Graph, { opType, inputs }: GraphNode): boolean {
  const neutral = opType === 'Mul' || opType === 'Div' ? 1 : 0
  return inputs.some(name => numbersOf(graph, name)?.every(number => number === neutral))
}

/** What becomes of values that are divided by their sum or by their length. */
function quotient (graph: Graph, { inputs: [dividend = '', divisor = ''] }: GraphNode): Meaning | null {
  let node = graph.producerOf(divisor)
  for (let step = 0; node && step < 8; step++) {
    if (node.opType === 'ReduceL2') return 'embedding'
    const [input = ''] = node.inputs
    if (node.opType === 'ReduceSum' || node.opType === 'ReduceL1') {
      const summed = makerOf(graph, input)
      return input === dividend || (summed?.opType === 'Abs' && summed.inputs[0] === dividend) ? 'probabilities' : null
    }
    if (!isCopy(node) && !/^(Clip|Max|Expand|Add|Where|Sqrt)$/.test(node.opType)) return null
    node = graph.producerOf(node.inputs.find(name => !isConstant(graph, name)) ?? '')
  }
  return null
}

/** x − logsumexp(x) */
function isNormalisedLogarithm (graph: Graph, value: string): boolean {
  const node = graph.producerOf(value)
  return node?.opType === 'Sub' && makerOf(graph, node.inputs[1] ?? '')?.opType === 'ReduceLogSumExp'
}

/** The columns 1 − p and p */
function isComplement (graph: Graph, { inputs: [first = '', second = ''], inputs }: GraphNode): boolean {
  const node = graph.producerOf(first)
  return inputs.length === 2 && node?.opType === 'Sub' && node.inputs[1] === second && (constantOf(graph, node.inputs[0] ?? '')?.values ?? []).every(value => value === 1)
}
