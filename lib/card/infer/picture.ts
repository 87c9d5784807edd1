import { CardAmbiguous, ModelInvalid } from '../../errors.ts'
import type { ImageInput } from '../../modalities/image/input.ts'
import type { Graph, GraphNode, GraphValue } from '../onnx/graph.ts'
import { placeOf } from './config-file.ts'
import { meaningOf, type Meaning } from './scores.ts'
import type { Evidence, PartialCard } from './source.ts'

/** The part of a card's `input` for pictures that a source has found. */
export type PartialImage = Extract<NonNullable<PartialCard['input']>, { kind?: 'image' }>

/** What the graph says about its input for pictures. */
export interface PictureTensor {
  name: string
  type: ImageInput['type']
  layout: ImageInput['layout']
  channels: 1 | 3
  /** In pixels; null if the model takes any. */
  height: number | null
  width: number | null
}

/**
 * Colour behind transparent pixels. Pillow's `convert('RGB')`, which the training libraries call, drops the alpha channel and
 * shows the colours under it. Most programs store black there.
 */
export const HIDDEN_COLOUR = '#000000'

/** Name of each of Pillow's filters by its number. */
export const FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const

/** Operations on the input that keep the axes. */
const BEFORE_CONVOLUTION = ['Cast', 'DynamicQuantizeLinear', 'Identity', 'Pad']

/** Largest number of operations to follow from the input. */
const STEP_LIMIT = 8

/** Shortest side, in pixels, that can be told from a number of channels. */
const SIDE_PIXELS = 5

/**
 * Finds the input for pictures: the only input, with four axes, one of them the channels.
 *
 * @param usualChannels number of channels, for graphs that do not say it
 * @returns null if the model takes something else
 */
export function pictureTensorOf (graph: Graph, usualChannels?: number): PictureTensor | null {
  const [input, second] = graph.inputs
  if (!input || second || input.type !== 'tensor' || input.shape?.length !== 4) return null
  const { name, dtype, shape: [, first = null, middle = null, last = null] } = input
  if (dtype !== 'uint8' && dtype !== 'float32' && dtype !== 'float16') return null
  const layout = layoutOf(graph, input)
  const [declared, height, width] = layout === 'NHWC' ? [last, first, middle] : [first, middle, last]
  const channels = typeof declared === 'number' ? declared : channelsOfConvolution(graph, name) ?? usualChannels
  if (layout === null || (channels !== 1 && channels !== 3)) return null
  return { name, type: dtype, layout, channels, height: numberOf(height), width: numberOf(width) }
}

function numberOf (length: number | string | null): number | null {
  return typeof length === 'number' ? length : null
}

function layoutOf (graph: Graph, { name, shape }: GraphValue): 'NHWC' | 'NCHW' | null {
  const [, first = null, middle = null, last = null] = shape ?? []
  if (isChannels(first) && !isChannels(last)) return 'NCHW'
  if (isChannels(last) && !isChannels(first)) return 'NHWC'
  if (isChannels(first) && isSide(middle) && isSide(last)) return 'NCHW'
  if (isChannels(last) && isSide(middle) && isSide(first)) return 'NHWC'
  if (typeof first === 'number' && typeof last === 'number') return null
  if (named(first, /channel|^c$/i) || (named(middle, /height|^h$/i) && named(last, /width|^w$/i))) return 'NCHW'
  if (named(last, /channel|^c$/i) || (named(first, /height|^h$/i) && named(middle, /width|^w$/i))) return 'NHWC'
  // ONNX's own convolution takes NCHW. A model of NHWC transposes first.
  return channelsOfConvolution(graph, name) === null ? null : 'NCHW'
}

function isChannels (length: number | string | null): boolean {
  return length === 1 || length === 3
}

function isSide (length: number | string | null): boolean {
  return typeof length !== 'number' || length >= SIDE_PIXELS
}

function named (length: number | string | null, pattern: RegExp): boolean {
  return typeof length === 'string' && pattern.test(length)
}

/** Input channels of the convolution that takes a value first; null if there is none. */
function channelsOfConvolution (graph: Graph, input: string): number | null {
  let value: string | undefined = input
  for (let step = 0; step < STEP_LIMIT && value !== undefined; step++) {
    const consumers: readonly GraphNode[] = graph.consumersOf(value)
    for (const { opType, inputs: [taken, weights], attributes } of consumers) {
      if ((opType !== 'Conv' && opType !== 'ConvInteger') || taken !== value || weights === undefined) continue
      const channels = graph.initializer(weights)?.shape[1]
      return channels === undefined ? null : channels * (attributes['group']?.int ?? 1)
    }
    value = consumers.find(({ opType }) => BEFORE_CONVOLUTION.includes(opType))?.outputs[0]
  }
  return null
}

/**
 * Finds the output with one score for each label.
 *
 * @returns null if the model has none, or several that could be it
 */
