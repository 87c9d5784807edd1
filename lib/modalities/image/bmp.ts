import type { Pixels } from '../../pixels/pixels.ts'
import { nextTurn } from '../../turn.ts'

/**
 * What the header of a BMP says.
 *
 * @see https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-storage
 */
export interface Bitmap {
  width: number
  height: number
  /** Three channels, or four with transparency. */
  channels: 3 | 4
  bits: 1 | 4 | 8 | 16 | 24 | 32
  isTopDown: boolean
  /** Where the rows begin, and how many bytes each takes. */
  offset: number
  stride: number
  /** Where the palette begins, with bytes for each colour and the number of colours. For 1, 4 and 8 bits. */
  palette: { offset: number, step: number, count: number }
  /** The lowest bit and the largest level of each channel. For 16 to 32 bits. */
  places: ReadonlyArray<{ shift: number, most: number }>
}

/** Sizes of the headers after OS/2 1.x, whose header has 12 bytes and nothing but the size and the bits. */
const HEADER_SIZES = [40, 52, 56, 64, 108, 124]
const OS2_HEADER_SIZE = 12
const FILE_HEADER_SIZE = 14

const RGB = 0
const BITFIELDS = 3

/** Masks of red, green, blue and alpha, as Pillow reads them. A picture with other masks is refused. */
const MASKS: Record<number, ReadonlyArray<readonly [number, number, number, number?]>> = {
  16: [[0x7c00, 0x3e0, 0x1f], [0xf800, 0x7e0, 0x1f]],
  24: [[0xff0000, 0xff00, 0xff]],
  32: [[0xff0000, 0xff00, 0xff], [0xff0000, 0xff00, 0xff, 0xff000000], [0xff, 0xff00, 0xff0000, 0xff000000], [0xff000000, 0xff0000, 0xff00], [0xff000000, 0xff0000, 0xff00, 0xff]]
}

/** Pixels to decode before another request gets its turn: about 5 milliseconds. */
const PIXELS_PER_TURN = 500_000

/** Whether a file calls itself a BMP. */
export function isBmp (bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d
}

/**
 * Reads the header of a BMP. The file has to hold all of its pixels, so that a small one cannot ask for much memory.
 *
 * @returns `null` for a kind that is not read: run-length encoding, a JPEG or PNG inside, unusual masks
 * @throws Error that says what is wrong with the file
 */
export function readBitmap (bytes: Uint8Array): Bitmap | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerSize = file.length < FILE_HEADER_SIZE + 4 ? 0 : file.readUInt32LE(FILE_HEADER_SIZE)
  const isOld = headerSize === OS2_HEADER_SIZE
  if (!isOld && !HEADER_SIZES.includes(headerSize)) return null
  let end = FILE_HEADER_SIZE + headerSize
  if (file.length < end) throw new Error('it ends in its header')
  const [width, signed] = isOld ? [file.readUInt16LE(18), file.readUInt16LE(20)] : [file.readInt32LE(18), file.readInt32LE(22)]
  const bits = file.readUInt16LE(isOld ? 24 : 28)
  const compression = isOld ? RGB : file.readUInt32LE(30)
  if (!isBits(bits) || (compression !== RGB && compression !== BITFIELDS)) return null
  const height = Math.abs(signed)
  if (width < 1 || height < 1) throw new Error(`its size is ${width} × ${signed}`)
  const masks = masksOf(file, bits, compression, headerSize)
  if (!masks) return null
  if (compression === BITFIELDS && headerSize === 40) end += 12
  const count = bits > 8 ? 0 : (isOld ? 0 : file.readUInt32LE(46)) || 2 ** bits
  const palette = { offset: end, step: isOld ? 3 : 4, count: Math.min(count, 2 ** bits) }
  // The offset may leave out the palette, and may be missing.
  const said = file.readUInt32LE(10)
  const offset = said === 0 || said === end ? end + palette.step * count : said
  const rowBytes = Math.ceil(width * bits / 8)
  const stride = Math.ceil(rowBytes / 4) * 4
  if (palette.offset + palette.step * palette.count > file.length) throw new Error('it ends in its palette')
  // The padding of the last row may be missing.
  const needed = offset + stride * (height - 1) + rowBytes
  if (needed > file.length) throw new Error(`it is cut off: it has ${file.length} of ${needed} bytes`)
  const places = masks.map(mask => placeOf(mask))
  return { width, height, channels: places.length === 4 ? 4 : 3, bits, isTopDown: signed < 0, offset, stride, palette, places }
}

