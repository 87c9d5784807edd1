import type { DType } from '../../tensor.ts'
import type { Bounds } from './bounds.ts'
import { dtypeOf } from './tensor.ts'
import { Fields, OnnxFault } from './wire.ts'

/** An input or output of a graph. */
export interface GraphValue {
  name: string
  type: 'tensor' | 'sequence' | 'map' | 'optional' | 'unknown'
  /** Type of a tensor's elements; null for other values, and for types that ONNX Runtime's Node.js binding lacks. */
  dtype: DType | null
  /** Axes of a tensor: its length, its name, or null when neither is known. null without a declared shape. */
  shape: Array<number | string | null> | null
  /** What the value means, such as IMAGE. https://github.com/onnx/onnx/blob/main/docs/TypeDenotation.md */
  denotation: string
}

/** Most axes of a value. */
const AXES = 64

/**
 * Reads a ValueInfoProto.
 *
 * @throws OnnxFault when it is no protobuf, or over a limit
 */
export function readValue (bytes: Buffer, bounds: Bounds): GraphValue {
  const value: GraphValue = { name: '', type: 'unknown', dtype: null, shape: null, denotation: '' }
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1) value.name = bounds.text(fields.text())
    else if (fields.number === 2) Object.assign(value, readType(fields.once(), bounds))
  }
  return value
}

function readType (bytes: Buffer, bounds: Bounds): Omit<GraphValue, 'name'> {
  const value: Omit<GraphValue, 'name'> = { type: 'unknown', dtype: null, shape: null, denotation: '' }
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1) Object.assign(value, { type: 'tensor', ...readTensorType(fields.once(), bounds) })
    else if (fields.number === 4) value.type = 'sequence'
    else if (fields.number === 5) value.type = 'map'
    else if (fields.number === 9) value.type = 'optional'
    else if (fields.number === 6) value.denotation = bounds.text(fields.text())
  }
  return value
}

function readTensorType (bytes: Buffer, bounds: Bounds): Pick<GraphValue, 'dtype' | 'shape'> {
  const fields = new Fields(bytes)
  let dtype: DType | null = null
  let shape: GraphValue['shape'] = null
  while (fields.next()) {
    if (fields.number === 1) dtype = dtypeOf(fields.int())
    else if (fields.number === 2) shape = readShape(fields.once(), bounds)
  }
  return { dtype, shape }
}

function readShape (bytes: Buffer, bounds: Bounds): Array<number | string | null> {
  const fields = new Fields(bytes)
  const shape: Array<number | string | null> = []
  while (fields.next()) {
    if (fields.number !== 1) continue
    shape.push(readAxis(fields.bytes(), bounds))
    if (shape.length > AXES) throw new OnnxFault(`declares a tensor of more than ${AXES} axes; export it again`)
  }
  return shape
}

/** Exporters write -1, an empty name, or neither for an axis of any length. */
function readAxis (bytes: Buffer, bounds: Bounds): number | string | null {
  const fields = new Fields(bytes)
  let axis: number | string | null = null
  while (fields.next()) {
    if (fields.number === 1) axis = fields.int()
    else if (fields.number === 2) axis = bounds.text(fields.text())
  }
  return axis === '' || (typeof axis === 'number' && axis < 0) ? null : axis
}
