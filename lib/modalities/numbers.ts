import type { DType } from '../tensor.ts'

/** Largest finite float16. */
const FLOAT16_MAX = 65_504

/** Largest finite float32. A larger value would become infinite in the tensor. */
export const FLOAT32_MAX = 3.4028234663852886e38

/** Data types whose values are alike in JSON. */
export type Family = 'float' | 'integer' | 'bool' | 'string'

/** The family of each data type. */
export const FAMILIES: Readonly<Record<DType, Family>> = {
  float16: 'float',
  float32: 'float',
  float64: 'float',
  int8: 'integer',
  int16: 'integer',
  int32: 'integer',
  int64: 'integer',
  uint8: 'integer',
  uint16: 'integer',
  uint32: 'integer',
  uint64: 'integer',
  bool: 'bool',
  string: 'string'
}

/** The least and the largest number. */
export interface Range {
  min: number
  max: number
}

/**
 * The range of the numbers of a data type that JSON can hold exactly: an int64 has more than a JSON number tells apart.
 *
 * @returns `null` for types that hold no numbers
 */
export function rangeOf (dtype: DType): Range | null {
  switch (dtype) {
    case 'float16': return { min: -FLOAT16_MAX, max: FLOAT16_MAX }
    case 'float32': return { min: -FLOAT32_MAX, max: FLOAT32_MAX }
    case 'float64': return { min: -Number.MAX_VALUE, max: Number.MAX_VALUE }
    case 'int8': return { min: -128, max: 127 }
    case 'int16': return { min: -32_768, max: 32_767 }
    case 'int32': return { min: -2_147_483_648, max: 2_147_483_647 }
    case 'int64': return { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }
    case 'uint8': return { min: 0, max: 255 }
    case 'uint16': return { min: 0, max: 65_535 }
    case 'uint32': return { min: 0, max: 4_294_967_295 }
    case 'uint64': return { min: 0, max: Number.MAX_SAFE_INTEGER }
    case 'bool':
    case 'string': return null
  }
}
