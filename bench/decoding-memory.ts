import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { decodePicture, sniff } from '../lib/modalities/image/libvips.ts'

/**
 * Measures the memory that libvips takes to decode a picture of each format, each in a process of its own, and compares it
 * with the weight that the service gives the picture. Linux only. Prints one Markdown table.
 */
const { values } = parseArgs({ options: { width: { type: 'string', default: '8192' }, height: { type: 'string', default: '6100' }, file: { type: 'string' } } })
const [width, height] = [Number(values.width), Number(values.height)]

const FORMATS: Record<string, (image: Sharp) => Sharp> = {
  'JPEG, 4:2:0': image => image.jpeg(),
  'JPEG, turned': image => turned(image).jpeg(),
  'JPEG, CMYK': image => image.toColourspace('cmyk').jpeg(),
  'JPEG, progressive, 4:2:0': image => image.jpeg({ progressive: true }),
  'JPEG, progressive, 4:4:4': image => image.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'JPEG, progressive, 4:4:4, turned': image => turned(image).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'JPEG, progressive, CMYK': image => image.toColourspace('cmyk').jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'PNG, RGB': image => image.png(),
  'PNG, RGBA': image => image.ensureAlpha(0.5).png(),
  'PNG, RGBA, interlaced': image => image.ensureAlpha(0.5).png({ progressive: true }),
  'PNG, 16-bit RGBA': image => image.ensureAlpha(0.5).toColourspace('rgb16').png(),
  'PNG, 16-bit RGBA, interlaced': image => image.ensureAlpha(0.5).toColourspace('rgb16').png({ progressive: true }),
  'PNG, 16-bit RGBA, interlaced, turned': image => turned(image).ensureAlpha(0.5).toColourspace('rgb16').png({ progressive: true }),
  'WebP, lossy': image => image.webp({ effort: 0 }),
  'WebP, lossy, transparent': image => image.ensureAlpha(0.5).webp({ effort: 0 }),
  'WebP, lossless': image => image.webp({ effort: 0, lossless: true }),
  GIF: image => image.gif({ effort: 1 }),
  'AVIF, 4:2:0': image => image.avif({ effort: 0, chromaSubsampling: '4:2:0' }),
  'AVIF, 4:4:4': image => image.avif({ effort: 0 }),
  'AVIF, 4:4:4, transparent': image => image.ensureAlpha(0.5).avif({ effort: 0 }),
  'AVIF, 10 bits': image => image.avif({ effort: 0, bitdepth: 10 }),
  'TIFF, strips': image => image.tiff({ compression: 'lzw' }),
  'TIFF, tiles of 1,024 pixels': image => image.tiff({ compression: 'lzw', tile: true, tileWidth: 1024, tileHeight: 1024 }),
  'TIFF, 16 bits, turned': image => turned(image).toColourspace('rgb16').tiff({ compression: 'lzw' })
}

if (values.file !== undefined) {
  const bytes = readFileSync(values.file)
  const header = await sniff(bytes, 'the picture')
  const before = memoryOf('VmRSS')
  // Sets the largest resident memory back. https://docs.kernel.org/filesystems/proc.html
  writeFileSync('/proc/self/clear_refs', '5')
  await decodePicture({ bytes, ...header, decoder: 'libvips' }, '#ffffff')
  process.stdout.write(JSON.stringify({ measured: memoryOf('VmHWM') - before, weighed: header.libvipsBytes ?? 0 }))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'decoding-'))
  try {
    process.stdout.write(`${width} × ${height} pixels\n\n| format | measured, bytes per pixel | weighed |\n|---|---|---|\n`)
    for (const [format, encode] of Object.entries(FORMATS)) {
      const file = join(folder, 'picture')
      await encode(scene()).toFile(file)
      const { measured, weighed } = JSON.parse(execFileSync(process.execPath, [process.argv[1]!, '--file', file], { encoding: 'utf8' }))
      process.stdout.write(`| ${format} | ${(measured / width / height).toFixed(1)} | ${(weighed / width / height).toFixed(1)} |\n`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function scene (): Sharp {
  const [w, h] = [Math.ceil(width / 256), Math.ceil(height / 256)]
  const raw = Uint8Array.from({ length: w * h * 3 }, (_, at) => at * 7919)
  return sharp(raw, { raw: { width: w, height: h, channels: 3 } }).resize(width, height, { fit: 'fill', kernel: 'cubic' })
}

function turned (image: Sharp): Sharp {
  return image.withMetadata({ orientation: 6 })
}

function memoryOf (field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
