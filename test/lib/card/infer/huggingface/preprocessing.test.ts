import t, { type Test } from 'tap'
import { preprocessingOf, type Preprocessing } from '../../../../../lib/card/infer/huggingface/preprocessing.ts'
import type { PartialCard } from '../../../../../lib/card/infer/source.ts'
import { DYNAMIC, evidenceOf } from '../../../../fixtures/evidence.ts'

const evidence = await evidenceOf(t, { input: { name: 'pixel_values', shape: DYNAMIC }, output: { name: 'logits', shape: ['batch_size', 4] } })

function read (fields: Record<string, unknown>, { model = 'vit', channels = 3, known = {} }: { model?: string, channels?: 1 | 3, known?: PartialCard } = {}): Preprocessing {
  return preprocessingOf(fields, 'preprocessor_config.json', model, channels, evidence, known)
}

t.test('the size of pictures follows the rules of each class, as the sources of transformers 4.57.6 have them', async t => {
  const sizes: Array<[string, Record<string, unknown>, object]> = [
    ['ViT: a number is a square', { image_processor_type: 'ViTImageProcessor', size: 32 }, { width: 32, height: 32, resize: { fit: 'stretch' } }],
    ['ViT: a pair is height and width', { image_processor_type: 'ViTImageProcessor', size: [32, 48] }, { width: 48, height: 32, resize: { fit: 'stretch' } }],
    ['ViT: its default', { image_processor_type: 'ViTImageProcessor' }, { width: 224, height: 224, resize: { fit: 'stretch' } }],
    ['BEiT: a number is a square, and it crops', { image_processor_type: 'BeitImageProcessor', size: 256, crop_size: 224, do_center_crop: true }, { width: 224, height: 224, resize: { fit: 'stretch', shorterSide: 256 } }],
    ['BEiT without a crop', { image_processor_type: 'BeitImageProcessor', size: { height: 224, width: 224 }, do_center_crop: false }, { width: 224, height: 224, resize: { fit: 'stretch' } }],
    ['DeiT: stretch, then crop', { image_processor_type: 'DeiTFeatureExtractor', size: 75, crop_size: 64 }, { width: 64, height: 64, resize: { fit: 'stretch', shorterSide: 75 } }],
    ['CLIP: a number is the shorter side', { image_processor_type: 'CLIPImageProcessor', size: 224, crop_size: 224 }, { width: 224, height: 224, resize: { fit: 'cover' } }],
    ['BiT: the shorter side, then crop', { image_processor_type: 'BitImageProcessor', size: { shortest_edge: 448 }, crop_size: { height: 448, width: 448 } }, { width: 448, height: 448, resize: { fit: 'cover' } }],
    ['MobileNet: 256, then 224', { image_processor_type: 'MobileNetV2ImageProcessor', size: 256, crop_size: 224 }, { width: 224, height: 224, resize: { fit: 'cover', shorterSide: 256 } }],
    // int(224 / 0.875) = 256; int(64 / (224 / 256)) = int(73.14…) = 73.
    ['ConvNeXT below 384', { image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 224 }, crop_pct: 0.875 }, { width: 224, height: 224, resize: { fit: 'cover', shorterSide: 256 } }],
    ['ConvNeXT without crop_pct', { feature_extractor_type: 'ConvNextFeatureExtractor', size: 64 }, { width: 64, height: 64, resize: { fit: 'cover', shorterSide: 73 } }],
    ['ConvNeXT from 384 on: no crop, whatever crop_pct says', { image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 384 }, crop_pct: 0.875 }, { width: 384, height: 384, resize: { fit: 'stretch' } }],
    // int(224 / 0.9) = 248
    ['PoolFormer', { image_processor_type: 'PoolFormerImageProcessor', size: { shortest_edge: 224 } }, { width: 224, height: 224, resize: { fit: 'cover', shorterSide: 248 } }],
    ['PoolFormer: a square is the shorter side too', { image_processor_type: 'PoolFormerImageProcessor', size: { height: 64, width: 64 }, crop_size: 64, crop_pct: 0.95 }, { width: 64, height: 64, resize: { fit: 'cover', shorterSide: 67 } }],
    // int(256 / 224 * 64) = int(73.14…) = 73
    ['LeViT', { image_processor_type: 'LevitImageProcessor', size: 64, crop_size: 64 }, { width: 64, height: 64, resize: { fit: 'cover', shorterSide: 73 } }],
    ['LeViT: a pair is stretched', { image_processor_type: 'LevitImageProcessor', size: { height: 64, width: 64 }, crop_size: 64 }, { width: 64, height: 64, resize: { fit: 'stretch' } }],
    ['EfficientNet: a square without a crop', { image_processor_type: 'EfficientNetImageProcessor', size: 346 }, { width: 346, height: 346, resize: { fit: 'stretch' } }],
    ['MobileViT', { image_processor_type: 'MobileViTFeatureExtractor', size: 288, crop_size: 256 }, { width: 256, height: 256, resize: { fit: 'cover', shorterSide: 288 } }],
    ['fields of null, as the fast processors write them, count as missing', { image_processor_type: 'ViTImageProcessorFast', size: { height: 32, width: 32, shortest_edge: null, longest_edge: null } }, { width: 32, height: 32, resize: { fit: 'stretch' } }]
  ]
  for (const [name, fields, expected] of sizes) {
    const { width, height, resize: { fit, shorterSide } = {} } = read(fields).image
    t.strictSame({ width, height, resize: { fit, ...shorterSide !== undefined && { shorterSide } } }, expected, name)
  }
})

