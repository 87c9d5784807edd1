import { Tensor as OrtTensor } from 'onnxruntime-node'
import { tensorOf, type Tensor } from '../tensor.ts'

/**
 * Converts a tensor for ONNX Runtime.
 *
 * From Node.js 24 on, ONNX Runtime's class stores float16 in a Float16Array, but its binding cannot read one. The binding
 * reads the property `data`, so this property holds the 16 bits of each number instead.
 *
 * @see https://github.com/microsoft/onnxruntime/pull/32323
 */
export function toOrt ({ dtype, data, shape }: Tensor): OrtTensor {
  const tensor = new OrtTensor(dtype, data, shape)
  return dtype === 'float16' ? Object.defineProperty(tensor, 'data', { value: data }) : tensor
}

/** Converts a tensor from ONNX Runtime. The result shares its memory. */
export function fromOrt ({ type, dims, data }: OrtTensor): Tensor {
  const bits = type === 'float16' && ArrayBuffer.isView(data) ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data
  return tensorOf(type, dims, bits)
}
