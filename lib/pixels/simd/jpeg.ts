/**
 * The inner loops of a JPEG decoder, in AssemblyScript: they become WebAssembly with SIMD. The integers are those of
 * libjpeg's accurate transform and of its "fancy" upsampling, so that the pixels are the same to the last bit.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 * @see https://www.assemblyscript.org
 */

/** Bits that a Huffman table is asked about at once. Places in a table, in bytes: */
const AHEAD: i32 = 10
const SHORT: usize = 0 // i16 for each such bits: value << 8 | zeros before it << 4 | length of code and value, or 0
const CODE: usize = 2048 // u16 for each such bits: length << 8 | symbol, or 0 for a longer code
const LIMITS: usize = 4096 // u32 for each length: the first code, of 16 bits, that is longer
const OFFSETS: usize = 4164 // i32 for each length: from its codes to their symbols
const SYMBOLS: usize = 4232 // u8 each

/** Places in what is told about each block of a unit, in bytes; each is 32 bits wide. */
const DC: usize = 0
const AC: usize = 4
const QUANTA: usize = 8 // address of 64 u16, in the order of the file
const LAST: usize = 12 // address of an i32: the component's last DC coefficient
const PLANE: usize = 16 // address of its first pixel in the first unit of a row of units
const STRIDE: usize = 20
const STEP: usize = 24 // bytes from one unit to the next
const BLOCK: usize = 28

/** From the order of the file to rows, in i16 of a block; what lies past the end is the last. */
const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63
])

const NONE = i64x2.splat(0)

/** Coefficients of a block, i16 each. */
const COEFFICIENTS: usize = memory.data(128, 16)

/** Where the next byte is read, and where bytes end; 8 bytes past them can be read and do not count. */
let next: usize = 0
let end: usize = 0
/** Bits that were read and not used, from the highest on; how many, and how many of them were made up past the end. */
let bits: u64 = 0
let count: i32 = 0
let madeUp: i32 = 0

/** Begins to read at an address, with no bits left over. */
export function seek (at: usize, until: usize): void {
  next = at
  end = until
  bits = 0
  count = 0
  madeUp = 0
}

/** Says that bytes have moved, by so much, and where they end now. */
export function move (by: isize, until: usize): void {
  next += by
  end = until
}

/** Where the next byte would be read. */
export function place (): usize {
  return next
}

/** Whether no more was used than was there, and less than a byte is left before the marker that comes next. */
export function isAligned (): bool {
  fill()
  return count >= madeUp && count - madeUp < 8
}

/** Makes 57 bits available; past the end, or past a marker, they are zeros. */
function fill (): void {
  if (next + 8 <= end) {
    const word = bswap<u64>(load<u64>(next))
    // No byte of it is 0xFF, which would need a closer look.
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
        madeUp += 8
      }
    } else {
      madeUp += 8
    }
    bits |= byte << (56 - count)
    count += 8
  }
}

/** The value that so many of the next bits, 1 to 15, stand for. */
function valueOf (ahead: u64, length: i32): i32 {
  const value = i32(ahead >> (64 - length))
  return value < (1 << (length - 1)) ? value - (1 << length) + 1 : value
}

/** The length of the code that comes next, times 256, and its symbol; 0 where the bits are no code of the table. */
function codeOf (table: usize, ahead: u64): i32 {
  const known: i32 = load<u16>(table + (usize(ahead >> (64 - AHEAD)) << 1), CODE)
  if (known !== 0) return known
  const code = u32(ahead >> 48)
  for (let length = AHEAD + 1; length <= 16; length++) {
    if (code < load<u32>(table + (length << 2), LIMITS)) {
      return length << 8 | load<u8>(table + (code >> (16 - length)) + load<i32>(table + (length << 2), OFFSETS), SYMBOLS)
    }
  }
  return 0
}

/**
 * Decodes units from left to right.
 *
 * @param blocks address of what is told about each block of a unit
 * @param size blocks of a unit
 * @param unit number of the first unit in its row
 * @param units how many
 * @param from the first unit whose pixels are wanted
 * @param to the unit after the last one whose pixels are wanted
 * @returns false where the bits are none that an encoder writes
 */
