import { printable } from '../onnx/tensor.ts'
import { objectOf, readConfig } from './config-file.ts'
import { answerOf, architectureOf } from './huggingface/answer.ts'
import { preprocessingOf, type Preprocessing } from './huggingface/preprocessing.ts'
import { checkSize, imageOf, isNoPicture, knownImage, pictureTensorOf, type PartialImage, type PictureTensor } from './picture.ts'
import type { Evidence, Finding, PartialCard, Source } from './source.ts'

/** Fields of which an image processor's file has one at least. */
const PROCESSOR_FIELDS = ['image_processor_type', 'feature_extractor_type', 'image_mean', 'do_resize', 'do_normalize', 'size']

/** Number of channels that all configurations of transformers have by default. */
const USUAL_CHANNELS = 3

/**
 * Reads the folder of a model of Hugging Face's transformers: labels from `config.json`, the preparation of pictures from
 * `preprocessor_config.json` or `processor_config.json`, of any version from 2021 on. Models that do not classify pictures are
 * served as plain tensors.
 *
 * @see https://huggingface.co/docs/transformers/main_classes/image_processor
 * @see https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/pipelines/image_classification.py
 */
export const inferHuggingFace: Source = async (evidence, known) => {
  const { files, graph } = evidence
  const config = await readConfig(files, 'config.json')
  // The preparation of timm's models is in their pretrained_cfg, also if transformers wraps them.
  if (config?.['pretrained_cfg'] !== undefined) return null
  const processor = await readProcessor(evidence)
  const modelType = typeof config?.['model_type'] === 'string' ? config['model_type'] : null
  if (isNoPicture(known) || (modelType === null && processor === null)) return null
  const { num_channels: channels = USUAL_CHANNELS } = config ?? {}
  const tensor = pictureTensorOf(graph, typeof channels === 'number' ? channels : USUAL_CHANNELS)
  const answer = tensor === null ? null : answerOf(evidence, config ?? {}, 'ForImageClassification')
  if (tensor === null || answer === null) return plainTensors(config ?? {})
  const preparation = processor === null ? null : preprocessingOf(processor.fields, processor.name, modelType, tensor.channels, evidence, known)
  return {
    from: sourceText(modelType, processor?.name, preparation),
    card: { input: inputOf(evidence, known, tensor, config ?? {}, preparation, processor?.name), ...answer },
    assumptions: preparation?.assumptions ?? []
  }
}

function sourceText (modelType: string | null, name: string | undefined, preparation: Preprocessing | null): string {
  const model = modelType === null ? [] : [`config.json (${printable(modelType, 64)})`]
  return [...model, ...name !== undefined && preparation ? [`${name} (${preparation.processor})`] : []].join(', ')
}

async function readProcessor ({ files }: Evidence): Promise<{ name: string, fields: Record<string, unknown> } | null> {
  for (const name of ['preprocessor_config.json', 'processor_config.json']) {
    const file = await readConfig(files, name)
    // transformers 5 nests the processor of pictures in the one of all inputs.
    const fields = objectOf(file?.['image_processor']) ?? file
    if (fields !== null && PROCESSOR_FIELDS.some(field => field in fields)) return { name, fields }
  }
  return null
}

function plainTensors (config: Record<string, unknown>): Finding {
  const model = architectureOf(config) ?? 'an image processor'
  return {
    from: `config.json (${printable(model, 64)}: it does not classify pictures, so its tensors are served as they are)`,
    card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
  }
}

function inputOf (
  evidence: Evidence,
  known: PartialCard,
  tensor: PictureTensor,
  config: Record<string, unknown>,
  preparation: Preprocessing | null,
  name: string | undefined
): PartialImage {
  if (preparation && name !== undefined) {
    const { width, height } = preparation.image
    const { width: knownWidth, height: knownHeight } = knownImage(known)
    if (width !== undefined && height !== undefined && knownWidth === undefined && knownHeight === undefined) {
      checkSize(evidence, tensor, { width, height }, name)
    }
    return { ...imageOf(tensor), ...preparation.image }
  }
  const { image_size: side } = config
  const isDynamic = tensor.width === null && tensor.height === null
  const size = isDynamic && typeof side === 'number' && Number.isInteger(side) ? { width: side, height: side } : {}
  return { ...imageOf(tensor), ...size }
}