t.test('the filter is the one of Pillow with this number', async t => {
  // PIL.Image.Resampling: NEAREST 0, LANCZOS 1, BILINEAR 2, BICUBIC 3, BOX 4, HAMMING 5
  for (const [number, filter] of ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'].entries()) {
    const { image, assumptions } = read({ image_processor_type: 'ViTImageProcessor', resample: number })
    t.equal(image.resize?.filter, filter)
    t.same(assumptions, [])
  }
})

t.test('a filter that is missing is the default of the class, and an assumption', async t => {
  const { image, assumptions } = read({ image_processor_type: 'CLIPImageProcessor' })
  t.equal(image.resize?.filter, 'bicubic')
  t.match(assumptions, [{ field: '/input/resize/filter', card: '{"input":{"resize":{"filter":"bicubic"}}}' }])
  t.match(read({ image_processor_type: 'BeitImageProcessor', resample: 3 }).assumptions, [{ field: '/input/resize/shorterSide', because: /do_center_crop/ }],
    'whether BEiT crops depends on the version')
})

t.test('the crop is that of transformers, but for the fast ConvNeXT, which takes it from torchvision', async t => {
  t.equal(read({ image_processor_type: 'ConvNextImageProcessor', resample: 3 }).image.resize?.rounding, 'transformers')
  t.equal(read({ image_processor_type: 'ConvNextImageProcessorFast', resample: 3 }).image.resize?.rounding, 'torchvision')
  t.equal(read({ image_processor_type: 'ViTImageProcessorFast', resample: 3 }).image.resize?.rounding, 'transformers')
})

t.test('mean and standard deviation are those of values of 0 to 1', async t => {
  const vit = { image_processor_type: 'ViTImageProcessor', resample: 2, image_mean: [0.5, 0.25, 0.125], image_std: [0.5, 0.5, 0.25] }
  const cases: Array<[string, Record<string, unknown>, object | null]> = [
    ['as they are', {}, { mean: [0.5, 0.25, 0.125], std: [0.5, 0.5, 0.25] }],
    ['with the factor in full', { rescale_factor: 0.00392156862745098 }, { mean: [0.5, 0.25, 0.125], std: [0.5, 0.5, 0.25] }],
    // Vivit's factor: (level / 127.5 − mean) / std = (level / 255 − mean / 2) / (std / 2)
    ['with a factor of 1 / 127.5', { rescale_factor: 1 / 127.5 }, { mean: [0.25, 0.125, 0.0625], std: [0.25, 0.25, 0.125] }],
    ['one number for all channels', { image_mean: 0.5, image_std: 0.25 }, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }],
    ['of levels of 0 to 255', { do_rescale: false, image_mean: [127.5, 127.5, 127.5], image_std: [51, 51, 51] }, { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }],
    ['none', { do_normalize: false }, { mean: [0, 0, 0], std: [1, 1, 1] }],
    ['none, and no factor', { do_normalize: false, do_rescale: false }, null]
  ]
  for (const [name, fields, expected] of cases) near(t, read({ ...vit, ...fields }).image.normalisation, expected, name)
})

t.test('EfficientNet divides twice by the standard deviation, and may subtract 1', async t => {
  const fields = { image_processor_type: 'EfficientNetImageProcessor', resample: 3, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] }
  // ((level / 255 − 0.5) / 0.5) / 0.5
  near(t, read(fields).image.normalisation, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }, 'by default')
  near(t, read({ ...fields, include_top: false }).image.normalisation, { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, 'include_top false')
  // (level / 127.5 − 1 − 0.5) / 0.5 = (level / 255 − 0.75) / 0.25
  near(t, read({ ...fields, include_top: false, rescale_offset: true, rescale_factor: 1 / 127.5 }).image.normalisation, { mean: [0.75, 0.75, 0.75], std: [0.25, 0.25, 0.25] }, 'rescale_offset')
})

t.test('MobileViT takes blue, green and red of 0 to 1, unless the file says otherwise', async t => {
  const { image } = read({ image_processor_type: 'MobileViTImageProcessor', resample: 2 })
  t.match(image, { colour: 'bgr', normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } })
  t.equal(read({ image_processor_type: 'MobileViTImageProcessor', resample: 2, do_flip_channel_order: false }).image.colour, 'rgb')
})