export function decode (blocks: usize, size: i32, unit: i32, units: i32, from: i32, to: i32): bool {
  const afterLast = blocks + usize(size) * BLOCK
  for (const last = unit + units; unit < last; unit++) {
    const wanted = unit >= from && unit < to
    for (let block = blocks; block < afterLast; block += BLOCK) {
      const length = coefficients(block, wanted)
      if (length === 0) return false
      if (!wanted) continue
      const result = load<usize>(block, PLANE) + unit * load<i32>(block, STEP)
      if (length === 1) flat(result, load<i32>(block, STRIDE))
      else transform(result, load<i32>(block, STRIDE))
    }
  }
  return count >= madeUp
}

/** Reads the coefficients of a block: where they end, in the order of the file, or 0 where the bits are wrong. */
function coefficients (block: usize, wanted: bool): i32 {
  const quanta = load<usize>(block, QUANTA)
  if (wanted) {
    // Quicker than memory.fill(), which is a call.
    for (let at = COEFFICIENTS; at < COEFFICIENTS + 128; at += 64) {
      v128.store(at, NONE)
      v128.store(at, NONE, 16)
      v128.store(at, NONE, 32)
      v128.store(at, NONE, 48)
    }
  }
  if (count < 32) fill()
  // Kept at hand: what is global goes through memory each time.
  let ahead = bits
  let left = count

  const code = codeOf(load<usize>(block, DC), ahead)
  const size = code & 255
  if (code === 0 || size > 15) return 0
  ahead <<= code >> 8
  left -= code >> 8
  const last = load<usize>(block, LAST)
  let mean = load<i32>(last)
  if (size !== 0) {
    mean += valueOf(ahead, size)
    ahead <<= size
    left -= size
  }
  store<i32>(last, mean)
  if (wanted) store<i16>(COEFFICIENTS, mean * load<u16>(quanta))

  const table = load<usize>(block, AC)
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
    const short: i32 = load<i16>(table + (usize(ahead >> (64 - AHEAD)) << 1), SHORT)
    let value: i32
    if (short !== 0) {
      at += (short >> 4) & 15
      ahead <<= short & 15
      left -= short & 15
      value = short >> 8
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
    if (wanted) store<i16>(COEFFICIENTS + (usize(load<u8>(ZIGZAG + at)) << 1), value * load<u16>(quanta + (at << 1)))
    used = ++at
  }
  bits = ahead
  count = left
  return at > 64 ? 0 : used
}

/** Eight rows of eight pixels of one value, where there is nothing but a mean. */
function flat (result: usize, stride: i32): void {
  const mean = ((load<i16>(COEFFICIENTS) as i32) + 4 >> 3) + 128
  const value = u64(mean < 0 ? 0 : mean > 255 ? 255 : mean) * 0x0101010101010101
  for (let row = 0; row < 8; row++) {
    store<u64>(result, value)
    result += stride
  }
}

// Constants of the transform, with 13 bits behind the point, in the pairs that they are multiplied and added in.
const EVEN_2 = i16x8(4433, -10704, 4433, -10704, 4433, -10704, 4433, -10704)
const EVEN_3 = i16x8(10703, 4433, 10703, 4433, 10703, 4433, 10703, 4433)
const ODD_Z3 = i16x8(-6436, 9633, -6436, 9633, -6436, 9633, -6436, 9633)
const ODD_Z4 = i16x8(9633, 6437, 9633, 6437, 9633, 6437, 9633, 6437)
const ODD_0 = i16x8(-4927, -7373, -4927, -7373, -4927, -7373, -4927, -7373)
const ODD_3 = i16x8(-7373, 4926, -7373, 4926, -7373, 4926, -7373, 4926)
const ODD_1 = i16x8(-4176, -20995, -4176, -20995, -4176, -20995, -4176, -20995)
const ODD_2 = i16x8(-20995, 4177, -20995, 4177, -20995, 4177, -20995, 4177)

