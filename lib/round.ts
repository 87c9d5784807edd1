/** Doubles from here on have no fractional bits, so an addition rounds to integers. */
const INTEGERS_FROM = 2 ** 52

/**
 * Rounds as IEEE 754 and Python's `round()` do: a half goes to the even neighbour.
 *
 * @param value 0 to 2⁵¹
 */
export function roundHalfEven (value: number): number {
  return value + INTEGERS_FROM - INTEGERS_FROM
}
