import { Ajv } from 'ajv'
import t from 'tap'
import { PRESETS } from '../../../../lib/card/infer/presets.ts'
import { faultOf, ImageInputSchema, type ImageInput } from '../../../../lib/modalities/image/input.ts'

t.test('each preset has the numbers of its library', async t => {
  // torchvision.transforms.ImageClassification of 0.29.2: resize_size 256, crop_size 224, bilinear, and ImageNet's mean and std.
  t.match(PRESETS.torchvision.input, {
    width: 224,
    height: 224,
    resize: { fit: 'cover', shorterSide: 256, filter: 'bilinear', rounding: 'torchvision' },
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  })
  // timm 1.0.31: bicubic and crop_pct 0.875, math.floor(224 / 0.875) = 256.
  t.match(PRESETS.timm.input, { width: 224, resize: { shorterSide: 256, filter: 'bicubic' } })
  t.match(PRESETS.keras, { input: { layout: 'NHWC', resize: { fit: 'stretch' } }, output: { activation: 'none' } })
  t.match(PRESETS.sklearn, { input: { kind: 'table', type: 'float32' } })
})

t.test('the presets for pictures are right by the schema and the rules of a card', async t => {
  const isImage = new Ajv({ strict: false }).compile<ImageInput>(ImageInputSchema)
  for (const name of ['torchvision', 'timm', 'keras'] as const) {
    const input = { width: 224, height: 224, ...PRESETS[name].input, tensor: 'x', type: 'float32', background: '#000000' }
    if (isImage(input)) t.equal(faultOf(input), null, name)
    else t.fail(`${name}: ${JSON.stringify(isImage.errors)}`)
  }
})