export function scoresOf (graph: Graph): { name: string, classes: number | null, meaning: Meaning } | null {
  const tables = graph.outputs.filter(({ type, shape, dtype }) => {
    return type === 'tensor' && (shape === null || shape.length === 2) && (dtype === null || dtype.startsWith('float'))
  })
  const scores = tables.find(({ name }) => name === 'logits') ?? (graph.outputs.length === 1 ? tables[0] : undefined)
  if (!scores) return null
  const classes = scores.shape?.[1]
  return { name: scores.name, classes: typeof classes === 'number' ? classes : null, meaning: meaningOf(graph, scores.name) }
}

/**
 * The answer of a classifier of pictures, by what the numbers of its scores mean.
 *
 * @returns no `activation` if the graph does not say what they mean, so that a run of the model settles it
 */
export function classifierOf ({ name, meaning }: { name: string, meaning: Meaning }): NonNullable<PartialCard['output']> {
  switch (meaning) {
    case 'independent': return { kind: 'labels', tensor: name, activation: 'none' }
    case 'probabilities': return { kind: 'classes', tensor: name, activation: 'none' }
    case 'unknown': return { kind: 'classes', tensor: name }
    default: return { kind: 'classes', tensor: name, activation: 'softmax' }
  }
}

/** The fields of the card that the graph says for sure. */
export function imageOf ({ name, type, layout, channels }: PictureTensor): PartialImage {
  return { kind: 'image', tensor: name, type, layout, ...channels === 1 && { colour: 'grey' } }
}

/** Whether the card says already that the input is no picture. */
export function isNoPicture ({ input, output }: PartialCard): boolean {
  return (input?.kind !== undefined && input.kind !== 'image') || output?.kind === 'tensors'
}

/** The part of a card's `input` for pictures that is known; empty if there is none. */
export function knownImage ({ input }: PartialCard): PartialImage {
  return input !== undefined && isImage(input) ? input : {}
}

function isImage (input: NonNullable<PartialCard['input']>): input is PartialImage {
  return input.kind === 'image' || (input.kind === undefined && !('features' in input))
}

/**
 * Leaves out the lengths and the rounding of a resize if the card says another fit, because they belong to the one that was found.
 */
export function resizeBeside (
  known: PartialCard, { filter, ...resize }: NonNullable<PartialImage['resize']>
): NonNullable<PartialImage['resize']> {
  const isOther = knownImage(known).resize?.fit !== undefined
  return { ...isOther ? {} : resize, ...filter !== undefined && { filter } }
}

/**
 * Checks that the size of prepared pictures is one that the model takes.
 *
 * @param name of the file that says how to prepare pictures
 * @throws ModelInvalid when it contradicts the model
 */
export function checkSize (
  { files }: Evidence, { height, width }: PictureTensor, prepared: { height: number, width: number }, name: string
): void {
  if ((height ?? prepared.height) === prepared.height && (width ?? prepared.width) === prepared.width) return
  const sizes = `pictures of ${prepared.width} × ${prepared.height} pixels, but the model takes ${width ?? 'any'} × ${height ?? 'any'}`
  throw new ModelInvalid(placeOf(files, name), `prepares ${sizes}; ` +
    'export it again, or set input.width, input.height and input.resize in card.json')
}

/**
 * Checks that there is a label for each class.
 *
 * @throws ModelInvalid when the file has more or fewer labels than the model has classes
 */
export function checkLabels ({ files }: Evidence, labels: readonly string[], classes: number | null, name: string): void {
  if (classes === null || classes === labels.length) return
  throw new ModelInvalid(placeOf(files, name),
    `has ${labels.length} labels, but the model has ${classes} classes; take the file that belongs to the model`)
}

/**
 * Labels in the order of their indexes.
 *
 * @param pairs an index, as a number or its text, and a label, in any order; `list.entries()` for a list
 * @returns null if an index is missing or double, or a label is no text
 */
export function labelsOf (pairs: Iterable<readonly [unknown, unknown]>): string[] | null {
  const all = [...pairs]
  const labels: string[] = []
  for (const [key, label] of all) {
    const index = /^\d+$/.test(String(key)) ? Number(key) : all.length
    if (index >= all.length || labels[index] !== undefined) return null
    if (!['string', 'number', 'boolean'].includes(typeof label) || label === '') return null
    labels[index] = String(label)
  }
  return labels
}

/** An error that says what `input` of a card is not clear, with the lines that settle it. */
export function ambiguous (
  { files }: Evidence, question: string, ...lines: Array<{ input: PartialImage | { kind: 'tensors' }, meaning?: string }>
): Error {
  const texts = lines.map(({ input, meaning }) => JSON.stringify({ input }) + (meaning === undefined ? '' : ` for ${meaning}`))
  return new CardAmbiguous(files.model, question, texts.join(', or '))
}
