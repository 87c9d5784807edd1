import type { Graph, GraphNode } from '../onnx/graph.ts'
import { printable } from '../onnx/tensor.ts'
import { ambiguous, HIDDEN_COLOUR, imageOf, isNoPicture, knownImage, pictureTensorOf, type PartialImage, type PictureTensor } from './picture.ts'
import { rangeOf, scalingOf, type Range } from './scaling.ts'
import type { Assumption, Evidence, Source } from './source.ts'

/** Names that outputs with scores have, in the order of preference. */
const SCORES = ['logits', 'probabilities', 'output_probability']

/** Part of the shorter side that torchvision's and timm's crops keep. */
const CROP = 0.875

/** The usual side, in pixels, of models for any size. */
const USUAL_SIDE_PIXELS = 224

const STRETCHED = 'pictures stretched to the size of the input'
const CROPPED = 'the shorter side resized, and the centre cropped, as in torchvision'

const UNIT = { mean: 0, std: 1 }
const SYMMETRIC = { mean: 0.5, std: 0.5 }
const MNIST = { mean: 0.1307, std: 0.3081 }
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

/**
 * Works out how pictures are prepared if no file says so: from the shape of the input, from the operations at the input, and by
 * what is usual in the library that exported the model. What is usual is an assumption. Where several things are usual, the
 * start is refused.
 *
 * Transparent pixels get black behind them, as with Pillow's `convert('RGB')` for most pictures.
 */
export const inferImages: Source = async (evidence, known) => {
  const { graph } = evidence
  if (isNoPicture(known) || (known.input?.kind !== 'image' && !isClassifier(graph))) return null
  const tensor = pictureTensorOf(graph)
  if (tensor === null) return null
  const image = knownImage(known)
  if (isComplete(image)) return null
  const size = sizeOf(evidence, image, tensor)
  const pixels = await pixelsOf(evidence, image, tensor, size)
  const resize = resizeOf(evidence, image, tensor, size)
  return {
    from: `the input '${printable(tensor.name, 64)}' of the graph`,
    card: {
      input: {
        ...imageOf(tensor),
        width: size.width,
        height: size.height,
        colour: tensor.channels === 1 ? 'grey' : 'rgb',
        resize: resize.resize,
        background: HIDDEN_COLOUR,
        normalisation: pixels.normalisation
      }
    },
    assumptions: [...size.assumptions, ...pixels.assumptions, ...resize.assumptions]
  }
}

/** Whether earlier sources have found all there is to know of a picture. */
function isComplete ({ tensor, type, layout, width, height, colour, resize, background, normalisation }: PartialImage): boolean {
  return [tensor, type, layout, width, height, colour, resize?.fit, resize?.filter, background, normalisation].every(field => field !== undefined)
}

/** Whether some output can hold a score for each class. Detectors have boxes beside them. */
function isClassifier ({ outputs }: Graph): boolean {
  const ranks = outputs.map(({ type, shape }) => type === 'tensor' ? shape?.length ?? 2 : 2)
  if (outputs.some(({ name }, at) => ranks[at] === 2 && SCORES.includes(name))) return true
  return ranks.length > 0 && ranks.every(rank => rank === 1 || rank === 2)
}

interface Sizes {
  width: number
  height: number
  /** Whether the model takes any size, and no file says which. */
  isUnclear: boolean
  assumptions: Assumption[]
}

function sizeOf (evidence: Evidence, image: PartialImage, tensor: PictureTensor): Sizes {
  const width = image.width ?? tensor.width
  const height = image.height ?? tensor.height
  if (width !== null && height !== null) return { width, height, isUnclear: false, assumptions: [] }
  const size = { width: width ?? height ?? USUAL_SIDE_PIXELS, height: height ?? width ?? USUAL_SIDE_PIXELS }
  if (!evidence.graph.nodes.some(node => isGlobalPool(evidence.graph, node))) return { ...size, isUnclear: true, assumptions: [] }
  return {
    ...size,
    isUnclear: false,
    assumptions: [{
      field: '/input/width',
      assumed: `pictures of ${size.width} × ${size.height} pixels`,
      because: 'the model takes any size, and no file says in which one it was trained',
      card: JSON.stringify({ input: size })
    }]
  }
}

/** Whether an operation takes the mean over the height and the width, which makes the model run at any size. */
function isGlobalPool (graph: Graph, { opType, inputs, attributes }: GraphNode): boolean {
  if (opType === 'GlobalAveragePool' || opType === 'GlobalMaxPool') return true
  if (opType !== 'ReduceMean' && opType !== 'ReduceMax') return false
  const [, axes] = inputs
  const constant = axes === undefined ? undefined : graph.initializer(axes) ?? graph.producerOf(axes)?.attributes['value']?.tensor
  return (attributes['axes']?.ints ?? constant?.values)?.length === 2
}