t.test('a file without a processor takes that of the type of model', async t => {
  t.equal(read({ size: 224 }, { model: 'levit' }).processor, 'LevitImageProcessor')
  t.throws(() => read({ size: 224 }, { model: 'constructor' }), { code: 'SRV_MODEL_INVALID', message: /names no image_processor_type.*'constructor'/ })
})

t.test('what a card cannot say is refused in one line that says what to do', async t => {
  const refused: Array<[string, Record<string, unknown>, { code: string, message: RegExp }]> = [
    ['an unknown processor', { image_processor_type: 'GalaxyZooImageProcessor' }, { code: 'SRV_MODEL_INVALID', message: /'GalaxyZooImageProcessor'.*card\.json/ }],
    ['a processor that crops first', { image_processor_type: 'PerceiverImageProcessor' }, { code: 'SRV_MODEL_INVALID', message: /'PerceiverImageProcessor'/ }],
    ['a name of several lines', { image_processor_type: 'a\nb' }, { code: 'SRV_MODEL_INVALID', message: /'a b'/ }],
    ['a name of every object', { image_processor_type: 'toString' }, { code: 'SRV_MODEL_INVALID', message: /'toString'/ }],
    ['proportions without a crop', { image_processor_type: 'CLIPImageProcessor', do_center_crop: false, size: { shortest_edge: 64 } }, { code: 'SRV_CARD_AMBIGUOUS', message: /"width":64,"height":64,"resize":\{"fit":"cover"\}/ }],
    ['no resize', { image_processor_type: 'ViTImageProcessor', do_resize: false }, { code: 'SRV_CARD_AMBIGUOUS', message: /do_resize false/ }],
    ['a limit of the longer side', { image_processor_type: 'ViTImageProcessor', size: { shortest_edge: 800, longest_edge: 1333 } }, { code: 'SRV_MODEL_INVALID', message: /cannot use this size/ }],
    ['a rectangle with another crop', { image_processor_type: 'DeiTImageProcessor', size: { height: 80, width: 100 }, crop_size: 64 }, { code: 'SRV_MODEL_INVALID', message: /100 × 80 with a crop to 64 × 64/ }],
    ['a size of a wrong type', { image_processor_type: 'ViTImageProcessor', size: 'large' }, { code: 'SRV_MODEL_INVALID', message: /preprocessor_config\.json beside .*\/size/ }],
    ['a huge size', { image_processor_type: 'ViTImageProcessor', size: 1e9 }, { code: 'SRV_MODEL_INVALID', message: /\/size/ }],
    ['a standard deviation of 0', { image_processor_type: 'ViTImageProcessor', image_std: [0.5, 0, 0.5] }, { code: 'SRV_MODEL_INVALID', message: /\/image_std/ }],
    ['two values for three channels', { image_processor_type: 'ViTImageProcessor', image_mean: [0.5, 0.5] }, { code: 'SRV_MODEL_INVALID', message: /\/image_mean has 2 values/ }]
  ]
  for (const [name, fields, error] of refused) t.throws(() => read(fields), error, name)
})

t.test('a size that the card says settles what the file leaves open', async t => {
  const known: PartialCard = { input: { kind: 'image', width: 48, height: 40, resize: { fit: 'cover' } } }
  t.match(read({ image_processor_type: 'CLIPImageProcessor', do_center_crop: false }, { known }).image, { width: 48, height: 40 })
  t.match(read({ image_processor_type: 'ViTImageProcessor', do_resize: false }, { known }).image, { width: 48, height: 40 })
  t.same(read({ image_processor_type: 'DeiTImageProcessor', resample: 3 }, { known: { input: { kind: 'image', resize: { fit: 'cover' } } } }).image.resize, { filter: 'bicubic' },
    'the lengths of another fit are left out')
})

t.test('one channel is grey', async t => {
  t.match(read({ image_processor_type: 'ViTImageProcessor', image_mean: [0.1307], image_std: [0.3081] }, { channels: 1 }).image, { colour: 'grey', normalisation: { mean: [0.1307], std: [0.3081] } })
})

type Normalisation = { mean?: number[], std?: number[] } | null | undefined

/** Compares numbers to 1e-12: another order of the operations rounds differently. */
function near (t: Test, found: Normalisation, expected: object | null, name: string): void {
  const rounded = found && { mean: found.mean?.map(round), std: found.std?.map(round) }
  t.same(rounded, expected, name)
}

function round (value: number): number {
  return Number(value.toFixed(12))
}

t.test('an unknown processor is no hindrance where the card says what it does', async t => {
  const known: PartialCard = { input: { kind: 'image', width: 64, height: 64, resize: { fit: 'stretch', filter: 'bilinear' }, normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } } }
  t.same(read({ image_processor_type: 'GalaxyZooImageProcessor' }, { known }), { processor: 'GalaxyZooImageProcessor', image: {}, assumptions: [] })
})
