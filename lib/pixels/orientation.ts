/**
 * The EXIF orientation of a picture: 1 is upright, the others are turned or mirrored. It is what Pillow's
 * `ImageOps.exif_transpose` goes by: the tag of EXIF or, only if EXIF has no such tag, the one of XMP.
 *
 * @see https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf
 */

const ORIENTATION_TAG = 0x0112

/** The number of a TIFF field of 32 bits. */
const LONG = 4

/** Longest part of XMP that is searched. Camera files have less than 64 KiB, the limit of a JPEG segment. */
const XMP_LIMIT_BYTES = 1024 * 1024

/**
 * The orientation by a tag or else by XMP.
 *
 * @param tag of EXIF or TIFF, also if its value is not valid
 * @param xmp XMP as UTF-8
 * @returns 1 to 8
 */
export function orientationIn (tag: number | undefined, xmp: Uint8Array | undefined): number {
  const orientation = tag ?? (xmp && xmpOrientation(xmp)) ?? 1
  return orientation >= 1 && orientation <= 8 ? orientation : 1
}

/**
 * The orientation tag of EXIF, also if its value is not valid, or `undefined` if there is no tag.
 *
 * @param exif a TIFF structure, with or without `Exif\0\0` before it
 */
export function exifOrientation (exif: Uint8Array | undefined): number | undefined {
  let tiff = exif ?? new Uint8Array()
  // Some programs write the prefix twice.
  for (let count = 0; count < 2 && startsWith(tiff, 'Exif\0\0'); count++) tiff = tiff.subarray(6)
  if (tiff.length < 8) return undefined
  const isLittleEndian = tiff[0] === 0x49
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const directory = view.getUint32(4, isLittleEndian)
  if (directory + 2 > tiff.length) return undefined
  const end = Math.min(tiff.length, directory + 2 + view.getUint16(directory, isLittleEndian) * 12)
  for (let entry = directory + 2; entry + 12 <= end; entry += 12) {
    if (view.getUint16(entry, isLittleEndian) !== ORIENTATION_TAG) continue
    return view.getUint16(entry + 2, isLittleEndian) === LONG ? view.getUint32(entry + 8, isLittleEndian) : view.getUint16(entry + 8, isLittleEndian)
  }
  return undefined
}

function xmpOrientation (xmp: Uint8Array): number | undefined {
  const { buffer, byteOffset, byteLength } = xmp
  const text = Buffer.from(buffer, byteOffset, Math.min(byteLength, XMP_LIMIT_BYTES)).toString('latin1')
  const digit = /tiff:Orientation(?:="|>)([0-9])/.exec(text)?.[1]
  return digit === undefined ? undefined : Number(digit)
}

function startsWith (data: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (data[at] !== text.charCodeAt(at)) return false
  return true
}
