/** Largest finite float16. */
export const FLOAT16_MAX = 65504

const double = new DataView(new ArrayBuffer(8))

/**
 * Converts a number to the 16 bits of the nearest float16, ties to even. A larger number becomes infinite.
 *
 * @see https://standards.ieee.org/ieee/754/6210/ binary16
 */
export function toFloat16 (value: number): number {
  double.setFloat64(0, value)
  const high = double.getUint32(0)
  const sign = high >>> 16 & 0x8000
  if (Number.isNaN(value)) return 0x7e00
  // Numbers below 2 ** -14 have the step of those at 2 ** -14.
  const exponent = Math.max(-14, (high >>> 20 & 0x7ff) - 1023)
  const steps = Math.abs(value) / 2 ** (exponent - 10)
  const whole = Math.floor(steps)
  const rest = steps - whole
  const rounded = rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole
  return sign | Math.min(0x7c00, (exponent + 14) * 1024 + rounded)
}
