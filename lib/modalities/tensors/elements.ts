import { toFloat16 } from '../../float16.ts'
import type { DType, Tensor } from '../../tensor.ts'
import { FAMILIES, rangeOf } from '../numbers.ts'

/** How many characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 40

/** Whole numbers of 64 bits: more than a JSON number tells apart. */
const RANGES_64 = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n }
} as const

/** What JSON has no numbers for. */
const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity]])

/** What an element of each family is called. */
const CALLED = { float: 'a number', integer: 'a whole number', bool: 'true or false', string: 'a text' } as const

type Wholes = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>
type Numbers = Exclude<Tensor['data'], Wholes | string[]>

/** Elements of a tensor that are filled in one by one. */
export interface Elements {
  data: Tensor['data']
  /** Sets an element. Returns what is wrong with the value, or `null`. */
  set: (at: number, value: unknown) => string | null
}

/**
 * Makes the elements of a tensor, to be set from values of JSON. A bigint is a number that JSON holds exactly. The texts
 * "NaN", "Infinity" and "-Infinity" are numbers of a floating-point tensor, because JSON has no others for them.
 */
export function elementsOf (dtype: DType, length: number): Elements {
  switch (dtype) {
    case 'string': {
      const data = new Array<string>(length).fill('')
      return { data, set: (at, value) => typeof value === 'string' ? set(data, at, value) : fault(dtype, value) }
    }
    case 'bool': {
      const data = new Uint8Array(length)
      return { data, set: (at, value) => typeof value === 'boolean' ? set(data, at, Number(value)) : fault(dtype, value) }
    }
    case 'int64': return of64Bits(dtype, new BigInt64Array(length))
    case 'uint64': return of64Bits(dtype, new BigUint64Array(length))
    case 'float16': {
      const data = new Uint16Array(length)
      return {
        data,
        set: (at, value) => {
          const number = NOT_FINITE.get(value) ?? (typeof value === 'bigint' ? Number(value) : value)
          return NOT_FINITE.has(value) || isNumberOf(dtype, number) ? set(data, at, toFloat16(Number(number))) : fault(dtype, value)
        }
      }
    }
    case 'float32': return ofNumbers(dtype, new Float32Array(length))
    case 'float64': return ofNumbers(dtype, new Float64Array(length))
    case 'int8': return ofNumbers(dtype, new Int8Array(length))
    case 'int16': return ofNumbers(dtype, new Int16Array(length))
    case 'int32': return ofNumbers(dtype, new Int32Array(length))
    case 'uint8': return ofNumbers(dtype, new Uint8Array(length))
    case 'uint16': return ofNumbers(dtype, new Uint16Array(length))
    case 'uint32': return ofNumbers(dtype, new Uint32Array(length))
  }
}

function ofNumbers (dtype: DType, data: Numbers): Elements {
  const range = rangeOf(dtype) ?? { min: 0, max: 0 }
  const isWhole = FAMILIES[dtype] === 'integer'
  return {
    data,
    set: (at, value) => {
      if (typeof value === 'bigint') value = Number(value)
      else if (typeof value === 'string' && !isWhole && NOT_FINITE.has(value)) return set(data, at, NOT_FINITE.get(value)!)
      if (typeof value !== 'number' || !(value >= range.min && value <= range.max) || (isWhole && !Number.isInteger(value))) return fault(dtype, value)
      data[at] = value
      return null
    }
  }
}

function of64Bits (dtype: 'int64' | 'uint64', data: Wholes): Elements {
  const { min, max } = RANGES_64[dtype]
  return {
    data,
    set: (at, value) => {
      const isExact = typeof value === 'bigint' || Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))
      const whole = isExact ? BigInt(String(value)) : null
      return whole !== null && whole >= min && whole <= max ? set(data, at, whole) : fault(dtype, value)
    }
  }
}

function set<Element> (data: { [at: number]: Element }, at: number, value: Element): null {
  data[at] = value
  return null
}

function isNumberOf (dtype: DType, value: unknown): value is number {
  const range = rangeOf(dtype)
  return typeof value === 'number' && range !== null && value >= range.min && value <= range.max
}

function fault (dtype: DType, value: unknown): string {
  const family = FAMILIES[dtype]
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  if (isNumber && family === 'integer' && typeof value === 'number' && !Number.isInteger(value)) return `is ${value}, not a whole number`
  if (isNumber && (family === 'integer' || family === 'float')) {
    return dtype.endsWith('int64') && typeof value === 'number' ? `is ${value}, which JSON may not hold exactly; send it as a text of digits` : `is ${value}, which a ${dtype} cannot hold`
  }
  return `is ${valueText(value)}, not ${CALLED[family]}`
}

function valueText (value: unknown): string {
  if (typeof value === 'string') return `the text "${value.slice(0, QUOTE_LIMIT)}"`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
