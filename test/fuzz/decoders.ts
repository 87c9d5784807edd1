import { decodePicture } from '../../lib/modalities/image/libvips.ts'
import { readJpegFrame } from '../../lib/pixels/jpeg-header.ts'
import { JpegScan } from '../../lib/pixels/jpeg.ts'
import { decodingBytes } from '../../lib/pixels/memory.ts'
import { MAX_BAND_ROWS, type Filter, type Pixels, type PixelSource, type Size, type Window } from '../../lib/pixels/pixels.ts'
import { resize } from '../../lib/pixels/resize.ts'
import { Arena, simd } from '../../lib/pixels/simd.ts'
import { sameBytes } from './kind.ts'

/** Whether it is one of the errors that `JpegScan` documents. */
function isRefusal (error: unknown): error is Error {
  return error instanceof Error && REFUSALS.includes(error.message)
}

/** Everything that `JpegScan` says when it refuses a file. Any other error is a defect. */
const REFUSALS = [
  'not a baseline JPEG',
  'the end marker is missing',
  'the entropy-coded data is invalid',
  'a restart marker is missing',
  'a marker is missing after the entropy-coded data'
]

/** Bytes behind the memory of a decoder, which it must leave as they are. */
const GUARD_BYTES = 4096

/** Pixels in the order of the stored rows, or why there are none. */
export type Decoded = { pixels: Pixels, orientation: number } | { refusal: string }

/** A JPEG decoder under test: returns the pixels of a window, or of the whole picture. */
export type Decoder = (bytes: Uint8Array, window?: Window) => Decoded

/**
 * Decodes with `JpegScan`, twice: the WebAssembly memory is full of zeros before, and then full of ones. The pixels must
 * be the same, because otherwise some of them come from a picture that was decoded earlier.
 *
 * @throws Error when the decoder writes past its memory, gives other rows than it was asked for, or throws an error that
 * is not documented
 */
export function decodeOwn (bytes: Uint8Array, window?: Window): Decoded {
  const first = decodeOver(0x00, bytes, window)
  const second = decodeOver(0xff, bytes, window)
  if ('refusal' in first || 'refusal' in second) {
    if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error('whether the decoder refuses the file depends on what was in memory before')
    return first
  }
  sameBytes(second.pixels.data, first.pixels.data, 'pixels after other bytes were in memory')
  return first
}

function decodeOver (before: number, bytes: Uint8Array, part?: Window): Decoded {
  try {
    const scan = new JpegScan(bytes)
    // Width and height are those of the picture as people see it.
    const [width, height] = scan.orientation > 4 ? [scan.height, scan.width] : [scan.width, scan.height]
    const window = part ?? { left: 0, top: 0, width, height }
    return { pixels: readBands(scan, window, before), orientation: scan.orientation }
  } catch (error) {
    if (isRefusal(error)) return { refusal: error.message }
    throw error
  }
}

/** Resizes a file as a service does, and checks the memory. @throws Error that `JpegScan` does not document */
export function checkMemory (bytes: Uint8Array): void {
  const size = { width: 64, height: 64 }
  try {
    withinMemory(bytes, size, 'bicubic', source => resize(source, size.width, size.height, 'bicubic'))
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

/** Copies the bands of a window to one picture, and checks that they are the rows of the window, each of them once. */
function readBands (source: PixelSource, window: Window, before: number): Pixels {
  const arena = new Arena()
  const bands = source.bands(window, arena)
  const guard = arena.allocate(GUARD_BYTES)
  const memory = arena.memory()
  memory.fill(before, simd.freeAddress(), guard + GUARD_BYTES)
  const { width, height } = window
  const data = new Uint8Array(width * height * 3)
  let row = 0
  for (const band of bands()) {
    if (band.top !== window.top + row || band.rows < 1 || band.rows > MAX_BAND_ROWS || row + band.rows > height) {
      throw new Error(`a band of ${band.rows} rows from row ${band.top}; ${row} of ${height} rows from row ${window.top} came before`)
    }
    for (let y = 0; y < band.rows; y++, row++) {
      for (let x = 0, at = band.address + y * band.rowBytes, out = row * width * 3; x < width; x++, at += band.pixelBytes, out += 3) {
        data[out] = memory[at]!
        data[out + 1] = memory[at + 1]!
        data[out + 2] = memory[at + 2]!
      }
    }
  }
  if (row !== height) throw new Error(`${row} of ${height} rows came`)
  for (let at = guard; at < guard + GUARD_BYTES; at++) {
    if (memory[at] !== before) throw new Error(`the decoder wrote ${at - guard} bytes past its memory`)
  }
  return { data, width, height, channels: 3 }
}

/**
 * Lets a resize read a JPEG, and checks that both take no more memory than the service sets aside for the picture.
 *
 * @param result size of the result
 * @throws Error of JpegScan, or one that tells the memory
 */
export function withinMemory<Result> (bytes: Uint8Array, result: Size, filter: Filter, resize: (source: PixelSource) => Result): Result {
  const scan = new JpegScan(bytes)
  const bound = decodingBytes(readJpegFrame(bytes)!, result, filter)
  const { width, height, channels, orientation } = scan
  return resize({
    width,
    height,
    channels,
    orientation,
    bands: (window, arena) => {
      const bands = scan.bands(window, arena)
      if (arena.bytes > bound) throw new Error(`it takes ${arena.bytes} bytes of memory, over decodingBytes' ${bound}`)
      return bands
    }
  })
}

/** Turns stored pixels to what people see. `orientation` is that of EXIF. https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf */
export function turned ({ data, width, height, channels }: Pixels, orientation: number): Pixels {
  const isTurned = orientation > 4
  const size = isTurned ? { width: height, height: width } : { width, height }
  const result = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, bottom] = [width - 1 - x, height - 1 - y]
      const places: ReadonlyArray<readonly [number, number]> = [[x, y], [right, y], [right, bottom], [x, bottom], [y, x], [bottom, x], [bottom, right], [y, right]]
      const [column, line] = places[orientation - 1]!
      for (let channel = 0; channel < channels; channel++) result[(line * size.width + column) * channels + channel] = data[(y * width + x) * channels + channel]!
    }
  }
  return { data: result, ...size, channels }
}

/** A window of pixels. */
export function cropped ({ data, width, channels }: Pixels, window: Window): Pixels {
  const rows = Array.from({ length: window.height }, (_, y) => {
    const start = ((window.top + y) * width + window.left) * channels
    return data.subarray(start, start + window.width * channels)
  })
  return { data: new Uint8Array(Buffer.concat(rows)), width: window.width, height: window.height, channels }
}

/** What libvips makes of a file, as the service asks it: turned upright, without the colour profile. */
export async function decodeLibvips (bytes: Uint8Array): Promise<{ pixels: Pixels } | { refusal: string }> {
  const { width, height } = readJpegFrame(bytes) ?? { width: 5000, height: 5000 }
  try {
    return { pixels: await decodePicture({ bytes, width, height, decoder: 'libvips', isCmyk: false }, '#000000') }
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) }
  }
}
