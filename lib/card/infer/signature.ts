import type { Signature, TensorSpec } from '../../tensor.ts'
import type { Graph } from '../onnx/graph.ts'
import { classesOf } from './classes.ts'
import { isZipped } from './outputs.ts'

/**
 * The inputs and outputs as the engine will give them: ZipMaps as tensors of probabilities, and no other sequences.
 *
 * @param inside values inside the graph that become outputs; nothing says their shape
 */
export function signatureOf (graph: Graph, inside: readonly string[]): Signature {
  const specsOf = (values: Graph['inputs']): TensorSpec[] => values.flatMap(value => {
    const { name, dtype, type, shape } = value
    if (isZipped(graph, value)) return [{ name, dtype: 'float32', shape: [null, classesOf(graph, { scores: name })?.length ?? null] }]
    return type === 'tensor' && dtype ? [{ name, dtype, shape: (shape ?? []).map(length => typeof length === 'number' ? length : null) }] : []
  })
  return { inputs: specsOf(graph.inputs), outputs: [...specsOf(graph.outputs), ...inside.map((name): TensorSpec => ({ name, dtype: 'float32', shape: [] }))] }
}