/** Which values the input takes. */
async function pixelsOf (
  evidence: Evidence, image: PartialImage, { name, type, layout, channels }: PictureTensor, size: Sizes
): Promise<{ normalisation: { mean: number[], std: number[] } | null, assumptions: Assumption[] }> {
  const sides = size.isUnclear ? { width: size.width, height: size.height } : {}
  const range = type === 'uint8' ? 'levels' : rangeIn(evidence.graph, name, channels)
  const isKnown = image.normalisation !== undefined
  if (size.isUnclear && (isKnown || range !== null)) {
    throw ambiguous(evidence, 'it takes pictures of any size, so it is not clear which size they get', { input: sides })
  }
  if (isKnown || range === 'levels') return { normalisation: null, assumptions: [] }
  if (range !== null) {
    const normalisation = each(range === 'zero to one' ? UNIT : SYMMETRIC, channels)
    return {
      normalisation,
      assumptions: [{
        field: '/input/normalisation',
        assumed: range === 'zero to one' ? 'values of 0 to 1' : 'values of -1 to 1',
        because: "the model's first operations scale such values",
        card: JSON.stringify({ input: { normalisation } })
      }]
    }
  }
  if (channels === 3 && layout === 'NCHW' && !size.isUnclear) {
    return {
      normalisation: { mean: [...IMAGENET.mean], std: [...IMAGENET.std] },
      assumptions: [{
        field: '/input/normalisation',
        assumed: 'mean and standard deviation of ImageNet',
        because: 'no file says which values the model takes; most models with this input were trained so',
        card: JSON.stringify({ input: { normalisation: IMAGENET } })
      }]
    }
  }
  throw await unclearValues(evidence, image, { layout, channels }, sides)
}

function rangeIn (graph: Graph, name: string, channels: number): Range | null {
  const scaling = scalingOf(graph, name, channels)
  return scaling === null ? null : rangeOf(scaling)
}

async function unclearValues (
  evidence: Evidence, image: PartialImage, { layout, channels }: Pick<PictureTensor, 'layout' | 'channels'>, sides: PartialImage
): Promise<Error> {
  const question = sides.width === undefined
    ? 'it is not clear which values the pixels have'
    : 'it is not clear which size pictures get, and which values their pixels have'
  const line = (normalisation: { mean: number[], std: number[] } | null, meaning: string) => ({ input: { ...sides, normalisation }, meaning })
  const symmetric = line(each(SYMMETRIC, channels), '-1 to 1')
  const unit = line(each(UNIT, channels), '0 to 1')
  const imagenet = line(IMAGENET, "ImageNet's mean and standard deviation")
  const levels = line(null, '0 to 255')
  if (channels === 1) {
    const mnist = line(each(MNIST, 1), "MNIST's mean and standard deviation")
    return ambiguous(evidence, question, unit, mnist, symmetric, levels, { input: { kind: 'tensors' }, meaning: 'an input that is no picture' })
  }
  if (layout === 'NHWC' && image.resize?.fit === undefined && await hasNumberedLabels(evidence)) {
    // What Teachable Machine writes as example code beside its models.
    const teachable = { ...sides, resize: { fit: 'cover', filter: 'lanczos' }, normalisation: each(SYMMETRIC, channels) } as const
    return ambiguous(evidence, question, { input: teachable, meaning: 'a model of Teachable Machine (-1 to 1)' }, symmetric, unit, imagenet, levels)
  }
  return ambiguous(evidence, question, symmetric, unit, imagenet, levels)
}

/** Whether each line of labels.txt starts with its number, as Teachable Machine writes it. */
async function hasNumberedLabels ({ files }: Evidence): Promise<boolean> {
  const lines = (await files.read('labels.txt'))?.toString('utf8').trim().split(/\r?\n/) ?? []
  return lines.length > 0 && lines.every((line, at) => line.startsWith(`${at} `))
}

function each ({ mean, std }: { mean: number, std: number }, channels: number): { mean: number[], std: number[] } {
  return { mean: Array.from({ length: channels }, () => mean), std: Array.from({ length: channels }, () => std) }
}

/** How pictures get the size of the input. */
function resizeOf (
  { graph }: Evidence, image: PartialImage, { layout, channels }: PictureTensor, { width, height }: Sizes
): { resize: NonNullable<PartialImage['resize']>, assumptions: Assumption[] } {
  const { fit, filter } = image.resize ?? {}
  const isTorch = graph.producer === 'pytorch' || layout === 'NCHW'
  const usual: NonNullable<PartialImage['resize']> = isTorch && channels === 3
    ? { fit: 'cover', ...width === height && { shorterSide: Math.round(width / CROP) }, filter: 'bilinear', rounding: 'torchvision' }
    : { fit: 'stretch', filter: 'bilinear' }
  // The length before the crop belongs to the fit.
  const resize = fit === undefined ? usual : { ...filter === undefined && { filter: 'bilinear' } as const }
  const fieldsMissing = fit === undefined ? '/input/resize' : filter === undefined ? '/input/resize/filter' : null
  if (fieldsMissing === null) return { resize: {}, assumptions: [] }
  return {
    resize,
    assumptions: [{
      field: fieldsMissing,
      assumed: fit === undefined ? (usual.fit === 'stretch' ? STRETCHED : CROPPED) : 'the filter bilinear',
      because: 'no file says how pictures get the size of the input',
      card: JSON.stringify({ input: { resize } })
    }]
  }
}
