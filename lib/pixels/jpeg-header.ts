import { exifOrientation, orientationIn } from './orientation.ts'
import type { Size } from './pixels.ts'

/** Sampling factors of a component: its 8 × 8 blocks in an MCU, side by side and one above the other. */
export interface Sampling {
  horizontal: number
  vertical: number
}

export interface Component extends Sampling {
  id: number
  /** Numbers of its tables. */
  quantisationTable: number
  dcTable: number
  acTable: number
}

/** A frame header: the size of the stored picture, and Y alone or Y, Cb and Cr. */
export interface Frame extends Size {
  components: Component[]
}

/** The header of a JPEG that `JpegScan` decodes. Width and height are those of the stored picture. */
export interface JpegHeader extends Frame {
  /** Orientation by EXIF or XMP, 1 to 8; 1 is upright. */
  orientation: number
  /** Quantisation tables by number, in zigzag order. */
  quantisationTables: Map<number, Uint16Array>
  /** Huffman tables by number; those for AC coefficients have numbers from 16 on. */
  huffmanTables: Map<number, HuffmanTable>
  /** MCUs between two restart markers, or 0 if there are no restart markers. */
  restartInterval: number
  /** Offset of the entropy-coded data in the file, in bytes. */
  scanStart: number
}

export interface HuffmanTable {
  /** Number of codes of each length from 1 to 16. */
  counts: Uint8Array
  /** Symbols in the order of their codes. */
  symbols: Uint8Array
}

/** Sampling factors of Y that `JpegScan` decodes, where Cb and Cr have 1 × 1: 4:4:4, 4:2:2 and 4:2:0. */
const LUMA_SAMPLINGS: readonly Sampling[] = [{ horizontal: 1, vertical: 1 }, { horizontal: 2, vertical: 1 }, { horizontal: 2, vertical: 2 }]

/** Second bytes of markers. */
const MARKER = {
  baselineFrame: 0xc0,
  extendedFrame: 0xc1,
  huffmanTables: 0xc4,
  lastFrame: 0xcf,
  firstRestart: 0xd0,
  lastRestart: 0xd7,
  endOfImage: 0xd9,
  scan: 0xda,
  quantisationTables: 0xdb,
  restartInterval: 0xdd,
  jfif: 0xe0,
  exif: 0xe1,
  adobe: 0xee,
  lastApplication: 0xef,
  comment: 0xfe
}

/** Narrower pictures are not decoded here, because libjpeg does not interpolate their chroma. */
const MIN_WIDTH = 5

/** Most segments before the scan, and after it. Cameras write fewer than 1000. A file full of empty segments would block the thread. */
const MAX_SEGMENTS = 10_000

/** Starts of the segments that hold EXIF and XMP. Both have the same marker. */
const EXIF_START = 'Exif\0\0'
const XMP_START = 'http://ns.adobe.com/xap/1.0/\0'

/** A marker segment: its marker's second byte, and the offsets of its data in the file. */
interface Segment {
  marker: number
  start: number
  end: number
}

/** What the markers of JFIF and Adobe tell about the colours. */
interface ColourMarkers {
  isJfif: boolean
  /** Adobe's colour transform, of which 1 is YCbCr, or null if there is no such marker. */
  adobeTransform: number | null
}

/** The segments that can hold the orientation. As in Pillow, the first EXIF counts and the last XMP. */
interface Metadata {
  exif?: Uint8Array
  xmp?: Uint8Array
}

/**
 * Reads the frame header of a JPEG and nothing that comes after it. This tells quickly whether `JpegScan` can decode
 * the file, except that it sees neither EXIF nor the tables, nor what comes after the frame header.
 *
 * @returns the size of the stored picture, before any rotation that EXIF asks for; null for other bytes than a JPEG that
 * is baseline, Y or YCbCr, and 4:4:4, 4:2:2 or 4:2:0
 */
export function readJpegFrame (bytes: Uint8Array): Size | null {
  const colours: ColourMarkers = { isJfif: false, adobeTransform: null }
  for (const segment of segmentsOf(bytes)) {
    if (isReadFrame(segment)) {
      const frame = readFrame(dataOf(bytes, segment))
      return frame && isDecoded(frame, colours) ? { width: frame.width, height: frame.height } : null
    }
    if (isOtherFrame(segment) || segment.marker === MARKER.scan) return null
    readColourMarker(bytes, segment, colours)
  }
  return null
}

