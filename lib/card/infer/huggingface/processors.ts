/** What a class of transformers' image processors does with the fields that its file leaves out. */
export interface Processor {
  /** Pillow's number of the filter. */
  resample: number
  size: Size
  /** Whether `size` as a single number is a square, not the shorter side. */
  isSquare?: true
  /** Default of `crop_size`; without one, the class does not crop. */
  crop?: Size & { height: number, width: number }
  /** Whether the class crops if `do_center_crop` is missing. Default: if it has a default size of the crop. */
  doesCrop?: boolean
  mean: readonly number[]
  std: readonly number[]
  /** How the class computes the size before the crop, if not from `size` alone. */
  rule?: 'convnext' | 'poolformer' | 'levit'
  /** Whether the class scales to 0 … 1 alone, without a mean and a standard deviation. */
  scalesOnly?: true
  /** Whether the class swaps red and blue if `do_flip_channel_order` is missing. */
  flips?: true
  /** Whether the class divides by the standard deviation twice if `include_top` is missing. */
  dividesTwice?: true
}

/** `size` or `crop_size` of a processor: both sides, or the shorter one, in pixels. */
export interface Size {
  height?: number
  width?: number
  shortest_edge?: number
}

const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const CLIP = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] }

const BILINEAR = 2
const BICUBIC = 3

const square = (side: number) => ({ height: side, width: side })
const shorter = (side: number) => ({ shortest_edge: side })

const VIT: Processor = { resample: BILINEAR, size: square(224), isSquare: true, ...HALF }
const CLIP_PROCESSOR: Processor = { resample: BICUBIC, size: shorter(224), crop: square(224), ...CLIP }
const MOBILENET: Processor = { resample: BILINEAR, size: shorter(256), crop: square(224), ...HALF }
const DEIT: Processor = { resample: BICUBIC, size: square(256), isSquare: true, crop: square(224), ...HALF }

/**
 * The image processors whose steps a card can describe, with the defaults of transformers 4.57.6. Those of other versions
 * differ in the filter only, and in `do_center_crop` for BEiT.
 *
 * @see https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models image_processing_*.py
 */
export const PROCESSORS: ReadonlyMap<string, Processor> = new Map(Object.entries({
  BeitImageProcessor: DEIT,
  BitImageProcessor: CLIP_PROCESSOR,
  BlipImageProcessor: { resample: BICUBIC, size: square(384), isSquare: true, ...CLIP },
  ChineseCLIPImageProcessor: CLIP_PROCESSOR,
  CLIPImageProcessor: CLIP_PROCESSOR,
  ConvNextImageProcessor: { resample: BILINEAR, size: shorter(384), rule: 'convnext', ...HALF },
  DeiTImageProcessor: DEIT,
  DINOv3ViTImageProcessor: { ...VIT, ...IMAGENET },
  EfficientFormerImageProcessor: { resample: BICUBIC, size: square(224), isSquare: true, crop: square(224), ...IMAGENET },
  EfficientNetImageProcessor: {
    resample: 0, size: square(346), isSquare: true, crop: square(289), doesCrop: false, dividesTwice: true, ...HALF
  },
  LevitImageProcessor: { resample: BICUBIC, size: shorter(224), crop: square(224), rule: 'levit', ...IMAGENET },
  MobileNetV1ImageProcessor: MOBILENET,
  MobileNetV2ImageProcessor: MOBILENET,
  MobileViTImageProcessor: {
    resample: BILINEAR, size: shorter(224), crop: square(256), flips: true, scalesOnly: true, mean: [0, 0, 0], std: [1, 1, 1]
  },
  PoolFormerImageProcessor: { resample: BICUBIC, size: shorter(224), crop: square(224), rule: 'poolformer', ...IMAGENET },
  PvtImageProcessor: { ...VIT, ...IMAGENET },
  SegformerImageProcessor: { resample: BILINEAR, size: square(512), isSquare: true, ...IMAGENET },
  SiglipImageProcessor: { resample: BICUBIC, size: square(224), ...HALF },
  ViTHybridImageProcessor: CLIP_PROCESSOR,
  ViTImageProcessor: VIT
}))

/**
 * The processor of a type of models, for the files of 2021 that do not name one.
 *
 * @see https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/auto/image_processing_auto.py
 */
export const PROCESSOR_OF_MODEL: ReadonlyMap<string, string> = new Map(Object.entries({
  beit: 'BeitImageProcessor',
  bit: 'BitImageProcessor',
  clip: 'CLIPImageProcessor',
  convnext: 'ConvNextImageProcessor',
  convnextv2: 'ConvNextImageProcessor',
  cvt: 'ConvNextImageProcessor',
  'data2vec-vision': 'BeitImageProcessor',
  deit: 'DeiTImageProcessor',
  dinat: 'ViTImageProcessor',
  dinov2: 'BitImageProcessor',
  dinov2_with_registers: 'BitImageProcessor',
  efficientformer: 'EfficientFormerImageProcessor',
  efficientnet: 'EfficientNetImageProcessor',
  focalnet: 'BitImageProcessor',
  hiera: 'BitImageProcessor',
  ijepa: 'ViTImageProcessor',
  levit: 'LevitImageProcessor',
  metaclip_2: 'CLIPImageProcessor',
  mobilenet_v1: 'MobileNetV1ImageProcessor',
  mobilenet_v2: 'MobileNetV2ImageProcessor',
  mobilevit: 'MobileViTImageProcessor',
  mobilevitv2: 'MobileViTImageProcessor',
  nat: 'ViTImageProcessor',
  poolformer: 'PoolFormerImageProcessor',
  pvt: 'PvtImageProcessor',
  pvt_v2: 'PvtImageProcessor',
  regnet: 'ConvNextImageProcessor',
  resnet: 'ConvNextImageProcessor',
  segformer: 'SegformerImageProcessor',
  siglip: 'SiglipImageProcessor',
  swiftformer: 'ViTImageProcessor',
  swin: 'ViTImageProcessor',
  swinv2: 'ViTImageProcessor',
  van: 'ConvNextImageProcessor',
  vit: 'ViTImageProcessor',
  vit_hybrid: 'ViTHybridImageProcessor',
  vit_msn: 'ViTImageProcessor'
}))
