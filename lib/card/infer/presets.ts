import type { PartialCard } from './source.ts'

/** Names of the presets. */
export type Preset = 'torchvision' | 'timm' | 'keras' | 'sklearn'

/** The input of models that were trained on ImageNet with torch. */
function imageNet (filter: 'bilinear' | 'bicubic'): NonNullable<PartialCard['input']> {
  return {
    kind: 'image',
    layout: 'NCHW',
    width: 224,
    height: 224,
    colour: 'rgb',
    resize: { fit: 'cover', shorterSide: 256, filter, rounding: 'torchvision' },
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  }
}

/**
 * What people usually train with in each library, to start a card from. Whoever trained a model knows whether it fits.
 *
 * torchvision: `Resize(256)`, `CenterCrop(224)` and ImageNet's mean and standard deviation, as in its references.
 * timm: its defaults. keras: pictures of −1 to 1, stretched. sklearn: a table with numbers of 32 bits.
 *
 * @see https://docs.pytorch.org/vision/stable/models.html
 */
export const PRESETS: Readonly<Record<Preset, PartialCard>> = {
  torchvision: {
    input: imageNet('bilinear'),
    output: { kind: 'classes', activation: 'softmax' }
  },
  timm: {
    input: imageNet('bicubic'),
    output: { kind: 'classes', activation: 'softmax' }
  },
  keras: {
    input: {
      kind: 'image',
      layout: 'NHWC',
      colour: 'rgb',
      resize: { fit: 'stretch', filter: 'bilinear' },
      normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
    },
    output: { kind: 'classes', activation: 'none' }
  },
  sklearn: {
    input: { kind: 'table', type: 'float32' },
    output: { kind: 'classes', activation: 'none' }
  }
}
