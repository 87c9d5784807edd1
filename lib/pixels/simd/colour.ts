/**
 * From the samples of JPEG to RGB pixels, in AssemblyScript. The integer arithmetic is that of libjpeg's "fancy" upsampling.
 * The pixels are therefore equal to the last bit.
 */

import { interleaveHigh, interleaveLow } from './transform'

/** Bytes of an RGB pixel in the result. The last byte has no meaning. */
export const RGB_BYTES: i32 = 4

/**
 * Converts a row of YCbCr samples of equal width to RGB pixels. It works on 16 pixels at a time: it reads and writes up
 * to 15 pixels more than the row has.
 *
 * @param y address of the row, as are `cb` and `cr`
 * @param width pixels
 * @param result address of the RGB pixels
 */
export function convertRow (y: usize, cb: usize, cr: usize, width: i32, result: usize): void {
  for (let x = 0; x < width; x += 16) {
    const blue = v128.load(cb + x)
    const red = v128.load(cr + x)
    storeRgb(
      v128.load(y + x), i16x8.extend_low_i8x16_u(blue), i16x8.extend_high_i8x16_u(blue),
      i16x8.extend_low_i8x16_u(red), i16x8.extend_high_i8x16_u(red), result
    )
    result += 16 * RGB_BYTES
  }
}

/**
 * Converts a row whose chroma has half the width, and half or all of the height. Each chroma sample is a weighted mean
 * of its neighbours: the nearer row and the nearer column have three times the weight. The caller provides one chroma
 * sample before the row and one after it. The function reads up to 16 samples more.
 *
 * @param y address of the row
 * @param cb address of the nearest chroma row, as is `cr`
 * @param nextCb address of the second nearest chroma row, as is `nextCr`
 * @param evenRounding added before the mean of an even column is shifted right by 4 bits
 * @param oddRounding the same for an odd column
 * @param width pixels
 * @param result address of the RGB pixels
 */
export function convertSubsampledRow (
  y: usize, cb: usize, cr: usize, nextCb: usize, nextCr: usize, evenRounding: i32, oddRounding: i32, width: i32, result: usize
): void {
  const even = i16x8.splat(i16(evenRounding))
  const odd = i16x8.splat(i16(oddRounding))
  let blueBefore = sums(cb - 8, nextCb - 8)
  let redBefore = sums(cr - 8, nextCr - 8)
  let blue = sums(cb, nextCb)
  let red = sums(cr, nextCr)
  for (let x = 0; x < width; x += 16) {
    cb += 8
    cr += 8
    nextCb += 8
    nextCr += 8
    const blueAfter = sums(cb, nextCb)
    const redAfter = sums(cr, nextCr)
    const blueEven = mean(blue, before(blueBefore, blue), even)
    const blueOdd = mean(blue, after(blue, blueAfter), odd)
    const redEven = mean(red, before(redBefore, red), even)
    const redOdd = mean(red, after(red, redAfter), odd)
    storeRgb(v128.load(y + x), interleaveLow(blueEven, blueOdd), interleaveHigh(blueEven, blueOdd), interleaveLow(redEven, redOdd), interleaveHigh(redEven, redOdd), result)
    blueBefore = blue
    redBefore = red
    blue = blueAfter
    red = redAfter
    result += 16 * RGB_BYTES
  }
}

/** Adds three times the nearest row and the second nearest row. */
function sums (nearest: usize, next: usize): v128 {
  return i16x8.add(i16x8.mul(v128.load8x8_u(nearest), THREE), v128.load8x8_u(next))
}

/** Adds three times the nearest column and the second nearest column, and divides by 16. */
function mean (nearest: v128, next: v128, rounding: v128): v128 {
  return i16x8.shr_u(i16x8.add(i16x8.add(i16x8.mul(nearest, THREE), next), rounding), 4)
}

/** The columns that are one to the left. */
function before (left: v128, columns: v128): v128 {
  return v128.shuffle<i16>(left, columns, 7, 8, 9, 10, 11, 12, 13, 14)
}

/** The columns that are one to the right. */
function after (columns: v128, right: v128): v128 {
  return v128.shuffle<i16>(columns, right, 1, 2, 3, 4, 5, 6, 7, 8)
}

const THREE = i16x8.splat(3)
const MIDDLE = i16x8.splat(128)
const ROUNDING = i32x4.splat(1 << 15)
// Factors of the colour conversion. For each of the 256 sample values, they give the same rounded result as libjpeg's
// factors with 16 fractional bits.
const RED = i16x8.splat(13174) // 1.402 - 1, with 15 fractional bits
const BLUE = i16x8.splat(-7471) // 1.772 - 2, with 15 fractional bits
const GREEN = i16x8(18734, -22554, 18734, -22554, 18734, -22554, 18734, -22554) // 1 - 0.71414 and -0.34414, with 16 fractional bits

/**
 * Converts 16 pixels from JFIF's YCbCr to RGB.
 *
 * @see https://www.itu.int/rec/T-REC-T.871
 */
function storeRgb (y: v128, cbLow: v128, cbHigh: v128, crLow: v128, crHigh: v128, result: usize): void {
  const yLow = i16x8.extend_low_i8x16_u(y)
  const yHigh = i16x8.extend_high_i8x16_u(y)
  cbLow = i16x8.sub(cbLow, MIDDLE)
  cbHigh = i16x8.sub(cbHigh, MIDDLE)
  crLow = i16x8.sub(crLow, MIDDLE)
  crHigh = i16x8.sub(crHigh, MIDDLE)
  const red = i8x16.narrow_i16x8_u(redOf(yLow, crLow), redOf(yHigh, crHigh))
  const green = i8x16.narrow_i16x8_u(greenOf(yLow, cbLow, crLow), greenOf(yHigh, cbHigh, crHigh))
  const blue = i8x16.narrow_i16x8_u(blueOf(yLow, cbLow), blueOf(yHigh, cbHigh))
  const left = v128.shuffle<i8>(red, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
  const right = v128.shuffle<i8>(red, green, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
  const leftBlue = i16x8.extend_low_i8x16_u(blue)
  const rightBlue = i16x8.extend_high_i8x16_u(blue)
  v128.store(result, interleaveLow(left, leftBlue))
  v128.store(result, interleaveHigh(left, leftBlue), 16)
  v128.store(result, interleaveLow(right, rightBlue), 32)
  v128.store(result, interleaveHigh(right, rightBlue), 48)
}

function redOf (y: v128, cr: v128): v128 {
  return i16x8.add(i16x8.add(y, cr), i16x8.q15mulr_sat_s(cr, RED))
}

function blueOf (y: v128, cb: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), i16x8.q15mulr_sat_s(cb, BLUE))
}

function greenOf (y: v128, cb: v128, cr: v128): v128 {
  const both = i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(interleaveLow(cr, cb), GREEN), ROUNDING), 16),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(interleaveHigh(cr, cb), GREEN), ROUNDING), 16)
  )
  return i16x8.add(i16x8.sub(y, cr), both)
}