/**
 * The inverse cosine transform of the coefficients, by Loeffler, Ligtenberg and Moschytz: first of columns, then of rows.
 *
 * @see https://doi.org/10.1109/ICASSP.1989.266596
 */
function transform (result: usize, stride: i32): void {
  half(11, i32x4.splat(1 << 10))
  half(18, i32x4.splat(1 << 17))
  for (let row: usize = COEFFICIENTS; row < COEFFICIENTS + 128; row += 32) {
    const pixels = i8x16.add(i8x16.narrow_i16x8_s(v128.load(row), v128.load(row, 16)), i8x16.splat(-128))
    v128.store64_lane(result, pixels, 0)
    v128.store64_lane(result + stride, pixels, 1)
    result += stride << 1
  }
}

function low (first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11)
}

function high (first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, second, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** One pass over the columns of the coefficients, and a transposition. */
function half (shift: i32, rounding: v128): void {
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

  let pair = low(in2, in6)
  let even2 = i32x4.dot_i16x8_s(pair, EVEN_2)
  let even3 = i32x4.dot_i16x8_s(pair, EVEN_3)
  let even0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(sum), 13), rounding)
  let even1 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(difference), 13), rounding)
  pair = low(z3, z4)
  let third = i32x4.dot_i16x8_s(pair, ODD_Z3)
  let fourth = i32x4.dot_i16x8_s(pair, ODD_Z4)
  pair = low(in7, in1)
  let odd0 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_0), third)
  let odd3 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_3), fourth)
  pair = low(in5, in3)
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

  pair = high(in2, in6)
  even2 = i32x4.dot_i16x8_s(pair, EVEN_2)
  even3 = i32x4.dot_i16x8_s(pair, EVEN_3)
  even0 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(sum), 13), rounding)
  even1 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(difference), 13), rounding)
  pair = high(z3, z4)
  third = i32x4.dot_i16x8_s(pair, ODD_Z3)
  fourth = i32x4.dot_i16x8_s(pair, ODD_Z4)
  pair = high(in7, in1)
  odd0 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_0), third)
  odd3 = i32x4.add(i32x4.dot_i16x8_s(pair, ODD_3), fourth)
  pair = high(in5, in3)
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

  // Transposed by three rounds of riffles.
  const a0 = low(row0, row4)
  const a1 = high(row0, row4)
  const a2 = low(row1, row5)
  const a3 = high(row1, row5)
  const a4 = low(row2, row6)
  const a5 = high(row2, row6)
  const a6 = low(row3, row7)
  const a7 = high(row3, row7)
  const b0 = low(a0, a4)
  const b1 = high(a0, a4)
  const b2 = low(a1, a5)
  const b3 = high(a1, a5)
  const b4 = low(a2, a6)
  const b5 = high(a2, a6)
  const b6 = low(a3, a7)
  const b7 = high(a3, a7)
  v128.store(COEFFICIENTS, low(b0, b4))
  v128.store(COEFFICIENTS, high(b0, b4), 16)
  v128.store(COEFFICIENTS, low(b1, b5), 32)
  v128.store(COEFFICIENTS, high(b1, b5), 48)
  v128.store(COEFFICIENTS, low(b2, b6), 64)
  v128.store(COEFFICIENTS, high(b2, b6), 80)
  v128.store(COEFFICIENTS, low(b3, b7), 96)
  v128.store(COEFFICIENTS, high(b3, b7), 112)
}

/**
 * A row of RGB pixels, of four bytes each, from three of equal width, 16 pixels at a time: up to 15 more are read and
 * written.
 *
 * @param width pixels
 */
export function rgbOfFull (y: usize, cb: usize, cr: usize, width: i32, result: usize): void {
  for (let x = 0; x < width; x += 16) {
    const blue = v128.load(cb + x)
    const red = v128.load(cr + x)
    toRgb(
      v128.load(y + x), i16x8.extend_low_i8x16_u(blue), i16x8.extend_high_i8x16_u(blue),
      i16x8.extend_low_i8x16_u(red), i16x8.extend_high_i8x16_u(red), result
    )
    result += 64
  }
}

