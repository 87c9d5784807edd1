/**
 * The inner loops of the JPEG decoder, in AssemblyScript. They compile to WebAssembly with SIMD. The integer arithmetic
 * is that of libjpeg's accurate inverse DCT and of its "fancy" upsampling. The pixels are therefore equal to the last
 * bit.
 *
 * The exported constants describe the data that lib/pixels/ writes for these loops.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 * @see https://www.assemblyscript.org
 */

/** The first address after the module's own data. */
export function freeAddress (): usize {
  // eslint-disable-next-line camelcase -- AssemblyScript's own name
  return __heap_base
}

/** Number of bits that index the two lookup tables of a Huffman table. */
export const LOOKUP_BITS: i32 = 10

// Offsets in a Huffman table, in bytes.

/** i16 for each lookup index: value << 8 | run of zeros << 4 | bits of code and value; 0 if they do not fit. */
export const HUFFMAN_VALUES: usize = 0
/** u16 for each lookup index: bits of the code << 8 | symbol; 0 if the code is longer. */
export const HUFFMAN_CODES: usize = 2048
/** u32 for each code length: the first longer code, left-aligned to 16 bits. */
export const HUFFMAN_LIMITS: usize = 4096
/** i32 for each code length: index of a code's symbol minus the code. */
export const HUFFMAN_OFFSETS: usize = 4164
/** u8 for each symbol. */
export const HUFFMAN_SYMBOLS: usize = 4232
/** Bytes of a Huffman table. */
export const HUFFMAN_BYTES: usize = 4488

// Offsets in the descriptor of a block of an MCU, in bytes. Each field has 32 bits.

/** Address of the Huffman table for the DC coefficient. */
export const BLOCK_DC_TABLE: usize = 0
/** Address of the Huffman table for the AC coefficients. */
export const BLOCK_AC_TABLE: usize = 4
/** Address of the quantisation table: 64 u16 in zigzag order. */
export const BLOCK_QUANTISATION: usize = 8
/** Address of an i32: the last DC coefficient of the component. */
export const BLOCK_LAST_DC: usize = 12
/** Address of the block's first sample in the first MCU of a row. */
export const BLOCK_SAMPLES: usize = 16
/** Bytes from one row of samples to the next. */
export const BLOCK_ROW_BYTES: usize = 20
/** Bytes from one MCU to the next. */
export const BLOCK_MCU_BYTES: usize = 24
/** Bytes of a block descriptor. */
export const BLOCK_BYTES: usize = 28

/** From zigzag order to row order. An index past the end gives the last coefficient. */
const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63
])

const ZEROS = i64x2.splat(0)

/** The 64 coefficients of a block, i16 each. */
const COEFFICIENTS: usize = memory.data(128, 16)

/** Address of the next input byte. */
let next: usize = 0
/** Address after the last input byte. */
let end: usize = 0
/** Bits that are read but not yet used, left-aligned. */
let bits: u64 = 0
/** Number of those bits. */
let count: i32 = 0
/** Number of those bits that stand for no input, because a marker or the end of the input came first. */
let padding: i32 = 0

/**
 * Starts to read bits at an address.
 *
 * @param until address after the last input byte
 */
export function startInput (address: usize, until: usize): void {
  next = address
  end = until
  bits = 0
  count = 0
  padding = 0
}

/**
 * Tells the reader that the input moved in memory.
 *
 * @param distance bytes that are added to the address of the next byte
 * @param until new address after the last input byte
 */
export function moveInput (distance: isize, until: usize): void {
  next += distance
  end = until
}

/** Address of the next byte that is read. */
export function inputAddress (): usize {
  return next
}

/**
 * Drops the rest of the last byte, and zero bytes up to the next marker.
 *
 * @returns false if the decoder used more bits than the input has, or if other bytes come before the marker
 */
export function skipToMarker (): bool {
  fill()
  if (count < padding) return false
  const rest = (count - padding) & 7
  bits <<= rest
  count -= rest
  while (count > padding) {
    if (bits >> (64 - (count - padding)) !== 0) return false
    startInput(next, end)
    fill()
  }
  return true
}

/** Makes at least 57 bits available. After a marker or the end of the input, it appends zeros. */
function fill (): void {
  if (next + 8 <= end) {
    const word = bswap<u64>(load<u64>(next))
    // The fast path: none of the 8 bytes is 0xFF, so there is neither a marker nor a stuffed byte.
    if ((((~word) - 0x0101010101010101) & word & 0x8080808080808080) === 0) {
      bits |= word >> count
      const bytes = (63 - count) >> 3
      next += bytes
      count += bytes << 3
      return
    }
  }
  while (count <= 56) {
    let byte: u64 = 0
    if (next < end) {
      byte = load<u8>(next)
      if (byte !== 0xff) {
        next++
      } else if (next + 1 < end && load<u8>(next, 1) === 0) {
        next += 2
      } else {
        byte = 0
        padding += 8
      }
    } else {
      padding += 8
    }
    bits |= byte << (56 - count)
    count += 8
  }
}

/** Extends the sign of the next `length` bits, 1 to 15: the EXTEND procedure of the standard. */
function valueOf (ahead: u64, length: i32): i32 {
  const value = i32(ahead >> (64 - length))
  return value < (1 << (length - 1)) ? value - (1 << length) + 1 : value
}

