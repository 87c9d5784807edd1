/**
 * The inverse DCT of JPEG, in AssemblyScript. The integer arithmetic is that of libjpeg's accurate inverse DCT. The samples
 * are therefore equal to the last bit.
 */

/** The 64 coefficients of a block, i16 each. */
export const COEFFICIENTS: usize = memory.data(128, 16)

/**
 * Largest coefficient. Those of pictures are below 1200. From here on, the result of libjpeg depends on its code for the
 * CPU, because 16 bits overflow in it.
 */
const MAX_COEFFICIENT: i32 = 8191

/**
 * Fills a block that has a DC coefficient only: all of its 8 × 8 samples are equal.
 *
 * @returns false if the coefficient is too large
 */
export function fillBlock (result: usize, rowBytes: i32): bool {
  const coefficient: i32 = load<i16>(COEFFICIENTS)
  if (coefficient > MAX_COEFFICIENT || coefficient < -MAX_COEFFICIENT) return false
  const sample = (coefficient + 4 >> 3) + 128
  const samples = u64(sample < 0 ? 0 : sample > 255 ? 255 : sample) * 0x0101010101010101
  for (let row = 0; row < 8; row++) {
    store<u64>(result, samples)
    result += rowBytes
  }
  return true
}

// Constants of the inverse DCT, with 13 fractional bits, in the pairs that i32x4.dot_i16x8_s multiplies and adds.
const EVEN_2 = i16x8(4433, -10704, 4433, -10704, 4433, -10704, 4433, -10704)
const EVEN_3 = i16x8(10703, 4433, 10703, 4433, 10703, 4433, 10703, 4433)
const ODD_Z3 = i16x8(-6436, 9633, -6436, 9633, -6436, 9633, -6436, 9633)
const ODD_Z4 = i16x8(9633, 6437, 9633, 6437, 9633, 6437, 9633, 6437)
const ODD_0 = i16x8(-4927, -7373, -4927, -7373, -4927, -7373, -4927, -7373)
const ODD_3 = i16x8(-7373, 4926, -7373, 4926, -7373, 4926, -7373, 4926)
const ODD_1 = i16x8(-4176, -20995, -4176, -20995, -4176, -20995, -4176, -20995)
const ODD_2 = i16x8(-20995, 4177, -20995, 4177, -20995, 4177, -20995, 4177)

/**
 * Computes the 8 × 8 samples of a block: the inverse DCT of Loeffler, Ligtenberg and Moschytz, first of the columns and
 * then of the rows.
 *
 * @returns false if a coefficient is too large
 * @see https://doi.org/10.1109/ICASSP.1989.266596
 */
export function transformBlock (result: usize, rowBytes: i32): bool {
  let largest = i16x8.abs(v128.load(COEFFICIENTS))
  for (let row: usize = COEFFICIENTS + 16; row < COEFFICIENTS + 128; row += 16) largest = i16x8.max_u(largest, i16x8.abs(v128.load(row)))
  if (v128.any_true(i16x8.gt_u(largest, i16x8.splat(MAX_COEFFICIENT as i16)))) return false
  transformColumns(11, i32x4.splat(1 << 10))
  transformColumns(18, i32x4.splat(1 << 17))
  for (let row: usize = COEFFICIENTS; row < COEFFICIENTS + 128; row += 32) {
    const samples = i8x16.add(i8x16.narrow_i16x8_s(v128.load(row), v128.load(row, 16)), i8x16.splat(-128))
    v128.store64_lane(result, samples, 0)
    v128.store64_lane(result + rowBytes, samples, 1)
    result += rowBytes << 1
  }
  return true
}

/** Interleaves the first four numbers of two vectors. */
export function interleaveLow (first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** Interleaves the last four numbers of two vectors. */
export function interleaveHigh (first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, second, 4, 12, 5, 13, 6, 14, 7, 15)
}

/**
 * Transforms the columns of the coefficients and transposes the result.
 *
 * @param shift number of fractional bits to remove
 * @param rounding half of the unit of the result, in each lane
 */
