import t from 'tap'
import { writeHuffmanTable } from '../../../lib/pixels/huffman.ts'
import { readJpegHeader, type HuffmanTable } from '../../../lib/pixels/jpeg-header.ts'
import { constants } from '../../../lib/pixels/simd.ts'
import { picture } from '../../fixtures/expected.ts'

const { HUFFMAN_BYTES, HUFFMAN_CODES, HUFFMAN_LIMITS, HUFFMAN_OFFSETS, HUFFMAN_SYMBOLS, HUFFMAN_VALUES, LOOKUP_BITS } = constants

// Pillow writes the tables of the specification's annex K, unless it is told to optimise.
const { huffmanTables } = readJpegHeader(picture('rgb.jpg'))!

/** Codes of table K.3, luminance DC: the size of a difference. https://www.w3.org/Graphics/JPEG/itu-t81.pdf */
const DC_CODES = { 0: '00', 1: '010', 2: '011', 3: '100', 4: '101', 5: '110', 6: '1110', 7: '11110', 8: '111110', 9: '1111110', 10: '11111110', 11: '111111110' }

/** Codes of table K.5, luminance AC: a run of zeros in the high four bits, and the size of the value after it. */
const AC_CODES = {
  0x00: '1010',
  0x01: '00',
  0x02: '01',
  0x03: '100',
  0x04: '1011',
  0x05: '11010',
  0x11: '1100',
  0x21: '11100',
  0x71: '11111010',
  0x81: '111111000',
  0xb1: '1111111001',
  0xc1: '1111111010',
  0xf0: '11111111001',
  0x09: '1111111110000010',
  0xfa: '1111111111111110'
}

const dc = written(huffmanTables.get(0)!)
const ac = written(huffmanTables.get(16)!)

t.test('the codes of the specification lead to their symbols, whatever bits follow', async t => {
  for (const [table, codes] of [[dc, DC_CODES], [ac, AC_CODES]] as const) {
    for (const [symbol, code] of Object.entries(codes)) {
      for (const next of ['0', '1']) t.same(table.read(code.padEnd(16, next)), { symbol: Number(symbol), length: code.length }, `${code}, then ${next}`)
    }
  }
})

t.test('one look finds the value that follows a short code', async t => {
  // A size of 3 is followed by 3 bits for −7 to −4, and 4 to 7.
  const values = ['000', '001', '010', '011', '100', '101', '110', '111'].map(bits => dc.value(`100${bits}`))
  t.same(values.map(({ value }) => value), [-7, -6, -5, -4, 4, 5, 6, 7])
  t.ok(values.every(({ length, run }) => length === 6 && run === 0))
  t.same([ac.value('11000'), ac.value('11001')], [{ value: -1, run: 1, length: 5 }, { value: 1, run: 1, length: 5 }])
})

t.test('where a value does not fit behind its code, or there is none, it takes a second look', async t => {
  const none = { value: 0, run: 0, length: 0 }
  t.same(dc.value('00'), none, 'a difference of 0')
  t.same(ac.value('1010'), none, 'the end of a block')
  t.same(dc.value('1111011'), none, '5 bits of code and 7 of the value are more than 10')
  t.same(dc.value('111110'), none, '8 bits of a value have no place in an entry')
})

t.test('no code means anything where the specification has none', async t => {
  t.equal(dc.read('1'.repeat(16)), null)
  t.equal(ac.read('1'.repeat(16)), null)
})

/** A table as simd/entropy.ts reads it. */
function written (table: HuffmanTable) {
  // Another table was there before.
  const memory = new Uint8Array(HUFFMAN_BYTES + 64).fill(0xaa)
  writeHuffmanTable(table, memory, 64)
  const view = new DataView(memory.buffer, 64)
  const lookUp = (bits: string) => parseInt(bits.padEnd(LOOKUP_BITS, '0').slice(0, LOOKUP_BITS), 2) * 2
  return {
    /** The symbol and the length of the code that 16 bits begin with. */
    read (bits: string): { symbol: number, length: number } | null {
      const known = view.getUint16(HUFFMAN_CODES + lookUp(bits), true)
      if (known > 0) return { symbol: known & 0xff, length: known >> 8 }
      const code = parseInt(bits, 2)
      for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
        if (code >= view.getUint32(HUFFMAN_LIMITS + 4 * length, true)) continue
        return { symbol: memory[64 + HUFFMAN_SYMBOLS + (code >> (16 - length)) + view.getInt32(HUFFMAN_OFFSETS + 4 * length, true)]!, length }
      }
      return null
    },
    /** The value behind the code, the zeros before it, and the length of both; all 0 where one look does not tell. */
    value (bits: string): { value: number, run: number, length: number } {
      const entry = view.getInt16(HUFFMAN_VALUES + lookUp(bits), true)
      return { value: entry >> 8, run: (entry & 0xf0) >> 4, length: entry & 15 }
    }
  }
}
