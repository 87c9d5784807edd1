import { JpegScan } from '../../pixels/jpeg.ts'
import { lengthOf, tensorOf } from '../../tensor.ts'
import type { Encoder, Fault } from '../modality.ts'
import { faultOf } from './fault.ts'
import { writeImage } from './fit.ts'
import { rowShapeOf, type ImageInput } from './input.ts'
import { levelsOf, tensorData, type TensorData } from './levels.ts'
import { release } from '../../release.ts'
import { pictureOf, rowOf, type Picture } from './picture.ts'

/** The encoder of the image modality: decodes pictures and writes each into its row of the input tensor. */
export function imageEncoder (input: ImageInput): Encoder {
  const rowShape = rowShapeOf(input)
  const rowLength = lengthOf(rowShape)
  const levels = levelsOf(input)

  async function encode (payloads: unknown[]): ReturnType<Encoder['encode']> {
    const data = tensorData(input, payloads.length * rowLength)
    const faults: Fault[] = []
    let count = 0
    // One picture after the other, because each worker of the pool is meant to use one core.
    for (const [at, payload] of payloads.entries()) {
      const fault = await write(pictureOf(payload), data, count)
      // A picture with a fault gets no row: the next picture is written to the same place.
      if (fault) faults.push({ at, ...fault })
      else count++
    }
    return { feeds: { [input.tensor]: tensorOf(input.type, [count, ...rowShape], data.subarray(0, count * rowLength)) }, faults }
  }

  async function write (picture: Picture, data: TensorData, row: number): Promise<FaultOfPicture | null> {
    if (picture.decoder === 'jpeg') {
      try {
        writeImage(new JpegScan(picture.bytes), input, data, row, levels)
        return null
      } catch {
        // libvips may still read the picture, or say what is wrong. It needs more memory, so the picture is queued again.
        return await toLibvips(picture)
      }
    }
    try {
      // Imported here, because most pictures need no libvips, which would slow the start of each worker.
      const { decodePicture } = await import('./libvips.ts')
      const pixels = await decodePicture(picture, input.background)
      writeImage(pixels, input, data, row, levels)
      release(pixels.data)
      return null
    } catch (error) {
      return faultOf(error)
    }
  }

  async function toLibvips (picture: Picture): Promise<FaultOfPicture> {
    try {
      const { memoryOf } = await import('./libvips.ts')
      return { again: rowOf({ ...picture, decoder: 'libvips', libvipsBytes: await memoryOf(picture.bytes) }, input) }
    } catch (error) {
      return faultOf(error)
    }
  }

  return { hasRows: true, encode }
}

type FaultOfPicture = ReturnType<typeof faultOf> | { again: ReturnType<typeof rowOf> }
