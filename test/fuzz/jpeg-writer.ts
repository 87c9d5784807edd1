import { between, numbers } from './random.ts'

/**
 * Writes baseline JPEGs of pseudo-random coefficients. It reaches what no encoder at hand writes: every sampling, restart
 * intervals, Huffman codes of all lengths, 16-bit quantisation tables, and coefficients of any size.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 */

/** What the file looks like. */
export interface WrittenJpeg {
  width: number
  height: number
  /** Horizontal and vertical sampling factors of each component: one for grey, three for YCbCr. */
  samplings: ReadonlyArray<readonly [number, number]>
  /** MCUs between restart markers; 0: none. */
  restartInterval: number
  /** `equal`: Huffman codes of 4 and 8 bits. `skewed`: of 1 to 7 and of 16 bits. */
  codes: 'equal' | 'skewed'
  /** Most coefficients of a block that are not 0, 0 to 64. */
  coefficients: number
  /** Most bits of a coefficient: 11 is the most that baseline allows for DC, and 10 for AC. */
  coefficientBits: number
  /** Largest value of the quantisation tables; above 255 the tables have 16 bits. */
  quantisation: number
  /** Bits of a sample in the frame header. */
  precision: number
  /** Bytes 0xFF before each marker, beside its own. */
  fillBytes: number
  /** Marker of a segment that comes before the frame, and its number of bytes. */
  extra: { marker: number, length: number } | null
  seed: number
}

interface Huffman {
  counts: number[]
  symbols: number[]
  codes: Map<number, { code: number, length: number }>
}

/** Writes a file. Coefficients are random, so their order within a block does not matter. */
export function writeJpeg (jpeg: WrittenJpeg): Buffer {
  const random = numbers(jpeg.seed)
  const { samplings, width, height, precision } = jpeg
  const dcSymbols = Array.from({ length: 12 }, (_, size) => size)
  const acSymbols = [0x00, 0xf0]
  for (let run = 0; run < 16; run++) for (let size = 1; size <= 10; size++) acSymbols.push(run << 4 | size)
  const dc = huffman(shuffled(dcSymbols, random), jpeg.codes, 4)
  const ac = huffman(shuffled(acSymbols, random), jpeg.codes, 8)
  const is16Bit = jpeg.quantisation > 255
  const table = Array.from({ length: 64 }, () => between(random, 1, jpeg.quantisation)).flatMap(value => is16Bit ? [value >> 8, value & 255] : [value])

  const fill = Buffer.alloc(jpeg.fillBytes, 0xff)
  const segment = (marker: number, data: Iterable<number>) => {
    const bytes = Buffer.from([...data])
    return Buffer.concat([fill, Buffer.of(0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255), bytes])
  }
  const extra = jpeg.extra ? [segment(jpeg.extra.marker, Array.from({ length: jpeg.extra.length }, () => between(random, 0, 255)))] : []
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    ...extra,
    segment(0xdb, [is16Bit ? 0x10 : 0, ...table]),
    segment(0xc0, [precision, height >> 8, height & 255, width >> 8, width & 255, samplings.length, ...samplings.flatMap(([h, v], at) => [at + 1, h << 4 | v, 0])]),
    segment(0xc4, [0x00, ...dc.counts, ...dc.symbols, 0x10, ...ac.counts, ...ac.symbols]),
    ...jpeg.restartInterval > 0 ? [segment(0xdd, [jpeg.restartInterval >> 8, jpeg.restartInterval & 255])] : [],
    segment(0xda, [samplings.length, ...samplings.flatMap((_, at) => [at + 1, 0]), 0, 63, 0]),
    entropyData(jpeg, dc, ac, random, fill),
    fill,
    Buffer.of(0xff, 0xd9)
  ])
}

function entropyData (jpeg: WrittenJpeg, dc: Huffman, ac: Huffman, random: () => number, fill: Buffer): Buffer {
  const { samplings, width, height, restartInterval, coefficientBits } = jpeg
  // In a scan of one component, an MCU is one block, whatever its sampling factors are.
  const factors = samplings.length === 1 ? [[1, 1] as const] : samplings
  const most = { h: Math.max(...factors.map(([h]) => h)), v: Math.max(...factors.map(([, v]) => v)) }
  const mcus = Math.ceil(width / (8 * most.h)) * Math.ceil(height / (8 * most.v))
  const dcLimit = 2 ** Math.min(11, coefficientBits) - 1
  const acLimit = 2 ** Math.min(10, coefficientBits) - 1
  const parts: Buffer[] = []
  let bits = new Bits()
  let last = factors.map(() => 0)
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      parts.push(bits.end(), fill, Buffer.of(0xff, 0xd0 + (mcu / restartInterval - 1) % 8))
      bits = new Bits()
      last = factors.map(() => 0)
    }
    for (const [component, [h, v]] of factors.entries()) {
      for (let block = 0; block < h * v; block++) writeBlock(component)
    }
  }
  return Buffer.concat([...parts, bits.end()])

  function writeBlock (component: number): void {
    // The difference has at most 11 bits.
    const before = last[component]!
    const value = between(random, Math.max(-dcLimit >> 1, before - dcLimit), Math.min(dcLimit >> 1, before + dcLimit))
    last[component] = value
    writeValue(dc, 0, value - before)
    const count = between(random, 0, jpeg.coefficients)
    let run = 0
    let at = 1
    for (let left = count; at < 64 && left > 0; at++) {
      const value = random() < left / (64 - at + 1) * 2 ? between(random, -acLimit, acLimit) : 0
      if (value === 0) {
        run++
        continue
      }
      left--
      writeAc(run, value)
      run = 0
    }
    if (at < 64 || run > 0) write(ac, 0x00)
  }

  function writeAc (run: number, value: number): void {
    for (; run > 15; run -= 16) write(ac, 0xf0)
    writeValue(ac, run, value)
  }

  function writeValue (table: Huffman, run: number, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value))
    write(table, run << 4 | size)
    bits.write(value < 0 ? value + (1 << size) - 1 : value, size)
  }

  function write (table: Huffman, symbol: number): void {
    const { code, length } = table.codes.get(symbol)!
    bits.write(code, length)
  }
}

/** Bits of one restart interval. */
class Bits {
  readonly #bytes: number[] = []
  #byte = 0
  #count = 0

  write (value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#byte = this.#byte << 1 | (value >> bit & 1)
      if (++this.#count < 8) continue
      this.#bytes.push(this.#byte)
      if (this.#byte === 0xff) this.#bytes.push(0)
      this.#byte = 0
      this.#count = 0
    }
  }

  /** The bytes, where ones fill the last of them. */
  end (): Buffer {
    while (this.#count > 0) this.write(1, 1)
    return Buffer.from(this.#bytes)
  }
}

/** Gives codes to symbols. `skewed` gives the first ones short codes, and the most of them codes of 16 bits. */
function huffman (symbols: number[], kind: 'equal' | 'skewed', length: number): Huffman {
  const counts = new Array<number>(16).fill(0)
  for (const at of symbols.keys()) counts[(kind === 'equal' ? length : at < 7 ? at + 1 : 16) - 1]!++
  const codes: Huffman['codes'] = new Map()
  let code = 0
  let index = 0
  for (const [at, count] of counts.entries()) {
    for (let left = count; left > 0; left--) codes.set(symbols[index++]!, { code: code++, length: at + 1 })
    code <<= 1
  }
  return { counts, symbols, codes }
}

function shuffled (values: number[], random: () => number): number[] {
  return values.map(value => ({ value, key: random() })).sort((a, b) => a.key - b.key).map(({ value }) => value)
}
