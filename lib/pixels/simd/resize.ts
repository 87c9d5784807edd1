/**
 * The two passes of a resize, in AssemblyScript: they become WebAssembly with SIMD, five times as fast as the same loops
 * in JavaScript. Each value is multiplied by its weight's upper and lower 11 bits, since the instruction that multiplies
 * and adds in pairs takes 16-bit numbers; the sums are the same integers that whole weights give.
 *
 * Weights are four i16 for each pair of a window's taps: both upper parts, then both lower parts.
 *
 * @see https://www.assemblyscript.org
 * @see https://github.com/WebAssembly/simd/blob/main/proposals/simd/SIMD.md i32x4.dot_i16x8_s
 */

/** Half of the unit of the weights' fixed point, for rounding. */
const HALF: i32 = 1 << 21

/** From the bytes r g b R G B to the 16-bit numbers r R g G b B; 16 selects none, which is 0. */
const THREE_BYTES = i8x16(0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16)
/** The same from the bytes r g b x R G B X. */
const FOUR_BYTES = i8x16(0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 16, 16, 16, 16)

/** Four sums to 16-bit numbers. */
function rounded (upper: v128, lower: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(upper, 11), lower), 22)
}

/**
 * Narrows rows of RGB pixels.
 *
 * @param source address of the rows; up to 16 bytes past them are read and do not count
 * @param stride bytes of a row
 * @param pixel bytes of a pixel: three, or four of which the last does not count
 * @param starts address of an i32 for each column: its window's first pixel
 * @param pairs of taps in a window
 * @param result address of as many rows of `columns` RGB pixels; one byte past them is written
 */
export function across (source: usize, rows: i32, stride: i32, pixel: i32, starts: usize, weights: usize, pairs: i32, columns: i32, result: usize): void {
  const order = pixel === 4 ? FOUR_BYTES : THREE_BYTES
  for (let y = 0; y < rows; y++) {
    let weight = weights
    for (let x = 0; x < columns; x++) {
      let at = source + load<i32>(starts + (x << 2)) * pixel
      let upper = i32x4.splat(0)
      let lower = i32x4.splat(HALF)
      for (let pair = 0; pair < pairs; pair++) {
        const values = i8x16.swizzle(v128.load64_zero(at), order)
        upper = i32x4.add(upper, i32x4.dot_i16x8_s(values, v128.load32_splat(weight)))
        lower = i32x4.add(lower, i32x4.dot_i16x8_s(values, v128.load32_splat(weight, 4)))
        at += pixel << 1
        weight += 8
      }
      const sums = rounded(upper, lower)
      const halves = i16x8.narrow_i32x4_s(sums, sums)
      store<u32>(result, i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0))
      result += 3
    }
    source += stride
  }
}

/**
 * Lowers columns of bytes.
 *
 * @param source address of the rows; a row and 8 bytes past them are read and do not count
 * @param stride bytes of a row, here and in the result
 * @param starts address of an i32 for each row of the result: its window's first byte
 * @param pairs of taps in a window
 * @param result address of `rows` rows; up to 7 bytes past them are written
 */
export function down (source: usize, rows: i32, stride: i32, starts: usize, weights: usize, pairs: i32, result: usize): void {
  for (let y = 0; y < rows; y++) {
    const window = source + load<i32>(starts + (y << 2))
    for (let column = 0; column < stride; column += 8) {
      let at = window + column
      let weight = weights
      let upper = i32x4.splat(0)
      let lower = i32x4.splat(HALF)
      let upperRight = upper
      let lowerRight = lower
      for (let pair = 0; pair < pairs; pair++) {
        const first = v128.load8x8_u(at)
        const second = v128.load8x8_u(at + stride)
        const left = v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11)
        const right = v128.shuffle<i16>(first, second, 4, 12, 5, 13, 6, 14, 7, 15)
        const high = v128.load32_splat(weight)
        const low = v128.load32_splat(weight, 4)
        upper = i32x4.add(upper, i32x4.dot_i16x8_s(left, high))
        lower = i32x4.add(lower, i32x4.dot_i16x8_s(left, low))
        upperRight = i32x4.add(upperRight, i32x4.dot_i16x8_s(right, high))
        lowerRight = i32x4.add(lowerRight, i32x4.dot_i16x8_s(right, low))
        at += stride << 1
        weight += 8
      }
      const halves = i16x8.narrow_i32x4_s(rounded(upper, lower), rounded(upperRight, lowerRight))
      store<i64>(result + column, i64x2.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0))
    }
    weights += pairs << 3
    result += stride
  }
}
