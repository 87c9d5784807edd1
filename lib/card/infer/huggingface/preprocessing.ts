import { ModelInvalid } from '../../../errors.ts'
import { Type, type Static } from '../../../typebox.ts'
import { checked, placeOf } from '../config-file.ts'
import { ambiguous, FILTERS, HIDDEN_COLOUR, knownImage, resizeBeside, type PartialImage } from '../picture.ts'
import type { Assumption, Evidence, PartialCard } from '../source.ts'
import { quoted } from '../../onnx/tensor.ts'
import { PROCESSOR_OF_MODEL, PROCESSORS, type Processor, type Size } from './processors.ts'

const Side = Type.Integer({ minimum: 1, maximum: 16_384 })
const Fraction = Type.Number({ exclusiveMinimum: 0, maximum: 1 })
const PerChannel = Type.Union([Type.Number(), Type.Array(Type.Number(), { minItems: 1, maxItems: 3 })])
const Sides = Type.Union([
  Type.Object({
    height: Type.Optional(Type.Union([Side, Type.Null()])),
    width: Type.Optional(Type.Union([Side, Type.Null()])),
    shortest_edge: Type.Optional(Type.Union([Side, Type.Null()])),
    longest_edge: Type.Optional(Type.Union([Side, Type.Null()]))
  }),
  Side,
  Type.Array(Side, { minItems: 2, maxItems: 2 })
])

/** The fields of an image processor's file, without those that are null. */
const ProcessorSchema = Type.Object({
  image_processor_type: Type.Optional(Type.String()),
  feature_extractor_type: Type.Optional(Type.String()),
  do_resize: Type.Optional(Type.Boolean()),
  size: Type.Optional(Sides),
  resample: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
  do_center_crop: Type.Optional(Type.Boolean()),
  crop_size: Type.Optional(Sides),
  crop_pct: Type.Optional(Fraction),
  do_rescale: Type.Optional(Type.Boolean()),
  rescale_factor: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  do_normalize: Type.Optional(Type.Boolean()),
  image_mean: Type.Optional(PerChannel),
  image_std: Type.Optional(PerChannel),
  do_flip_channel_order: Type.Optional(Type.Boolean()),
  rescale_offset: Type.Optional(Type.Boolean()),
  include_top: Type.Optional(Type.Boolean())
})

type ProcessorFile = Static<typeof ProcessorSchema>

/** Where the fields of a processor come from. */
interface Origin {
  evidence: Evidence
  /** Name of the file. */
  name: string
  /** Class of the processor, without Fast or Pil. */
  processor: string
  known: PartialCard
}

/** How a processor prepares pictures: the fields of the card, and what had to be assumed. */
export interface Preprocessing {
  processor: string
  image: PartialImage
  assumptions: Assumption[]
}

/** From this size on, ConvNeXT's processor does not crop. */
const CONVNEXT_WHOLE_PIXELS = 384

/** 1 / 255 as most files have it. Factors that are this near are the same number. */
const FACTOR = 1 / 255
const FACTOR_TOLERANCE = 1e-9

/**
 * Reads how an image processor of transformers prepares pictures.
 *
 * @param file fields of `preprocessor_config.json` that are not null
 * @param name of the file
 * @param modelType `model_type` of the model, for files that name no processor
 * @param channels of the model's input
 * @throws ModelInvalid when the processor is unknown, or a field is wrong
 * @throws CardAmbiguous when the processor keeps the proportions, so that the size of its pictures varies
 */
export function preprocessingOf (
  file: Record<string, unknown>, name: string, modelType: string | null, channels: 1 | 3, evidence: Evidence, known: PartialCard
): Preprocessing {
  const fields = checked(ProcessorSchema, file, evidence.files, name)
  const written = fields.image_processor_type ?? fields.feature_extractor_type ?? PROCESSOR_OF_MODEL.get(modelType ?? '')
  if (written === undefined) {
    throw new ModelInvalid(placeOf(evidence.files, name),
      `names no image_processor_type, and Servery knows none for model_type ${quoted(modelType ?? '')}; ` +
        'add the field, or write input into card.json')
  }
  const processor = written.replace('FeatureExtractor', 'ImageProcessor').replace(/(?:Fast|Pil)$/, '')
  const defaults = PROCESSORS.get(processor)
  if (!defaults) {
    const { resize, normalisation } = knownImage(known)
    // The card says all that the processor would do. The graph says the rest.
    if (resize?.fit && normalisation !== undefined) return { processor: written, image: {}, assumptions: [] }
    throw new ModelInvalid(placeOf(evidence.files, name),
      `Servery does not know the processor ${quoted(written)}; ` +
        'write what it does to card.json, such as {"input":{"width":224,"height":224,"resize":{"fit":"stretch","filter":"bilinear"},"normalisation":{"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}}}')
  }
  const origin = { evidence, name, processor, known }
  // Only this class takes its crop from torchvision.
  const rounding = written === 'ConvNextImageProcessorFast' ? 'torchvision' : 'transformers'
  const filter = FILTERS[fields.resample ?? defaults.resample]
  if (filter === undefined) throw new Error(`no filter ${fields.resample}`)
  const { resize, ...size } = sizeOf(fields, defaults, origin)
  const flips = fields.do_flip_channel_order ?? defaults.flips ?? false
  return {
    processor,
    image: {
      ...size,
      colour: channels === 1 ? 'grey' : flips ? 'bgr' : 'rgb',
      resize: resizeBeside(known, { ...resize, filter, rounding }),
      background: HIDDEN_COLOUR,
      normalisation: normalisationOf(fields, defaults, channels, origin)
    },
    assumptions: assumptionsOf(fields, origin, filter, size)
  }
}

