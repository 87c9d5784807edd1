import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DType } from '../../lib/tensor.ts'
import { onnxFile, type Value } from '../fixtures/onnx.ts'

/**
 * `node dist/test/dialects/identity.js FOLDER` makes the model `identity` in a folder: it has an input of each datatype, and
 * puts each of them out as it is. Its tensors are called after the protocol's names: `x_INT64` comes back as `y_INT64`.
 */

const DATATYPES: Record<string, DType> = {
  BOOL: 'bool', UINT8: 'uint8', UINT16: 'uint16', UINT32: 'uint32', UINT64: 'uint64', INT8: 'int8', INT16: 'int16', INT32: 'int32', INT64: 'int64', FP16: 'float16', FP32: 'float32', FP64: 'float64', BYTES: 'string'
}

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Usage: identity.js FOLDER')
const values = (side: string) => Object.entries(DATATYPES).map(([name, dtype]): Value => [`${side}_${name}`, dtype, ['batch', 2]])
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'model.onnx'), onnxFile(values('x'), values('y'), Object.keys(DATATYPES).map(name => ({ op: 'Identity', from: [`x_${name}`], to: `y_${name}` }))))
writeFileSync(join(folder, 'card.json'), JSON.stringify({ name: 'identity', input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }))
