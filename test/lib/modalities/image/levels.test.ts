import t from 'tap'
import { levelsOf, tensorData } from '../../../../lib/modalities/image/levels.ts'
import { smallPicture } from '../../../fixtures/model.ts'

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const SOME_LEVELS = [0, 1, 100, 254, 255]

t.test('normalised levels are those of torchvision and of transformers, to the last bit', async t => {
  // torchvision 0.29.2: normalize(to_tensor(picture), mean, std); transformers 4.57.6, ViTImageProcessor gives the same.
  const expected = [
    [-2.1179039478302, -2.1007792949676514, -0.40542858839035034, 2.231783390045166, 2.248908281326294],
    [-2.0357141494750977, -2.018207311630249, -0.28501397371292114, 2.4110641479492188, 2.4285714626312256],
    [-1.804444432258606, -1.7870151996612549, -0.061524976044893265, 2.6225709915161133, 2.640000104904175]
  ]
  const levels = levelsOf({ ...smallPicture, type: 'float32', normalisation: imagenet })
  t.same(levels.map(channel => SOME_LEVELS.map(level => channel[level])), expected)
})

t.test('levels of float16 are rounded from those of float32', async t => {
  // The red channel above, .astype(numpy.float16).view(numpy.uint16)
  const [red] = levelsOf({ ...smallPicture, type: 'float16', normalisation: imagenet })
  t.same(SOME_LEVELS.map(level => red![level]), [49212, 49204, 46717, 16503, 16511])
})

t.test('without a normalisation, levels stay as they are', async t => {
  for (const type of ['uint8', 'float32'] as const) {
    const levels = levelsOf({ ...smallPicture, type })
    t.equal(levels.length, 3)
    for (const channel of levels) t.same([...channel], Array.from({ length: 256 }, (_, level) => level), type)
  }
  t.equal(levelsOf({ ...smallPicture, colour: 'grey' }).length, 1)
})

t.test('a tensor has the array of its type', async t => {
  t.ok(tensorData(smallPicture, 5) instanceof Uint8Array)
  t.ok(tensorData({ ...smallPicture, type: 'float32' }, 5) instanceof Float32Array)
  t.match(tensorData({ ...smallPicture, type: 'float16' }, 5), new Uint16Array(5))
})
