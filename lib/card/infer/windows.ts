import { ModelInvalid } from '../../errors.ts'
import type { ImageInput } from '../../modalities/image/input.ts'
import { printable } from '../onnx/tensor.ts'
import { objectOf, readConfig } from './config-file.ts'
import { ambiguous, HIDDEN_COLOUR, imageOf, isNoPicture, knownImage, pictureTensorOf, resizeBeside, type PictureTensor } from './picture.ts'
import type { Assumption, Evidence, PartialCard, Source } from './source.ts'

/** Field `Image.BitmapPixelFormat` of the metadata. */
const COLOURS: ReadonlyMap<string, ImageInput['colour']> = new Map([['Bgr8', 'bgr'], ['Rgb8', 'rgb'], ['Gray8', 'grey']])

/** Field `Image.NominalPixelRange` of the metadata: mean and standard deviation of values of 0 to 1, or null for levels. */
const RANGES: ReadonlyMap<string, { mean: number, std: number } | null> = new Map([
  ['NominalRange_0_255', null],
  ['Normalized_0_1', { mean: 0, std: 1 }],
  ['Normalized_1_1', { mean: 0.5, std: 0.5 }]
])

/**
 * Reads ONNX's own metadata for pictures, which Custom Vision and the tools of Windows ML write: the pixel format and the range
 * of the values. A detector of Custom Vision is served as plain tensors.
 *
 * @see https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
 * @see https://learn.microsoft.com/en-us/azure/ai-services/custom-vision-service/export-model-python
 */
export const inferWindows: Source = async (evidence, known) => {
  const { graph, files } = evidence
  const manifest = await readConfig(files, 'cvexport.manifest')
  const { 'Image.BitmapPixelFormat': format, 'Image.NominalPixelRange': range } = graph.metadata
  const isMarked = graph.inputs.some(({ denotation }) => denotation === 'IMAGE')
  const isCustomVision = typeof manifest?.['DomainType'] === 'string' || typeof manifest?.['ExporterVersion'] === 'string'
  if ((format === undefined && range === undefined && !isMarked && !isCustomVision) || isNoPicture(known)) return null
  const from = ['metadata of the ONNX file (Windows ML)', ...isCustomVision ? ['cvexport.manifest (Custom Vision)'] : []].join(', ')
  if (objectOf(manifest)?.['DomainType'] === 'ObjectDetection') {
    return {
      from: 'cvexport.manifest (Custom Vision: it detects objects, so its tensors are served as they are)',
      card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
    }
  }
  const tensor = pictureTensorOf(graph)
  if (tensor === null) return null
  const assumptions: Assumption[] = []
  const colour = colourOf(evidence, known, tensor, format, isCustomVision, assumptions)
  const normalisation = normalisationOf(evidence, known, tensor, range, isCustomVision, assumptions)
  const size = sizeOf(evidence, known, tensor)
  const resize = { fit: 'stretch', filter: 'bicubic' } as const
  const { fit, filter } = knownImage(known).resize ?? {}
  if (fit === undefined || filter === undefined) {
    assumptions.push({
      field: '/input/resize',
      assumed: 'pictures stretched to the size of the input, with the filter bicubic',
      because: "the metadata do not say it; the example code of Custom Vision's export does so",
      card: JSON.stringify({ input: { resize } })
    })
  }
  const input = { ...imageOf(tensor), ...size, colour, resize: resizeBeside(known, resize), background: HIDDEN_COLOUR, normalisation }
  return { from, card: { input }, assumptions }
}

function sizeOf (evidence: Evidence, known: PartialCard, { width, height }: PictureTensor): { width: number, height: number } {
  const image = knownImage(known)
  const size = { width: width ?? image.width, height: height ?? image.height }
  if (size.width === undefined || size.height === undefined) {
    throw ambiguous(evidence, 'it is not clear which size pictures get', { input: { width: 224, height: 224 } })
  }
  return { width: size.width, height: size.height }
}

function colourOf (
  evidence: Evidence,
  known: PartialCard,
  { channels }: PictureTensor,
  format: string | undefined,
  isCustomVision: boolean,
  assumptions: Assumption[]
): ImageInput['colour'] {
  const { colour: knownColour } = knownImage(known)
  if (knownColour !== undefined) return knownColour
  const colour = format === undefined ? undefined : COLOURS.get(format)
  if (format !== undefined && colour === undefined) {
    throw unsupported(evidence, 'Image.BitmapPixelFormat', format, [...COLOURS.keys()], { colour: 'rgb' })
  }
  if (colour !== undefined && (colour === 'grey') !== (channels === 1)) {
    throw new ModelInvalid(evidence.files.model,
      `its metadata say Image.BitmapPixelFormat ${format}, but the input has ${channels} ${channels === 1 ? 'channel' : 'channels'}; ` +
        'set input.colour in card.json')
  }
  if (colour !== undefined || channels === 1) return colour ?? 'grey'
  if (!isCustomVision) {
    const question = 'its input is marked as a picture, but it is not clear in which order the colours are'
    throw ambiguous(evidence, question, { input: { colour: 'rgb' } }, { input: { colour: 'bgr' } })
  }
  assumptions.push({
    field: '/input/colour',
    assumed: 'the order red, green, blue',
    because: 'the metadata have no Image.BitmapPixelFormat',
    card: JSON.stringify({ input: { colour: 'rgb' } })
  })
  return 'rgb'
}

function normalisationOf (
  evidence: Evidence,
  known: PartialCard,
  { channels, type }: PictureTensor,
  range: string | undefined,
  isCustomVision: boolean,
  assumptions: Assumption[]
): { mean: number[], std: number[] } | null {
  if (type === 'uint8') return null
  const { normalisation: knownNormalisation } = knownImage(known)
  // Custom Vision's example code divides by 255 if the metadata do not say that levels are wanted. Windows takes levels.
  const values = RANGES.get(range ?? (isCustomVision ? 'Normalized_0_1' : 'NominalRange_0_255'))
  if (knownNormalisation === undefined) {
    if (range !== undefined && values === undefined) {
      throw unsupported(evidence, 'Image.NominalPixelRange', range, [...RANGES.keys()], { normalisation: null })
    }
    if (range === undefined) {
      assumptions.push({
        field: '/input/normalisation',
        assumed: values ? 'values of 0 to 1' : 'levels of 0 to 255',
        because: 'the metadata have no Image.NominalPixelRange',
        card: JSON.stringify({ input: { normalisation: values ? { mean: repeat(values.mean, channels), std: repeat(values.std, channels) } : null } })
      })
    }
  }
  return values ? { mean: repeat(values.mean, channels), std: repeat(values.std, channels) } : null
}

function repeat (value: number, count: number): number[] {
  return Array.from({ length: count }, () => value)
}

function unsupported ({ files }: Evidence, field: string, value: string, supported: string[], line: object): Error {
  return new ModelInvalid(files.model, `its metadata say ${field} ${printable(value, 64)}, which is not supported (only ${supported.join(', ')}); ` +
    `write what it means into card.json, such as ${JSON.stringify({ input: line })}`)
}