/**
 * Reads the header of a JPEG as cameras, phones and browsers write it: baseline, one scan, Y or YCbCr, 4:4:4, 4:2:2 or
 * 4:2:0. Its EXIF tells the orientation as the standard says.
 *
 * @returns null for any other bytes
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 */
export function readJpegHeader (bytes: Uint8Array): JpegHeader | null {
  const header: JpegHeader = {
    width: 0, height: 0, components: [], orientation: 1, quantisationTables: new Map(), huffmanTables: new Map(), restartInterval: 0, scanStart: 0
  }
  const colours: ColourMarkers = { isJfif: false, adobeTransform: null }
  const metadata: Metadata = {}
  for (const segment of segmentsOf(bytes)) {
    const { marker } = segment
    const data = dataOf(bytes, segment)
    if (isReadFrame(segment)) {
      const frame = readFrame(data)
      if (!frame || header.components.length > 0) return null
      Object.assign(header, frame)
    } else if (isOtherFrame(segment)) {
      return null
    } else if (marker === MARKER.huffmanTables) {
      if (!readHuffmanTables(data, header)) return null
    } else if (marker === MARKER.quantisationTables) {
      if (!readQuantisationTables(data, header)) return null
    } else if (marker === MARKER.restartInterval) {
      header.restartInterval = uint16(data, 0)
    } else if (marker === MARKER.exif) {
      readMetadata(data, metadata)
    } else if (marker === MARKER.scan) {
      header.scanStart = segment.end
      header.orientation = orientationIn(exifOrientation(metadata.exif), metadata.xmp)
      return readScan(data, header) && isDecoded(header, colours) ? header : null
    } else {
      readColourMarker(bytes, segment, colours)
    }
  }
  return null
}

/** The orientation of any JPEG by its EXIF or XMP, 1 to 8. */
export function readJpegOrientation (bytes: Uint8Array): number {
  const metadata: Metadata = {}
  for (const segment of segmentsOf(bytes)) {
    if (segment.marker === MARKER.exif) readMetadata(dataOf(bytes, segment), metadata)
  }
  return orientationIn(exifOrientation(metadata.exif), metadata.xmp)
}

/** Width and height in pixels as people see the picture, after the rotation by `orientation`. */
export function shownSize ({ width, height, orientation }: JpegHeader): [number, number] {
  return orientation > 4 ? [height, width] : [width, height]
}

/**
 * Whether the picture ends here, so that no part of the file tells more about its pixels. Comments and application data
 * may come before the end marker, as libjpeg and Pillow allow.
 *
 * @param at offset of the first marker after the scan
 */
export function endsAt (bytes: Uint8Array, at: number): boolean {
  for (let count = 0; count < MAX_SEGMENTS; count++) {
    while (bytes[at] === 0) at++
    if (bytes[at] !== 0xff) return false
    while (bytes[at] === 0xff) at++
    const marker = bytes[at++] ?? 0
    if (marker === MARKER.endOfImage) return true
    // Some encoders write a restart marker also after the last MCU.
    if (marker >= MARKER.firstRestart && marker <= MARKER.lastRestart) continue
    const isMetadata = (marker >= MARKER.jfif && marker <= MARKER.lastApplication) || marker === MARKER.comment
    const length = uint16(bytes, at)
    if (!isMetadata || length < 2) return false
    at += length
  }
  return false
}

/** Goes through the marker segments up to the scan, and stops at the first bytes that are no segment. */
function * segmentsOf (bytes: Uint8Array): Generator<Segment> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return
  for (let at = 2, count = 0; at + 4 <= bytes.length && count < MAX_SEGMENTS; count++) {
    const marker = bytes[at + 1]!
    const hasNoData = marker >= MARKER.firstRestart && marker <= MARKER.endOfImage
    const end = at + 2 + uint16(bytes, at + 2)
    if (bytes[at] !== 0xff || marker < MARKER.baselineFrame || marker === 0xff || hasNoData || end > bytes.length) return
    yield { marker, start: at + 4, end }
    if (marker === MARKER.scan) return
    at = end
  }
}

function dataOf (bytes: Uint8Array, { start, end }: Segment): Uint8Array {
  return bytes.subarray(start, end)
}

function isReadFrame ({ marker }: Segment): boolean {
  return marker === MARKER.baselineFrame || marker === MARKER.extendedFrame
}

/** Whether it is a frame header of another kind, such as progressive, or belongs to arithmetic coding. */
function isOtherFrame ({ marker }: Segment): boolean {
  return marker > MARKER.extendedFrame && marker <= MARKER.lastFrame && marker !== MARKER.huffmanTables
}

