import { ModelInvalid } from '../../errors.ts'
import { roundHalfEven } from '../../round.ts'
import { Type, type Static } from '../../typebox.ts'
import { printable, quoted } from '../onnx/tensor.ts'
import { checked, objectOf, placeOf, readConfig } from './config-file.ts'
import {
  ambiguous, checkLabels, checkSize, classifierOf, FILTERS, HIDDEN_COLOUR, imageOf, isNoPicture, knownImage, labelsOf, pictureTensorOf, resizeBeside,
  scoresOf, type PartialImage
} from './picture.ts'
import type { Assumption, Evidence, PartialCard, Source } from './source.ts'

const PerChannel = Type.Array(Type.Number(), { minItems: 1, maxItems: 3 })
const Side = Type.Integer({ minimum: 1, maximum: 8192 })

/** The fields of timm's pretrained_cfg that say how pictures are prepared. */
const PretrainedSchema = Type.Object({
  input_size: Type.Optional(Type.Tuple([Side, Side, Side])),
  interpolation: Type.Optional(Type.String()),
  crop_pct: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  crop_mode: Type.Optional(Type.Enum(['center', 'squash', 'border'])),
  mean: Type.Optional(PerChannel),
  std: Type.Optional(PerChannel)
})

type PretrainedConfig = Static<typeof PretrainedSchema>

/** timm's defaults, in data/config.py and data/constants.py. */
const DEFAULTS = {
  channels: 3,
  size: 224,
  interpolation: 'bicubic',
  crop: 0.875,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225]
}

/**
 * Reads timm's `config.json`, also that of transformers' wrapper of timm: the preparation of pictures as in timm's evaluation
 * (`test_input_size` and `test_crop_pct` are only for those who ask), and the names of the labels.
 *
 * @see https://github.com/huggingface/pytorch-image-models/blob/v1.0.31/timm/data/transforms_factory.py transforms_imagenet_eval
 */
export const inferTimm: Source = async (evidence, known) => {
  const { files, graph } = evidence
  const config = await readConfig(files, 'config.json')
  const fields = pretrainedConfig(config)
  if (config === null || fields === null || isNoPicture(known)) return null
  const from = `config.json (timm${typeof config['architecture'] === 'string' ? ` ${printable(config['architecture'], 64)}` : ''})`
  const pretrained = checked(PretrainedSchema, fields, files, 'config.json')
  const tensor = pictureTensorOf(graph, pretrained.input_size?.[0] ?? DEFAULTS.channels)
  const scores = scoresOf(graph)
  if (tensor === null || scores === null || config['num_classes'] === 0) {
    return { from, card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] } }
  }
  const { image, assumptions } = preparationOf(pretrained, tensor.channels, evidence, known)
  const { width, height } = knownImage(known)
  if (width === undefined && height === undefined && image.width !== undefined && image.height !== undefined) {
    checkSize(evidence, tensor, { width: image.width, height: image.height }, 'config.json')
  }
  const labels = labelsIn(config['label_names'] ?? fields['label_names'] ?? config['labels'], evidence)
  if (labels) checkLabels(evidence, labels, scores.classes, 'config.json')
  return {
    from,
    card: {
      input: { ...imageOf(tensor), ...image },
      output: classifierOf(scores),
      ...labels && { labels }
    },
    assumptions
  }
}

/** `pretrained_cfg`; files of before 2023 have its fields at the top. */
function pretrainedConfig (config: Record<string, unknown> | null): Record<string, unknown> | null {
  if (config === null) return null
  if (config['pretrained_cfg'] !== undefined) return objectOf(config['pretrained_cfg'])
  return typeof config['architecture'] === 'string' && Array.isArray(config['input_size']) ? config : null
}

function labelsIn (names: unknown, { files }: Evidence): string[] | null {
  if (names === undefined) return null
  const labels = labelsOf(Array.isArray(names) ? names.entries() : Object.entries(objectOf(names) ?? {}))
  if (labels === null || labels.length === 0) {
    throw new ModelInvalid(placeOf(files, 'config.json'),
      '/label_names must have a text for each class from 0 on; correct it')
  }
  return labels
}