/** Decodes a BMP in pieces, without holding the event loop. The pixels are those of Pillow. */
export async function decodeBitmap (bytes: Uint8Array, bitmap: Bitmap): Promise<Pixels> {
  const { width, height, channels, bits, isTopDown, offset, stride } = bitmap
  const data = new Uint8Array(width * height * channels)
  const write = bits <= 8 ? indexedWriter(bytes, bitmap) : directWriter(bytes, bitmap)
  let since = 0
  for (let row = 0; row < height; row++) {
    const start = offset + stride * (isTopDown ? row : height - 1 - row)
    // A row may be as long as a whole picture.
    for (let x = 0; x < width; x += PIXELS_PER_TURN) {
      const end = Math.min(width, x + PIXELS_PER_TURN)
      if (since + end - x > PIXELS_PER_TURN) {
        since = 0
        await nextTurn()
      }
      since += end - x
      write(data, (row * width + x) * channels, start, x, end)
    }
  }
  return { data, width, height, channels }
}

/** Writes the pixels of a row from column `x` to before `end`. `row` is where the row begins in the file. */
type RowWriter = (data: Uint8Array, out: number, row: number, x: number, end: number) => void

/** Writes rows whose pixels are numbers of colours. */
function indexedWriter (bytes: Uint8Array, { bits, palette: { offset, step, count } }: Bitmap): RowWriter {
  // A colour that the palette lacks is black, as in Pillow.
  const colours = Uint8Array.from({ length: 3 * 2 ** bits }, (_, at) => {
    const index = Math.floor(at / 3)
    return index < count ? bytes[offset + step * index + 2 - at % 3]! : 0
  })
  const [perByte, most] = [8 / bits, 2 ** bits - 1]
  return (data, out, row, x, end) => {
    for (; x < end; x++, out += 3) {
      const index = bytes[row + Math.floor(x / perByte)]! >> (perByte - 1 - x % perByte) * bits & most
      data[out] = colours[3 * index]!
      data[out + 1] = colours[3 * index + 1]!
      data[out + 2] = colours[3 * index + 2]!
    }
  }
}

/** Writes rows whose pixels are levels of the channels. */
function directWriter (bytes: Uint8Array, { bits, places }: Bitmap): RowWriter {
  const pixelBytes = bits / 8
  if (bits === 16) {
    return (data, out, row, x, end) => {
      for (let at = row + x * pixelBytes; at < row + end * pixelBytes; at += pixelBytes) {
        const pixel = bytes[at]! | bytes[at + 1]! << 8
        for (const { shift, most } of places) data[out++] = (pixel >> shift & most) * 255 / most
      }
    }
  }
  const channels = places.map(({ shift }) => shift / 8)
  return (data, out, row, x, end) => {
    for (let at = row + x * pixelBytes; at < row + end * pixelBytes; at += pixelBytes) {
      for (let channel = 0; channel < channels.length; channel++) data[out++] = bytes[at + channels[channel]!]!
    }
  }
}

function isBits (bits: number): bits is Bitmap['bits'] {
  return [1, 4, 8, 16, 24, 32].includes(bits)
}

/** The masks of the channels: none with a palette, and `null` for masks that are not read. */
function masksOf (file: Buffer, bits: number, compression: number, headerSize: number): number[] | null {
  const known = MASKS[bits]
  if (compression === RGB) return masksIn(known?.[0] ?? [])
  if (!known || file.length < FILE_HEADER_SIZE + 52) return null
  // An older header has no mask of transparency; three masks follow it.
  const said = [0, 1, 2, 3].map(channel => channel < 3 || headerSize >= 56 ? file.readUInt32LE(54 + 4 * channel) : 0)
  // Pillow takes missing masks of 32 bits for the usual order with transparency.
  if (bits === 32 && said.every(mask => mask === 0)) return masksIn(known[1] ?? [])
  const fitting = known.find(masks => said.every((mask, channel) => mask === (masks[channel] ?? 0)))
  return fitting ? masksIn(fitting) : null
}

function masksIn (masks: ReadonlyArray<number | undefined>): number[] {
  return masks.filter(mask => mask !== undefined)
}

function placeOf (mask: number): { shift: number, most: number } {
  const shift = 31 - Math.clz32(mask & -mask)
  return { shift, most: mask >>> shift }
}