function transformColumns (shift: i32, rounding: v128): void {
  const in0 = v128.load(COEFFICIENTS)
  const in1 = v128.load(COEFFICIENTS, 16)
  const in2 = v128.load(COEFFICIENTS, 32)
  const in3 = v128.load(COEFFICIENTS, 48)
  const in4 = v128.load(COEFFICIENTS, 64)
  const in5 = v128.load(COEFFICIENTS, 80)
  const in6 = v128.load(COEFFICIENTS, 96)
  const in7 = v128.load(COEFFICIENTS, 112)

  const sum = i16x8.add(in0, in4)
  const difference = i16x8.sub(in0, in4)
  const z3 = i16x8.add(in7, in3)
  const z4 = i16x8.add(in5, in1)

  let pair = interleaveLow(in2, in6)
  let even2 = i32x4.dot_i16x8_s(pair, EVEN_2)
  let even3 = i32x4.dot_i16x8_s(pair, EVEN_3)
  let even0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(sum), 13), rounding)
  let even1 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(difference), 13), rounding)
  pair = interleaveLow(z3, z4)
  let third = i32x4.dot_i16x8_s(pair, ODD_Z3)
  let fourth = i32x4.dot_i16x8_s(pair, ODD_Z4)
  pair = interleaveLow(in7, in1)
  let odd0 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_0), third)
  let odd3 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_3), fourth)
  pair = interleaveLow(in5, in3)
  let odd1 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_1), fourth)
  let odd2 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_2), third)
  let up = i32x4.add(even0, even3)
  let down = i32x4.sub(even0, even3)
  const left0 = i32x4.shr_s(i32x4.add(up, odd3), shift)
  const left7 = i32x4.shr_s(i32x4.sub(up, odd3), shift)
  const left3 = i32x4.shr_s(i32x4.add(down, odd0), shift)
  const left4 = i32x4.shr_s(i32x4.sub(down, odd0), shift)
  up = i32x4.add(even1, even2)
  down = i32x4.sub(even1, even2)
  const left1 = i32x4.shr_s(i32x4.add(up, odd2), shift)
  const left6 = i32x4.shr_s(i32x4.sub(up, odd2), shift)
  const left2 = i32x4.shr_s(i32x4.add(down, odd1), shift)
  const left5 = i32x4.shr_s(i32x4.sub(down, odd1), shift)

  pair = interleaveHigh(in2, in6)
  even2 = i32x4.dot_i16x8_s(pair, EVEN_2)
  even3 = i32x4.dot_i16x8_s(pair, EVEN_3)
  even0 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(sum), 13), rounding)
  even1 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(difference), 13), rounding)
  pair = interleaveHigh(z3, z4)
  third = i32x4.dot_i16x8_s(pair, ODD_Z3)
  fourth = i32x4.dot_i16x8_s(pair, ODD_Z4)
  pair = interleaveHigh(in7, in1)
  odd0 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_0), third)
  odd3 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_3), fourth)
  pair = interleaveHigh(in5, in3)
  odd1 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_1), fourth)
  odd2 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_2), third)
  up = i32x4.add(even0, even3)
  down = i32x4.sub(even0, even3)
  const row0 = i16x8.narrow_i32x4_s(left0, i32x4.shr_s(i32x4.add(up, odd3), shift))
  const row7 = i16x8.narrow_i32x4_s(left7, i32x4.shr_s(i32x4.sub(up, odd3), shift))
  const row3 = i16x8.narrow_i32x4_s(left3, i32x4.shr_s(i32x4.add(down, odd0), shift))
  const row4 = i16x8.narrow_i32x4_s(left4, i32x4.shr_s(i32x4.sub(down, odd0), shift))
  up = i32x4.add(even1, even2)
  down = i32x4.sub(even1, even2)
  const row1 = i16x8.narrow_i32x4_s(left1, i32x4.shr_s(i32x4.add(up, odd2), shift))
  const row6 = i16x8.narrow_i32x4_s(left6, i32x4.shr_s(i32x4.sub(up, odd2), shift))
  const row2 = i16x8.narrow_i32x4_s(left2, i32x4.shr_s(i32x4.add(down, odd1), shift))
  const row5 = i16x8.narrow_i32x4_s(left5, i32x4.shr_s(i32x4.sub(down, odd1), shift))

  // Three rounds of interleaving transpose the 8 × 8 numbers.
  const a0 = interleaveLow(row0, row4)
  const a1 = interleaveHigh(row0, row4)
  const a2 = interleaveLow(row1, row5)
  const a3 = interleaveHigh(row1, row5)
  const a4 = interleaveLow(row2, row6)
  const a5 = interleaveHigh(row2, row6)
  const a6 = interleaveLow(row3, row7)
  const a7 = interleaveHigh(row3, row7)
  const b0 = interleaveLow(a0, a4)
  const b1 = interleaveHigh(a0, a4)
  const b2 = interleaveLow(a1, a5)
  const b3 = interleaveHigh(a1, a5)
  const b4 = interleaveLow(a2, a6)
  const b5 = interleaveHigh(a2, a6)
  const b6 = interleaveLow(a3, a7)
  const b7 = interleaveHigh(a3, a7)
  v128.store(COEFFICIENTS, interleaveLow(b0, b4))
  v128.store(COEFFICIENTS, interleaveHigh(b0, b4), 16)
  v128.store(COEFFICIENTS, interleaveLow(b1, b5), 32)
  v128.store(COEFFICIENTS, interleaveHigh(b1, b5), 48)
  v128.store(COEFFICIENTS, interleaveLow(b2, b6), 64)
  v128.store(COEFFICIENTS, interleaveHigh(b2, b6), 80)
  v128.store(COEFFICIENTS, interleaveLow(b3, b7), 96)
  v128.store(COEFFICIENTS, interleaveHigh(b3, b7), 112)
}