/** What a class does by default that has changed between the versions of transformers. */
function assumptionsOf (
  fields: ProcessorFile, { name, processor }: Origin, filter: string, size: { width: number, height: number }
): Assumption[] {
  const assumptions: Assumption[] = []
  if (fields.resample === undefined && fields.do_resize !== false) {
    assumptions.push({
      field: '/input/resize/filter',
      assumed: `the filter ${filter}`,
      because: `${name} has no resample, and the default of ${processor} depends on the version of transformers`,
      card: JSON.stringify({ input: { resize: { filter } } })
    })
  }
  if (processor === 'BeitImageProcessor' && fields.do_center_crop === undefined) {
    assumptions.push({
      field: '/input/resize/shorterSide',
      assumed: `a crop to ${size.width} × ${size.height} pixels after the resize`,
      because: `${name} has no do_center_crop, and the default of ${processor} depends on the version of transformers`,
      card: JSON.stringify({ input: { ...size, resize: { fit: 'stretch' } } })
    })
  }
  return assumptions
}

type Fitted = { width: number, height: number, resize: { fit: 'cover' | 'stretch', shorterSide?: number } }

/** Sizes of a resize: `shorterSide` keeps the proportions, the others do not. */
type Resized = { shorterSide: number } | { height: number, width: number }

function sizeOf (fields: ProcessorFile, defaults: Processor, origin: Origin): Fitted {
  const { width, height, resize } = knownImage(origin.known)
  const crop = cropOf(fields, defaults, origin)
  if (fields.do_resize === false) {
    if (width !== undefined && height !== undefined && resize?.fit !== undefined) return { width, height, resize: { fit: 'stretch' } }
    throw ambiguous(origin.evidence, `${origin.name} says do_resize false, so it is not clear which size pictures get`, lineOf(crop))
  }
  const resized = resizedOf(fields, defaults, origin)
  if ('crop' in resized) return resized.crop
  if ('shorterSide' in resized) {
    if (crop) {
      const { shorterSide } = resized
      const isCropped = shorterSide !== crop.width || shorterSide !== crop.height
      return { ...crop, resize: { fit: 'cover', ...isCropped && { shorterSide } } }
    }
    if (width !== undefined && height !== undefined && resize?.fit !== undefined) return { width, height, resize: { fit: 'cover' } }
    throw ambiguous(origin.evidence, `${origin.name} keeps the proportions of pictures and does not crop, so it is not clear which size pictures get`,
      lineOf({ width: resized.shorterSide, height: resized.shorterSide }))
  }
  if (!crop || (crop.width === resized.width && crop.height === resized.height)) return { ...resized, resize: { fit: 'stretch' } }
  if (resized.width === resized.height) return { ...crop, resize: { fit: 'stretch', shorterSide: resized.width } }
  throw new ModelInvalid(placeOf(origin.evidence.files, origin.name),
    `size ${resized.width} × ${resized.height} with a crop to ${crop.width} × ${crop.height} is not supported; ` +
      'write input.resize into card.json')
}

function lineOf (size: { width: number, height: number } | null): { input: PartialImage } {
  return { input: { width: size?.width ?? 224, height: size?.height ?? 224, resize: { fit: 'cover' } } }
}

