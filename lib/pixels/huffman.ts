import type { HuffmanTable } from './jpeg-header.ts'
import { constants } from './simd.ts'

const { LOOKUP_BITS, HUFFMAN_VALUES, HUFFMAN_CODES, HUFFMAN_LIMITS, HUFFMAN_OFFSETS, HUFFMAN_SYMBOLS } = constants

/** Most bits of a value that the lookup table holds: an i16 has 8 bits for it, one of which is the sign. */
const MAX_VALUE_BITS = 7

/**
 * Writes a Huffman table in the layout of simd/entropy.ts. Most codes are short: the index into a lookup table is the next
 * `LOOKUP_BITS` bits of the input, and the entry is the code that they start with.
 *
 * @param address of `HUFFMAN_BYTES` bytes
 */
export function writeHuffmanTable ({ counts, symbols }: HuffmanTable, memory: Uint8Array, address: number): void {
  const values = new Int16Array(memory.buffer, address + HUFFMAN_VALUES, 1 << LOOKUP_BITS).fill(0)
  const codes = new Uint16Array(memory.buffer, address + HUFFMAN_CODES, 1 << LOOKUP_BITS).fill(0)
  const limits = new Uint32Array(memory.buffer, address + HUFFMAN_LIMITS, 17)
  const offsets = new Int32Array(memory.buffer, address + HUFFMAN_OFFSETS, 17)
  memory.set(symbols, address + HUFFMAN_SYMBOLS)
  let code = 0
  let index = 0
  for (let length = 1; length <= 16; length++, code <<= 1) {
    offsets[length] = index - code
    for (let left = counts[length - 1]!; left > 0; left--, code++, index++) {
      const freeBits = LOOKUP_BITS - length
      if (freeBits < 0) continue
      const symbol = symbols[index]!
      codes.fill(length << 8 | symbol, code << freeBits, (code + 1) << freeBits)
      // Where the bits of the value fit behind the code, one lookup gives both.
      const size = symbol & 15
      if (size === 0 || size > Math.min(freeBits, MAX_VALUE_BITS)) continue
      for (let bits = 0; bits < 1 << size; bits++) {
        const value = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits
        const from = (code << size | bits) << (freeBits - size)
        values.fill(value << 8 | symbol & 0xf0 | (length + size), from, from + (1 << (freeBits - size)))
      }
    }
    limits[length] = code << (16 - length)
  }
}