function preparationOf (
  fields: PretrainedConfig, channels: 1 | 3, evidence: Evidence, known: PartialCard
): { image: PartialImage, assumptions: Assumption[] } {
  const [, height, width] = fields.input_size ?? [3, DEFAULTS.size, DEFAULTS.size]
  const mean = perChannel(fields.mean ?? DEFAULTS.mean, channels, 'mean', evidence)
  const std = perChannel(fields.std ?? DEFAULTS.std, channels, 'std', evidence)
  if (std.some(value => value <= 0)) {
    throw new ModelInvalid(placeOf(evidence.files, 'config.json'),
      '/pretrained_cfg/std must be greater than 0; correct it')
  }
  // 'random' is for training. timm's evaluation does not know it.
  const interpolation = fields.interpolation === undefined || fields.interpolation === 'random' ? DEFAULTS.interpolation : fields.interpolation
  const filter = FILTERS.find(name => name === interpolation)
  if (filter === undefined) {
    throw new ModelInvalid(placeOf(evidence.files, 'config.json'),
      `/pretrained_cfg/interpolation ${quoted(interpolation)} is none of ${FILTERS.join(', ')}; correct it`)
  }
  return {
    image: {
      width,
      height,
      colour: channels === 1 ? 'grey' : 'rgb',
      resize: resizeBeside(known, { ...fitOf(fields, { width, height }, evidence, known), filter, rounding: 'torchvision' }),
      background: fields.crop_mode === 'border' ? colourOf(mean) : HIDDEN_COLOUR,
      normalisation: { mean, std }
    },
    assumptions: fields.interpolation === 'random'
      ? [{
          field: '/input/resize/filter',
          assumed: 'the filter bicubic',
          because: 'config.json says interpolation random, which means bilinear or bicubic in training',
          card: JSON.stringify({ input: { resize: { filter: 'bicubic' } } })
        }]
      : []
  }
}

type Fit = Pick<NonNullable<PartialImage['resize']>, 'fit' | 'shorterSide' | 'longerSide'>

function fitOf (
  { crop_pct: fraction = DEFAULTS.crop, crop_mode: mode }: PretrainedConfig,
  { width, height }: { width: number, height: number },
  evidence: Evidence,
  known: PartialCard
): Fit {
  const side = Math.floor(height / fraction)
  const isCropped = side !== height || side !== width
  if (width !== height && !(mode === 'squash' && Math.floor(width / fraction) === width && side === height)) {
    if (knownImage(known).resize?.fit !== undefined) return {}
    const question = `it is not clear how pictures are cut to ${width} × ${height} pixels, because a card cannot say timm's crop to a rectangle`
    throw ambiguous(evidence, question, { input: { resize: { fit: 'cover' } } })
  }
  if (mode === 'squash') return { fit: 'stretch', ...isCropped && width === height && { shorterSide: side } }
  if (mode === 'border') return { fit: 'contain', ...isCropped && { longerSide: side } }
  return { fit: 'cover', ...isCropped && { shorterSide: side } }
}

/** The mean as a colour: timm pads with it. */
function colourOf (mean: readonly number[]): string {
  const levels = mean.length === 1 ? [mean[0], mean[0], mean[0]] : mean
  return '#' + levels.map((value = 0) => roundHalfEven(255 * Math.min(1, Math.max(0, value))).toString(16).padStart(2, '0')).join('')
}

function perChannel (values: readonly number[], channels: 1 | 3, field: string, { files }: Evidence): number[] {
  if (values.length === channels) return [...values]
  if (values.length === 1) return Array.from({ length: channels }, () => values[0] ?? 0)
  throw new ModelInvalid(placeOf(files, 'config.json'),
    `/pretrained_cfg/${field} has ${values.length} values, but the model takes ${channels} channel; ` +
      'correct it, or write input.normalisation into card.json')
}