function resizedOf (fields: ProcessorFile, defaults: Processor, origin: Origin): Resized | { crop: Fitted } {
  const { height, width, shortest_edge: edge } = sidesOf(fields.size, defaults.size, defaults.isSquare ?? false, origin)
  const isPair = height !== undefined && width !== undefined
  if (defaults.rule === 'convnext') {
    if (edge === undefined) throw wrongSize(origin)
    if (edge >= CONVNEXT_WHOLE_PIXELS) return { height: edge, width: edge }
    const shorterSide = Math.trunc(edge / (fields.crop_pct ?? 224 / 256))
    return { crop: { width: edge, height: edge, resize: { fit: 'cover', shorterSide } } }
  }
  if (defaults.rule === 'poolformer') {
    const fraction = fields.crop_pct ?? 0.9
    if (edge !== undefined) return { shorterSide: Math.trunc(edge / fraction) }
    if (isPair && height === width) return { shorterSide: Math.trunc(height / fraction) }
    if (isPair) return { height: Math.trunc(height / fraction), width: Math.trunc(width / fraction) }
    throw wrongSize(origin)
  }
  if (edge !== undefined) return { shorterSide: defaults.rule === 'levit' ? Math.trunc(256 / 224 * edge) : edge }
  if (isPair) return { height, width }
  throw wrongSize(origin)
}

function wrongSize ({ evidence, name, processor }: Origin): Error {
  return new ModelInvalid(placeOf(evidence.files, name),
    `${processor} cannot use this size; write input.width, input.height and input.resize into card.json`)
}

function cropOf (fields: ProcessorFile, defaults: Processor, origin: Origin): { height: number, width: number } | null {
  if (!(fields.do_center_crop ?? defaults.doesCrop ?? defaults.crop !== undefined)) return null
  const fallback = defaults.crop ?? sidesOf(fields.size, defaults.size, true, origin)
  const { height, width } = sidesOf(fields.crop_size, fallback, true, origin)
  if (height === undefined || width === undefined) throw wrongSize(origin)
  return { height, width }
}

function sidesOf (sides: ProcessorFile['size'], fallback: Size, isSquare: boolean, origin: Origin): Size {
  if (sides === undefined) return fallback
  if (typeof sides === 'number') return isSquare ? { height: sides, width: sides } : { shortest_edge: sides }
  if (Array.isArray(sides)) {
    const [height, width] = sides
    return height === undefined || width === undefined ? {} : { height, width }
  }
  const { height, width, shortest_edge: edge, longest_edge: longest } = sides
  // A limit for the longer side makes the shorter side of long pictures smaller than it says.
  if (longest !== undefined && longest !== null) throw wrongSize(origin)
  return {
    ...typeof height === 'number' && { height }, ...typeof width === 'number' && { width }, ...typeof edge === 'number' && { shortest_edge: edge }
  }
}

/**
 * Mean and standard deviation for levels of 0 … 1. The processor computes (level × factor − offset − mean) / std, and its
 * factor may be any number.
 *
 * @returns null for the levels 0 … 255 themselves
 */
function normalisationOf (
  fields: ProcessorFile, defaults: Processor, channels: 1 | 3, origin: Origin
): { mean: number[], std: number[] } | null {
  const rescales = fields.do_rescale ?? true
  const normalises = defaults.scalesOnly ? false : fields.do_normalize ?? true
  const dividesTwice = defaults.dividesTwice === true && (fields.include_top ?? true)
  if (!rescales && !normalises && !dividesTwice) return null
  const factor = rescales ? fields.rescale_factor ?? FACTOR : 1
  const scale = Math.abs(factor - FACTOR) < FACTOR_TOLERANCE ? 1 : factor * 255
  const offset = rescales && defaults.dividesTwice === true && fields.rescale_offset === true ? 1 : 0
  const mean = perChannel(fields.image_mean ?? defaults.mean, channels, 'image_mean', origin)
  const std = perChannel(fields.image_std ?? defaults.std, channels, 'image_std', origin)
  if (std.some(value => value <= 0)) {
    throw new ModelInvalid(placeOf(origin.evidence.files, origin.name),
      '/image_std must be greater than 0; correct it')
  }
  return {
    mean: mean.map(value => (offset + (normalises ? value : 0)) / scale),
    std: std.map(value => (normalises ? value : 1) * (dividesTwice ? value : 1) / scale)
  }
}

function perChannel (values: number | readonly number[], channels: 1 | 3, field: string, { evidence, name }: Origin): number[] {
  const list = typeof values === 'number' ? [values] : values
  if (list.length === 1) return Array.from({ length: channels }, () => list[0] ?? 0)
  if (list.length === channels) return [...list]
  throw new ModelInvalid(placeOf(evidence.files, name),
    `/${field} has ${list.length} values, but the model takes ${channels} ${channels === 1 ? 'channel' : 'channels'}; ` +
      'correct it, or write input.normalisation into card.json')
}
