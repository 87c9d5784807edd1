/** What a JPEG's header says of one that is read here. */
export interface JpegHeader {
  /** Pixels, as they are in the file, as is `height`. */
  width: number
  height: number
  /** As EXIF has it, 1 to 8; 1 is upright. */
  orientation: number
  /** Luminance alone, or luminance and two colours. */
  components: Component[]
  /** The divisors of coefficients, by number, in the order of the file. */
  quanta: Map<number, Uint16Array>
  /** Huffman codes by number; those of AC coefficients from 16 on. */
  codes: Map<number, Code>
  /** Units between two restart markers, or 0. */
  restart: number
  /** Where the bits of the picture begin. */
  scan: number
}

export interface Component {
  id: number
  /** Blocks of a unit, side by side and one above the other. */
  across: number
  down: number
  /** Numbers of its tables. */
  quanta: number
  dc: number
  ac: number
}

/** How many codes there are of each length from 1 to 16, and the symbols of all of them. */
export interface Code {
  counts: Uint8Array
  symbols: Uint8Array
}

/** The second bytes of markers. */
const MARKER = { baseline: 0xc0, extended: 0xc1, codes: 0xc4, lastFrame: 0xcf, standalone: 0xd0, end: 0xd9, scan: 0xda, quanta: 0xdb, restart: 0xdd, jfif: 0xe0, exif: 0xe1, adobe: 0xee }

/** EXIF's tag of the orientation. */
const ORIENTATION = 0x0112

/**
 * Reads the header of a JPEG as cameras, phones and browsers write them: baseline, in one scan, grey or YCbCr, 4:4:4,
 * 4:2:2 or 4:2:0.
 *
 * @returns null for any other bytes
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 */
export function readJpegHeader (bytes: Uint8Array): JpegHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header: JpegHeader = { width: 0, height: 0, orientation: 1, components: [], quanta: new Map(), codes: new Map(), restart: 0, scan: 0 }
  let isJfif = false
  let transform: number | null = null

  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!
    const end = at + 2 + view.getUint16(at + 2)
    if (bytes[at] !== 0xff || marker < MARKER.baseline || marker === 0xff || (marker >= MARKER.standalone && marker <= MARKER.end) || end > bytes.length) return null
    const segment = bytes.subarray(at + 4, end)
    at = end
    if (marker === MARKER.baseline || marker === MARKER.extended) {
      if (!readFrame(segment, header)) return null
    } else if (marker === MARKER.codes) {
      if (!readCodes(segment, header)) return null
    } else if (marker === MARKER.quanta) {
      if (!readQuanta(segment, header)) return null
    } else if (marker === MARKER.restart) {
      header.restart = uint16(segment, 0)
    } else if (marker === MARKER.jfif) {
      isJfif ||= startsWith(segment, 'JFIF\0')
    } else if (marker === MARKER.exif) {
      if (startsWith(segment, 'Exif\0\0')) header.orientation = orientationOf(segment.subarray(6)) ?? header.orientation
    } else if (marker === MARKER.adobe) {
      if (startsWith(segment, 'Adobe')) transform = segment[11] ?? null
    } else if (marker === MARKER.scan) {
      header.scan = end
      const { components } = header
      const isYcc = isJfif || transform === 1 || (transform === null && components.every(({ id }, at) => id === at + 1))
      return readScan(segment, header) && (components.length === 1 || (isYcc && isSampled(header))) ? header : null
    } else if (marker <= MARKER.lastFrame) {
      return null
    }
  }
  return null
}

/** Width and height in pixels, as a picture is shown. */
export function shownSize ({ width, height, orientation }: JpegHeader): [number, number] {
  return orientation > 4 ? [height, width] : [width, height]
}

function readFrame (segment: Uint8Array, header: JpegHeader): boolean {
  const [precision, , , , , count = 0] = segment
  if (header.components.length > 0 || precision !== 8 || (count !== 1 && count !== 3) || segment.length !== 6 + 3 * count) return false
  header.height = uint16(segment, 1)
  header.width = uint16(segment, 3)
  for (let at = 6; at < segment.length; at += 3) {
    const [id = 0, sampling = 0, quanta = 0] = segment.subarray(at)
    // What has nothing to be in proportion to comes block by block.
    const [across, down] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15]
    header.components.push({ id, across, down, quanta, dc: 0, ac: 0 })
  }
  return header.width > 0 && header.height > 0
}

/** Whether luminance and colours are in a proportion that is read here. */
function isSampled ({ components: [luminance, ...colours], width }: JpegHeader): boolean {
  const { across = 0, down = 0 } = luminance ?? {}
  // libjpeg does not interpolate the colours of the narrowest.
  return ['1 1', '2 1', '2 2'].includes(`${across} ${down}`) && colours.every(({ across, down }) => across === 1 && down === 1) && width > 4
}

/** Whether the scan is the only one: all components with all their coefficients, and every table is there. */
function readScan (segment: Uint8Array, { components, quanta, codes }: JpegHeader): boolean {
  const { length } = components
  if (length === 0 || segment[0] !== length || segment.length !== 4 + 2 * length) return false
  for (const [at, component] of components.entries()) {
    const [id, tables = 0] = segment.subarray(1 + at * 2)
    if (id !== component.id) return false
    component.dc = tables >> 4
    component.ac = 16 + (tables & 15)
    if (!quanta.has(component.quanta) || !codes.has(component.dc) || !codes.has(component.ac)) return false
  }
  const [first, last, approximation] = segment.subarray(1 + 2 * length)
  return first === 0 && last === 63 && approximation === 0
}

function readQuanta (segment: Uint8Array, { quanta }: JpegHeader): boolean {
  for (let at = 0; at < segment.length;) {
    const precision = segment[at]! >> 4
    const values = segment.subarray(at + 1, at + 1 + 64 * (precision + 1))
    if (precision > 1 || values.length !== 64 * (precision + 1)) return false
    quanta.set(segment[at]! & 15, Uint16Array.from({ length: 64 }, (_, i) => precision === 0 ? values[i]! : uint16(values, 2 * i)))
    at += 1 + values.length
  }
  return true
}

function readCodes (segment: Uint8Array, { codes }: JpegHeader): boolean {
  for (let at = 0; at < segment.length;) {
    const counts = segment.slice(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const symbols = segment.slice(at + 17, at + 17 + total)
    if (counts.length !== 16 || total > 256 || symbols.length !== total) return false
    let code = 0
    for (const [at, count] of counts.entries()) {
      code = code * 2 + count
      if (code > 2 << at) return false
    }
    codes.set(segment[at]!, { counts, symbols })
    at += 17 + total
  }
  return true
}

/** @see https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf */
function orientationOf (tiff: Uint8Array): number | undefined {
  if (tiff.length < 8) return undefined
  const isLittle = tiff[0] === 0x49
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const directory = view.getUint32(4, isLittle)
  if (directory + 2 > tiff.length) return undefined
  const end = Math.min(tiff.length, directory + 2 + view.getUint16(directory, isLittle) * 12)
  for (let entry = directory + 2; entry + 12 <= end; entry += 12) {
    if (view.getUint16(entry, isLittle) !== ORIENTATION) continue
    const orientation = view.getUint16(entry + 8, isLittle)
    return orientation >= 1 && orientation <= 8 ? orientation : undefined
  }
  return undefined
}

function uint16 (bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0)
}

function startsWith (segment: Uint8Array, text: string): boolean {
  return Buffer.from(text).equals(segment.subarray(0, text.length))
}
