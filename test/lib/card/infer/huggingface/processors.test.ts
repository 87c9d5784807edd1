import t from 'tap'
import { PROCESSOR_OF_MODEL, PROCESSORS } from '../../../../../lib/card/infer/huggingface/processors.ts'

/** What `Class().to_dict()` says in transformers 4.57.6. */
const DEFAULTS: Record<string, { resample: number, size: object, do_center_crop: boolean, crop_size: object | null, image_mean: number[] | null, image_std: number[] | null }> = {
  BeitImageProcessor: { resample: 3, size: { height: 256, width: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  BitImageProcessor: { resample: 3, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] },
  BlipImageProcessor: { resample: 3, size: { height: 384, width: 384 }, do_center_crop: false, crop_size: null, image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] },
  ChineseCLIPImageProcessor: { resample: 3, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] },
  CLIPImageProcessor: { resample: 3, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] },
  ConvNextImageProcessor: { resample: 2, size: { shortest_edge: 384 }, do_center_crop: false, crop_size: null, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  DeiTImageProcessor: { resample: 3, size: { height: 256, width: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  EfficientNetImageProcessor: { resample: 0, size: { height: 346, width: 346 }, do_center_crop: false, crop_size: { height: 289, width: 289 }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  LevitImageProcessor: { resample: 3, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  MobileNetV1ImageProcessor: { resample: 2, size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  MobileNetV2ImageProcessor: { resample: 2, size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  MobileViTImageProcessor: { resample: 2, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 256, width: 256 }, image_mean: null, image_std: null },
  PoolFormerImageProcessor: { resample: 3, size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  PvtImageProcessor: { resample: 2, size: { height: 224, width: 224 }, do_center_crop: false, crop_size: null, image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  SegformerImageProcessor: { resample: 2, size: { height: 512, width: 512 }, do_center_crop: false, crop_size: null, image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  SiglipImageProcessor: { resample: 3, size: { height: 224, width: 224 }, do_center_crop: false, crop_size: null, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  ViTImageProcessor: { resample: 2, size: { height: 224, width: 224 }, do_center_crop: false, crop_size: null, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] }
}

t.test('the defaults of each class are those of transformers', async t => {
  for (const [name, expected] of Object.entries(DEFAULTS)) {
    const { resample, size, crop = null, doesCrop = crop !== null, mean, std, scalesOnly } = PROCESSORS.get(name) ?? {}
    t.equal(resample, expected.resample, `${name} resample`)
    t.same(size, expected.size, `${name} size`)
    t.equal(doesCrop, expected.do_center_crop, `${name} do_center_crop`)
    t.same(crop, expected.crop_size, `${name} crop_size`)
    if (scalesOnly) t.equal(expected.image_mean, null, `${name} has no mean`)
    else t.same([mean, std], [expected.image_mean, expected.image_std], `${name} image_mean and image_std`)
  }
})

t.test('each type of model has a processor that is known', async t => {
  t.same([...PROCESSOR_OF_MODEL.values()].filter(name => !PROCESSORS.has(name)), [])
})
