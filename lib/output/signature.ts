import type { Contract } from '../card/contract.ts'
import type { DType, TensorSpec } from '../tensor.ts'
import { outputsOf } from './prediction.ts'

const FLOATS: readonly DType[] = ['float32', 'float64', 'float16']

/**
 * Checks that the outputs of a model match the card's `output` and `labels`, as far as the model declares them. Exporters
 * declare wrong lengths, such as [1] for a label tensor of any batch, so only the number of labels is compared.
 *
 * @throws Error that names the wrong tensor or field
 */
export function checkOutputs (outputs: TensorSpec[], { output, labels }: Pick<Contract, 'output' | 'labels'>): void {
  const specs = new Map(outputs.map(spec => [spec.name, spec]))
  for (const name of outputsOf(output) ?? []) {
    if (!specs.has(name)) throw new Error(`has no output '${name}'; its outputs are ${[...specs.keys()].join(', ')}`)
  }
  const isNameless = output.kind === 'value' || output.kind === 'tensors'
  if (isNameless && labels.length > 0) throw new Error(`the card has ${labels.length} labels, but an output of the kind '${output.kind}' has none; leave them out`)
  if (output.kind === 'binary' && labels.length !== 2) throw new Error(`an output of the kind 'binary' has two labels, the card ${labels.length}`)
  const needsLabels = output.kind === 'classes' || output.kind === 'labels'
  if (needsLabels && labels.length === 0) throw new Error(`an output of the kind '${output.kind}' needs labels in the card`)
  if ('classes' in output && output.classes && labels.length > 0 && output.classes.length !== labels.length) {
    throw new Error(`the card has ${output.classes.length} classes in its output and ${labels.length} labels; both need the same number`)
  }
  if (!('tensor' in output)) return
  const { name, dtype, shape } = specs.get(output.tensor)!
  if (output.kind !== 'value' && !FLOATS.includes(dtype)) throw new Error(`output '${name}' is ${dtype}; an output of the kind '${output.kind}' is ${FLOATS.join(' or ')}`)
  if (dtype === 'string' || dtype === 'bool') throw new Error(`output '${name}' is ${dtype}, which is no number`)
  const length = shape.length > 1 ? shape.at(-1) : null
  if (typeof length !== 'number') return
  if (needsLabels && length !== labels.length) throw new Error(`output '${name}' has ${length} classes, the card ${labels.length} labels`)
  if (!needsLabels && length !== 1) throw new Error(`output '${name}' has ${length} numbers for each input; an output of the kind '${output.kind}' has one`)
}
