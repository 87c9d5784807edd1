import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Example } from '../modality.ts'
import type { ImageInput } from './input.ts'

/**
 * A JPEG of 512 × 384 pixels, 4:2:0, of grey with Gaussian noise of a standard deviation of 10, for calibration. It takes as long to
 * decode as a photo of this size. It is a file, because to load libvips only to draw it would take a tenth of the start.
 */
export async function examplePhoto (): Promise<Buffer> {
  return await readFile(new URL('./example.jpg', import.meta.url))
}

/** A valid PNG of one colour and of the model's input size, for examples in the OpenAPI document. */
export async function examplePicture ({ width, height }: ImageInput): Promise<Buffer> {
  const { default: sharp } = await import('sharp')
  return await sharp({ create: { width, height, channels: 3, background: '#c2410c' } }).png().toBuffer()
}

/**
 * Finds the labelled pictures of a data set. The name of a picture's folder is its label. Skips folders of other labels.
 *
 * @param path folder of the data set
 * @throws Error when the folder cannot be read
 */
export async function findExamples (path: string, labels: readonly string[]): Promise<Example[]> {
  // A folder name cannot contain a slash, so the folder of the label T-shirt/top is T-shirt_top.
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