/**
 * The same where colours have half the width, and half the height or all of it: each is a weighted mean of those around
 * it, the nearer row and the nearer column having three times the weight. The column before the first and the one after
 * the last must be there; up to 16 more are read.
 *
 * @param cb address of the colours' row, as is `cr`
 * @param nearCb address of the row that is next nearest, as is `nearCr`
 * @param even what is added before the rounding of the even columns, and `odd` of the odd ones
 */
export function rgbOfHalf (y: usize, cb: usize, cr: usize, nearCb: usize, nearCr: usize, even: i32, odd: i32, width: i32, result: usize): void {
  const evenBias = i16x8.splat(i16(even))
  const oddBias = i16x8.splat(i16(odd))
  let blueBefore = sums(cb - 8, nearCb - 8)
  let redBefore = sums(cr - 8, nearCr - 8)
  let blue = sums(cb, nearCb)
  let red = sums(cr, nearCr)
  for (let x = 0; x < width; x += 16) {
    cb += 8
    cr += 8
    nearCb += 8
    nearCr += 8
    const blueAfter = sums(cb, nearCb)
    const redAfter = sums(cr, nearCr)
    const blueEven = mean(blue, before(blueBefore, blue), evenBias)
    const blueOdd = mean(blue, after(blue, blueAfter), oddBias)
    const redEven = mean(red, before(redBefore, red), evenBias)
    const redOdd = mean(red, after(red, redAfter), oddBias)
    toRgb(v128.load(y + x), low(blueEven, blueOdd), high(blueEven, blueOdd), low(redEven, redOdd), high(redEven, redOdd), result)
    blueBefore = blue
    redBefore = red
    blue = blueAfter
    red = redAfter
    result += 64
  }
}

/** Three times the one row and once the other. */
function sums (row: usize, near: usize): v128 {
  return i16x8.add(i16x8.mul(v128.load8x8_u(row), THREE), v128.load8x8_u(near))
}

function mean (column: v128, near: v128, bias: v128): v128 {
  return i16x8.shr_u(i16x8.add(i16x8.add(i16x8.mul(column, THREE), near), bias), 4)
}

/** The columns one to the left. */
function before (left: v128, columns: v128): v128 {
  return v128.shuffle<i16>(left, columns, 7, 8, 9, 10, 11, 12, 13, 14)
}

/** The columns one to the right. */
function after (columns: v128, right: v128): v128 {
  return v128.shuffle<i16>(columns, right, 1, 2, 3, 4, 5, 6, 7, 8)
}

const THREE = i16x8.splat(3)
const MIDDLE = i16x8.splat(128)
const ROUNDING = i32x4.splat(1 << 15)
// For each of the 256 values, these round as libjpeg's factors of 16 bits do.
const RED = i16x8.splat(13174) // 1.402 - 1, with 15 bits behind the point
const BLUE = i16x8.splat(-7471) // 1.772 - 2
const GREEN = i16x8(18734, -22554, 18734, -22554, 18734, -22554, 18734, -22554) // 1 - 0.71414 and -0.34414, with 16 bits

/** @see https://www.itu.int/rec/T-REC-T.871 JFIF's colours */
function toRgb (y: v128, cbLow: v128, cbHigh: v128, crLow: v128, crHigh: v128, result: usize): void {
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
  v128.store(result, low(left, leftBlue))
  v128.store(result, high(left, leftBlue), 16)
  v128.store(result, low(right, rightBlue), 32)
  v128.store(result, high(right, rightBlue), 48)
}

function redOf (y: v128, cr: v128): v128 {
  return i16x8.add(i16x8.add(y, cr), i16x8.q15mulr_sat_s(cr, RED))
}

function blueOf (y: v128, cb: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), i16x8.q15mulr_sat_s(cb, BLUE))
}

function greenOf (y: v128, cb: v128, cr: v128): v128 {
  const both = i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low(cr, cb), GREEN), ROUNDING), 16),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high(cr, cb), GREEN), ROUNDING), 16)
  )
  return i16x8.add(i16x8.sub(y, cr), both)
}