/** Finds the next Huffman code: bits of the code << 8 | symbol, or 0 if the table has no such code. */
function codeOf (table: usize, ahead: u64): i32 {
  const known: i32 = load<u16>(table + (usize(ahead >> (64 - LOOKUP_BITS)) << 1), HUFFMAN_CODES)
  if (known !== 0) return known
  const code = u32(ahead >> 48)
  for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
    if (code < load<u32>(table + (length << 2), HUFFMAN_LIMITS)) {
      return length << 8 | load<u8>(table + (code >> (16 - length)) + load<i32>(table + (length << 2), HUFFMAN_OFFSETS), HUFFMAN_SYMBOLS)
    }
  }
  return 0
}

/**
 * Decodes MCUs from left to right.
 *
 * @param blocks address of the descriptors of the blocks of an MCU
 * @param blockCount number of blocks in an MCU
 * @param mcu index of the first MCU in its row
 * @param mcuCount number of MCUs
 * @param from index of the first MCU whose samples are needed
 * @param to index after the last MCU whose samples are needed
 * @returns false if the input is no valid entropy-coded data
 */
export function decodeMcus (blocks: usize, blockCount: i32, mcu: i32, mcuCount: i32, from: i32, to: i32): bool {
  const afterLast = blocks + usize(blockCount) * BLOCK_BYTES
  for (const last = mcu + mcuCount; mcu < last; mcu++) {
    const isNeeded = mcu >= from && mcu < to
    for (let block = blocks; block < afterLast; block += BLOCK_BYTES) {
      const length = readCoefficients(block, isNeeded)
      if (length === 0) return false
      if (!isNeeded) continue
      const result = load<usize>(block, BLOCK_SAMPLES) + mcu * load<i32>(block, BLOCK_MCU_BYTES)
      if (length === 1) fillBlock(result, load<i32>(block, BLOCK_ROW_BYTES))
      else transformBlock(result, load<i32>(block, BLOCK_ROW_BYTES))
    }
  }
  return count >= padding
}

/**
 * Reads the coefficients of a block.
 *
 * @param isNeeded whether to store the coefficients
 * @returns index after the last coefficient in zigzag order, or 0 if the input is invalid
 */
function readCoefficients (block: usize, isNeeded: bool): i32 {
  const quantisation = load<usize>(block, BLOCK_QUANTISATION)
  if (isNeeded) {
    // Faster than memory.fill(), which is a call.
    for (let at = COEFFICIENTS; at < COEFFICIENTS + 128; at += 64) {
      v128.store(at, ZEROS)
      v128.store(at, ZEROS, 16)
      v128.store(at, ZEROS, 32)
      v128.store(at, ZEROS, 48)
    }
  }
  if (count < 32) fill()
  // Local variables stay in registers. Global variables are loaded and stored at each use.
  let ahead = bits
  let left = count

  const code = codeOf(load<usize>(block, BLOCK_DC_TABLE), ahead)
  const size = code & 255
  if (code === 0 || size > 15) return 0
  ahead <<= code >> 8
  left -= code >> 8
  const last = load<usize>(block, BLOCK_LAST_DC)
  let dc = load<i32>(last)
  if (size !== 0) {
    dc += valueOf(ahead, size)
    ahead <<= size
    left -= size
  }
  store<i32>(last, dc)
  if (isNeeded) store<i16>(COEFFICIENTS, dc * load<u16>(quantisation))

  const table = load<usize>(block, BLOCK_AC_TABLE)
  let at = 1
  let used = 1
  while (at < 64) {
    if (left < 32) {
      bits = ahead
      count = left
      fill()
      ahead = bits
      left = count
    }
    const known: i32 = load<i16>(table + (usize(ahead >> (64 - LOOKUP_BITS)) << 1), HUFFMAN_VALUES)
    let value: i32
    if (known !== 0) {
      at += (known >> 4) & 15
      ahead <<= known & 15
      left -= known & 15
      value = known >> 8
    } else {
      const code = codeOf(table, ahead)
      if (code === 0) return 0
      ahead <<= code >> 8
      left -= code >> 8
      const size = code & 15
      if (size === 0) {
        if ((code & 255) !== 0xf0) break
        at += 16
        continue
      }
      at += (code >> 4) & 15
      value = valueOf(ahead, size)
      ahead <<= size
      left -= size
    }
    if (at > 63) return 0
    if (isNeeded) store<i16>(COEFFICIENTS + (usize(load<u8>(ZIGZAG + at)) << 1), value * load<u16>(quantisation + (at << 1)))
    used = ++at
  }
  bits = ahead
  count = left
  return at > 64 ? 0 : used
}

/** Fills a block that has a DC coefficient only: all of its 8 × 8 samples are equal. */
function fillBlock (result: usize, rowBytes: i32): void {
  const sample = ((load<i16>(COEFFICIENTS) as i32) + 4 >> 3) + 128
  const samples = u64(sample < 0 ? 0 : sample > 255 ? 255 : sample) * 0x0101010101010101
  for (let row = 0; row < 8; row++) {
    store<u64>(result, samples)
    result += rowBytes
  }
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
 * @see https://doi.org/10.1109/ICASSP.1989.266596
 */
function transformBlock (result: usize, rowBytes: i32): void {
  transformColumns(11, i32x4.splat(1 << 10))
  transformColumns(18, i32x4.splat(1 << 17))
  for (let row: usize = COEFFICIENTS; row < COEFFICIENTS + 128; row += 32) {
    const samples = i8x16.add(i8x16.narrow_i16x8_s(v128.load(row), v128.load(row, 16)), i8x16.splat(-128))
    v128.store64_lane(result, samples, 0)
    v128.store64_lane(result + rowBytes, samples, 1)
    result += rowBytes << 1
  }
}

/** Interleaves the first four numbers of two vectors. */
function interleaveLow (first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** Interleaves the last four numbers of two vectors. */
function interleaveHigh (first: v128, second: v128): v128 {
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
