import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Example } from '../modality.ts'
import type { ImageInput } from './input.ts'

/** A JPEG as hard to decode as a photo of 512 by 384 pixels, to measure with. */
export async function examplePhoto (): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 10 } as const
  return await sharp({ create: { width: 512, height: 384, channels: 3, background: '#808080', noise } }).jpeg({ chromaSubsampling: '4:2:0' }).toBuffer()
}

/** A small flat picture as PNG, for documents that need one that works. */
export async function examplePicture ({ width, height }: ImageInput): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 3, background: '#c2410c' } }).png().toBuffer()
}

/** Pictures by class: the name of the folder that holds a picture is its label. Folders of other classes are skipped. */
export async function findExamples (path: string, labels: readonly string[]): Promise<Example[]> {
  // No folder can be called T-shirt/top: an underscore stands for the slash.
  const folders = labels.map(label => label.replaceAll('/', '_'))
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .flatMap(file => {
      const truth = folders.indexOf(basename(dirname(file)))
      return truth < 0 ? [] : [{ truth, read: async () => ({ name: `file '${file}'`, bytes: await readFile(file) }) }]
    })
}
