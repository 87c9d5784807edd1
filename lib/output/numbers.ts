import { fromFloat16 } from '../float16.ts'
import type { Tensor } from '../tensor.ts'

/** Fewest significant digits that hold any number of a float32, and fewer that hold many. */
const FLOAT32_DIGITS = [7, 8, 9]

/** Between these powers of ten, a double holds the powers of ten of the calculation exactly: 1 to 10^22. */
const LEAST_EXPONENT = -14
const GREATEST_EXPONENT = 6

/**
 * The shortest decimal number that is the same float32: 0.92 instead of 0.9200000166893005.
 *
 * @param value number that a float32 can hold
 * @see https://doi.org/10.1109/IEEESTD.2019.8766229 IEEE 754, 5.12.2: nine digits hold any number of binary32
 */
export function shortFloat32 (value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value
  const exponent = Math.floor(Math.log10(Math.abs(value)))
  const isUsual = exponent >= LEAST_EXPONENT && exponent <= GREATEST_EXPONENT
  for (const digits of FLOAT32_DIGITS) {
    const scale = 10 ** (digits - 1 - exponent)
    // Both ways give the same, but text takes ten times as long.
    const short = isUsual ? Math.round(value * scale) / scale : Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/**
 * An element of a tensor as a value of JavaScript: a number, a boolean or a text. An integer of 64 bits stays a bigint.
 *
 * @param index place of the element among all elements of the tensor
 */
export function elementOf ({ dtype, data }: Tensor, index: number): number | bigint | boolean | string {
  const value = data[index]!
  if (typeof value !== 'number') return value
  if (dtype === 'float32') return shortFloat32(value)
  if (dtype === 'float16') return shortFloat32(fromFloat16(value))
  return dtype === 'bool' ? value !== 0 : value
}
