import { isTiff, unreadTiff } from './tiff.ts'

/** Supported picture formats, for messages and documents. */
export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF', 'BMP'] as const

/**
 * How the names of pictures end. Pictures of phones and of old programs count, too, although they are not read: their owner is told so,
 * instead of wondering why they are missing.
 */
export const IMAGE_EXTENSIONS = ['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff', '.heic', '.heif', '.bmp'] as const

/**
 * Their MIME types, for a browser's file dialog. Safari turns a HEIC into the first of these when HEIC is not among them; with
 * `image/*` it sends the HEIC.
 */
export const IMAGE_TYPES = IMAGE_FORMATS.map(format => `image/${format.toLowerCase()}`)

/** What a file is that is not read, such as `a PDF document, which is not supported`, and what its sender can do. */
export interface Unread {
  kind: string
  advice: string
}

const SEND_ANOTHER = `send one of ${IMAGE_FORMATS.join(', ')}`

const HEIC_ADVICE = "send a JPEG: an iPhone takes JPEGs with Settings › Camera › Formats › Most Compatible, and 'heif-convert a.heic a.jpg' or 'magick a.heic a.jpg' converts one"

/** A BMP with a run-length encoding, with unusual masks, or with a JPEG or PNG inside; or a file that only begins like one. */
export const UNUSUAL_BMP = unsupported('an unusual kind of BMP', "save it as PNG, which keeps every pixel: 'magick a.bmp a.png' does it")

/** How to name the types that people send, by the MIME type that file-type detects. */
const NAMES: Record<string, string> = {
  'application/eps': 'a PostScript document',
  'application/pdf': 'a PDF document',
  'application/postscript': 'a PostScript document',
  'image/icns': 'an icon (ICNS)',
  'image/j2c': 'a JPEG 2000 picture',
  'image/jls': 'a JPEG-LS picture',
  'image/jp2': 'a JPEG 2000 picture',
  'image/jpm': 'a JPEG 2000 picture',
  'image/jpx': 'a JPEG 2000 picture',
  'image/jxl': 'a JPEG XL picture',
  'image/jxr': 'a JPEG XR picture',
  'image/vnd.adobe.photoshop': 'a Photoshop file',
  'image/vnd.ms-dds': 'a DDS texture',
  'image/x-icon': 'an icon (ICO)'
}

const RAW_TYPE = /^image\/x-(adobe-dng|canon|fujifilm|nikon|olympus|panasonic|sony)/

/** First characters of the formats that are read. AVIF has its type at byte 4. */
const READ = /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM)/s

/** What the type box of AVIF and HEIC says: its main brand, and all brands of the standards that the file follows. */
const AVIF_STILL = 'avif'
const AVIF_ANIMATION = 'avis'
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1']

/**
 * What a file is if the service does not read files of its type, or `null` if it does, so that the file must be damaged.
 *
 * It goes by the bytes alone: by the first ones, and for a TIFF by its directory.
 */
export async function unreadType (bytes: Uint8Array): Promise<Unread | null> {
  const known = isTiff(bytes) ? unreadTiffType(bytes) : unreadBrand(bytes)
  if (known !== undefined) return known
  const start = textOf(bytes.subarray(0, 1000))
  if (READ.test(start)) return null
  // Imported here, because a static import would slow the start of each worker.
  const { fileTypeFromBuffer } = await import('file-type')
  const { mime } = await fileTypeFromBuffer(bytes) ?? {}
  if (/^\s*<(\?xml|!--|!DOCTYPE svg|svg)/.test(start) && /<svg[\s>]/.test(start)) return unsupported('an SVG drawing')
  if (!mime) return { kind: 'not an image', advice: SEND_ANOTHER }
  const name = RAW_TYPE.test(mime) ? 'a camera raw file' : mime.startsWith('video/') ? `a video (${mime})` : NAMES[mime] ?? `of the type ${mime}`
  return unsupported(name)
}

/** The same for a TIFF only, of which libvips reads some kinds in a wrong way. */
export function unreadTiffType (bytes: Uint8Array): Unread | null {
  const found = isTiff(bytes) ? unreadTiff(bytes) : null
  return found === null ? null : unsupported(found, 'save it as JPEG or PNG, or as a TIFF of 8-bit RGB with LZW compression')
}

/** @param kind with its article */
export function unsupported (kind: string, advice = SEND_ANOTHER): Unread {
  return { kind: `${kind}, which is not supported`, advice }
}

/** The same for AVIF and HEIC; `undefined` for another type of file. */
function unreadBrand (bytes: Uint8Array): Unread | null | undefined {
  const [, type = '', brands = ''] = /^....(ftyp)((?:....){1,32})/s.exec(textOf(bytes.subarray(0, 136))) ?? []
  if (!type) return undefined
  const size = Buffer.from(bytes.subarray(0, 4)).readUInt32BE(0)
  const all = Array.from({ length: Math.min(brands.length, size - 8) / 4 }, (_, at) => brands.slice(at * 4, at * 4 + 4))
  if (all[0] === AVIF_ANIMATION) return unsupported('an animated AVIF')
  if (all.includes(AVIF_STILL)) return null
  return all.some(brand => HEIC_BRANDS.includes(brand)) ? unsupported('a HEIC picture', HEIC_ADVICE) : undefined
}

function textOf (bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
