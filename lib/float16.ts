import { roundHalfEven } from './round.ts'

/**
 * Numbers of 16 bits, as in tensors of float16: 1 bit of sign, 5 of exponent, 10 of fraction. Node.js has a `Float16Array`
 * from version 24 on only, so the bits are in a `Uint16Array`.
 *
 * @see https://doi.org/10.1109/IEEESTD.2019.8766229 IEEE 754, binary16
 */

const SIGN_BIT = 0x8000
const INFINITY_BITS = 0x7c00
const NAN_BITS = 0x7e00
const FRACTION_BITS = 10
const EXPONENT_BIAS = 15

/** The least normal number. Smaller ones have a fixed distance from each other. */
const LEAST_NORMAL = 2 ** -14
const LEAST_SUBNORMAL = 2 ** -24

/** From here on, a number is closer to 65 536 than to the greatest finite one, and becomes infinite. */
const INFINITE_FROM = 65_520

/** The bits of the fraction. */
const FRACTION_MASK = (1 << FRACTION_BITS) - 1

const double = new DataView(new ArrayBuffer(8))

/** The bits of the nearest number of 16 bits. Of two that are equally near, that with the even last bit. */
export function toFloat16 (value: number): number {
  if (Number.isNaN(value)) return NAN_BITS
  double.setFloat64(0, value)
  const head = double.getUint32(0)
  const sign = head >>> 31 === 1 ? SIGN_BIT : 0
  const magnitude = Math.abs(value)
  if (magnitude >= INFINITE_FROM) return sign | INFINITY_BITS
  if (magnitude < LEAST_NORMAL) return sign | roundHalfEven(magnitude / LEAST_SUBNORMAL)
  const exponent = (head >>> 20 & 0x7ff) - 1023
  // A fraction that is rounded up to the next power of two carries into the exponent, which is right.
  return sign | ((exponent + EXPONENT_BIAS - 1 << FRACTION_BITS) + roundHalfEven(magnitude * 2 ** (FRACTION_BITS - exponent)))
}

/** The numbers that 16-bit patterns stand for. Each is exact. */
export function toFloat32 (bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, fromFloat16)
}

/** The number that 16 bits stand for. */
export function fromFloat16 (bits: number): number {
  const exponent = bits >>> FRACTION_BITS & 0x1f
  const fraction = bits & FRACTION_MASK
  const sign = bits & SIGN_BIT ? -1 : 1
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * fraction * LEAST_SUBNORMAL
  return sign * (fraction + (1 << FRACTION_BITS)) * 2 ** (exponent - EXPONENT_BIAS - FRACTION_BITS)
}
