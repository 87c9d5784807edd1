/**
 * The entropy decoder of JPEG, in AssemblyScript: Huffman codes to coefficients, and those to samples. It compiles to
 * WebAssembly with SIMD.
 *
 * The exported constants describe the data that lib/pixels/ writes for these loops.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 * @see https://www.assemblyscript.org
 */

import { COEFFICIENTS, fillBlock, transformBlock } from './transform'

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
 * @returns false if the input is no valid entropy-coded data, or if a coefficient is larger than those of any picture
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
      const rowBytes = load<i32>(block, BLOCK_ROW_BYTES)
      if (!(length === 1 ? fillBlock(result, rowBytes) : transformBlock(result, rowBytes))) return false
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
