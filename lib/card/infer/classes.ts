import type { Graph, GraphNode } from '../onnx/graph.ts'
import { constantOf, isCopy, STEPS } from './graph.ts'

/** The value of a class in the label tensor. */
export type ClassValue = number | string

/**
 * The values of the classes, in the order of the columns of the scores, or null if the graph does not say.
 *
 * Models of models (a vote, a stack) hold the classes of the inner ones too, so that the search follows the output.
 *
 * @param label name of the label output
 * @param scores name of the output of the scores
 */
export function classesOf (graph: Graph, { label, scores }: { label?: string | undefined, scores?: string | undefined }): ClassValue[] | null {
  return (scores === undefined ? null : classesFrom(graph, scores, node => listOf(node))) ??
    (label === undefined ? null : classesFrom(graph, label, node => listOf(node) ?? mappedOf(graph, node))) ??
    null
}

/** Goes up to the first node that `listOf` finds classes in. */
function classesFrom (graph: Graph, value: string, listOf: (node: GraphNode) => ClassValue[] | null): ClassValue[] | null {
  let name = value
  for (let step = 0; step < STEPS; step++) {
    const node = graph.producerOf(name)
    if (!node) return null
    const classes = listOf(node)
    if (classes) return classes
    const next = isCopy(node) || node.opType === 'Normalizer' || node.opType === 'ZipMap' ? node.inputs[0] : node.opType === 'Mul' ? node.inputs.find(input => !constantOf(graph, input)) : undefined
    if (next === undefined) return null
    name = next
  }
  return null
}

/** The classes in the attributes of a classifier or a ZipMap. */
function listOf ({ opType, domain, attributes }: GraphNode): ClassValue[] | null {
  if (domain !== 'ai.onnx.ml' || !/Classifier$|^ZipMap$/.test(opType)) return null
  const lists = [attributes['classlabels_strings']?.strings, attributes['classlabels_int64s']?.ints, attributes['classlabels_ints']?.ints]
  const list = lists.find(list => list && list.length > 0)
  return list ? [...list] : null
}

/** The classes that a node picks one of, by its index. */
function mappedOf (graph: Graph, { opType, inputs, attributes }: GraphNode): ClassValue[] | null {
  if (opType === 'ArrayFeatureExtractor' || opType === 'Gather') {
    const values = constantOf(graph, inputs[0] ?? '')?.values
    return values ? [...values] : null
  }
  if (opType !== 'LabelEncoder') return null
  const keys = attributes['keys_int64s']?.ints
  const values = attributes['values_strings']?.strings ?? attributes['values_int64s']?.ints
  return values && keys?.every((key, at) => key === at) ? [...values] : null
}