function readFrame (data: Uint8Array): Frame | null {
  const [precision, , , , , count = 0] = data
  if (precision !== 8 || (count !== 1 && count !== 3) || data.length !== 6 + 3 * count) return null
  const frame: Frame = { width: uint16(data, 3), height: uint16(data, 1), components: [] }
  for (let at = 6; at < data.length; at += 3) {
    const [id = 0, sampling = 0, quantisationTable = 0] = data.subarray(at)
    // In a scan of one component, an MCU is one block, whatever the sampling factors are.
    const [horizontal, vertical] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15]
    frame.components.push({ id, horizontal, vertical, quantisationTable, dcTable: 0, acTable: 0 })
  }
  return frame.width > 0 && frame.height > 0 ? frame : null
}

function readColourMarker (bytes: Uint8Array, segment: Segment, colours: ColourMarkers): void {
  if (segment.marker === MARKER.jfif) {
    colours.isJfif ||= startsWith(dataOf(bytes, segment), 'JFIF\0')
  } else if (segment.marker === MARKER.adobe) {
    const data = dataOf(bytes, segment)
    if (startsWith(data, 'Adobe')) colours.adobeTransform = data[11] ?? null
  }
}

function readMetadata (data: Uint8Array, metadata: Metadata): void {
  if (startsWith(data, EXIF_START)) metadata.exif ??= data
  else if (startsWith(data, XMP_START)) metadata.xmp = data.subarray(XMP_START.length)
}

/** Whether `JpegScan` decodes these components: Y alone, or YCbCr in one of the samplings that it knows. */
function isDecoded ({ width, components }: Frame, { isJfif, adobeTransform }: ColourMarkers): boolean {
  const [luma, ...chroma] = components
  if (chroma.length === 0) return true
  const isYcc = isJfif || adobeTransform === 1 || (adobeTransform === null && components.every(({ id }, at) => id === at + 1))
  return isYcc && width >= MIN_WIDTH && chroma.every(({ horizontal, vertical }) => horizontal === 1 && vertical === 1) &&
    LUMA_SAMPLINGS.some(({ horizontal, vertical }) => horizontal === luma?.horizontal && vertical === luma?.vertical)
}

/** Whether the scan holds all coefficients of all components, and the header has all tables that it uses. */
function readScan (data: Uint8Array, { components, quantisationTables, huffmanTables }: JpegHeader): boolean {
  const { length } = components
  if (length === 0 || data[0] !== length || data.length !== 4 + 2 * length) return false
  for (const [at, component] of components.entries()) {
    const [id, tables = 0] = data.subarray(1 + at * 2)
    if (id !== component.id) return false
    component.dcTable = tables >> 4
    component.acTable = 16 + (tables & 15)
    const { quantisationTable, dcTable, acTable } = component
    if (!quantisationTables.has(quantisationTable) || !huffmanTables.has(dcTable) || !huffmanTables.has(acTable)) return false
  }
  const [first, last, approximation] = data.subarray(1 + 2 * length)
  return first === 0 && last === 63 && approximation === 0
}

function readQuantisationTables (data: Uint8Array, { quantisationTables }: JpegHeader): boolean {
  for (let at = 0; at < data.length;) {
    const bytesPerValue = (data[at]! >> 4) + 1
    const values = data.subarray(at + 1, at + 1 + 64 * bytesPerValue)
    if (bytesPerValue > 2 || values.length !== 64 * bytesPerValue) return false
    quantisationTables.set(data[at]! & 15, Uint16Array.from({ length: 64 }, (_, i) => bytesPerValue === 1 ? values[i]! : uint16(values, 2 * i)))
    at += 1 + values.length
  }
  return true
}

function readHuffmanTables (data: Uint8Array, { huffmanTables }: JpegHeader): boolean {
  for (let at = 0; at < data.length;) {
    const counts = data.slice(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const symbols = data.slice(at + 17, at + 17 + total)
    if (counts.length !== 16 || total > 256 || symbols.length !== total) return false
    let code = 0
    for (const [at, count] of counts.entries()) {
      code = code * 2 + count
      if (code > 2 << at) return false
    }
    huffmanTables.set(data[at]!, { counts, symbols })
    at += 17 + total
  }
  return true
}

/** Reads a big-endian number of 16 bits. */
function uint16 (bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0)
}

function startsWith (data: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (data[at] !== text.charCodeAt(at)) return false
  return true
}
