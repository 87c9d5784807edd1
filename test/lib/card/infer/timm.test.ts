import t from 'tap'
import { inferTimm } from '../../../../lib/card/infer/timm.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { DYNAMIC, evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const MODEL: TestModel = { input: { name: 'input', shape: ['batch', 3, 96, 96] }, output: { name: 'output', shape: ['batch', 3] }, nodes: [{ op: 'Gemm', from: ['input'], to: ['output'] }] }

/** config.json as save_config_for_hf() of timm 1.0.31 writes it. */
const CONFIG = {
  architecture: 'test_byobnet',
  num_classes: 3,
  num_features: 256,
  label_names: ['crane', 'tern', 'crane'],
  pretrained_cfg: {
    tag: 'r160_in1k',
    input_size: [3, 96, 96],
    test_input_size: [3, 128, 128],
    interpolation: 'bicubic',
    crop_pct: 0.9,
    test_crop_pct: 1,
    crop_mode: 'center',
    mean: [0.5, 0.25, 0.125],
    std: [0.5, 0.5, 0.25]
  }
}

async function cardOf (pretrained: object, config: object = {}, model = MODEL, known: PartialCard = {}): Promise<PartialCard | undefined> {
  const evidence = await evidenceOf(t, model, { 'config.json': { ...CONFIG, ...config, pretrained_cfg: { ...CONFIG.pretrained_cfg, ...pretrained } } })
  return (await inferTimm(evidence, known))?.card
}

t.test("timm's config.json gives the whole card", async t => {
  t.strictSame(await inferTimm(await evidenceOf(t, MODEL, { 'config.json': CONFIG }), {}), {
    from: 'config.json (timm test_byobnet)',
    card: {
      input: {
        kind: 'image',
        tensor: 'input',
        type: 'float32',
        layout: 'NCHW',
        width: 96,
        height: 96,
        colour: 'rgb',
        // math.floor(96 / 0.9) = 106
        resize: { fit: 'cover', shorterSide: 106, filter: 'bicubic', rounding: 'torchvision' },
        background: '#000000',
        normalisation: { mean: [0.5, 0.25, 0.125], std: [0.5, 0.5, 0.25] }
      },
      output: { kind: 'classes', tensor: 'output', activation: 'softmax' },
      labels: ['crane', 'tern', 'crane']
    },
    assumptions: []
  })
})

t.test('the crop follows transforms_imagenet_eval of timm 1.0.31', async t => {
  const cases: Array<[string, object, object]> = [
    ['no crop', { crop_pct: 1 }, { resize: { fit: 'cover' } }],
    // math.floor(96 / 0.875) = 109
    ['the default', { crop_pct: null, crop_mode: null, interpolation: null, mean: null, std: null }, {
      resize: { fit: 'cover', shorterSide: 109, filter: 'bicubic' }, normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
    }],
    ['squash', { crop_mode: 'squash', crop_pct: 1 }, { resize: { fit: 'stretch' } }],
    ['squash with a crop', { crop_mode: 'squash', crop_pct: 0.95 }, { resize: { fit: 'stretch', shorterSide: 101 } }],
    // The padding is round(255 * mean): 128 (127.5 to the even number), 64, 32.
    ['border', { crop_mode: 'border' }, { resize: { fit: 'contain', longerSide: 106 }, background: '#804020' }],
    // 255 * 0.3 = 76.5, to the even number: 76.
    ['border of a half level', { crop_mode: 'border', mean: [0.3, 0.3, 0.3], crop_pct: 1 }, { background: '#4c4c4c' }],
    ['another filter', { interpolation: 'lanczos', crop_pct: 1 }, { resize: { filter: 'lanczos' } }]
  ]
  for (const [name, pretrained, input] of cases) {
    const card = await cardOf(pretrained)
    t.match(card?.input, input, name)
    if (!JSON.stringify(input).includes('Side')) t.notMatch(JSON.stringify(card?.input), 'Side', `${name}: nothing is cropped`)
  }
})

t.test('labels may be a list, or names by index in any order, or missing', async t => {
  t.same((await cardOf({}, { label_names: { 2: 'c', 0: 'a', 1: 'b' } }))?.labels, ['a', 'b', 'c'])
  t.same((await cardOf({ label_names: ['x', 'y', 'z'] }, { label_names: null }))?.labels, ['x', 'y', 'z'], 'in pretrained_cfg')
  t.same((await cardOf({}, { label_names: null, labels: ['l', 'm', 'n'] }))?.labels, ['l', 'm', 'n'], "the field's old name")
  t.equal((await cardOf({}, { label_names: null }))?.labels, undefined)
})

t.test('a file of before 2023 has the fields at the top', async t => {
  const evidence = await evidenceOf(t, MODEL, { 'config.json': { architecture: 'resnet18', num_classes: 3, ...CONFIG.pretrained_cfg } })
  t.match(await inferTimm(evidence, {}), { card: { input: { resize: { shorterSide: 106 } } } })
})

t.test("transformers' wrapper of timm has the same fields", async t => {
  t.match(await cardOf({}, { model_type: 'timm_wrapper' }, { ...MODEL, output: { name: 'logits', shape: ['batch', 3] } }), { output: { tensor: 'logits' }, labels: ['crane', 'tern', 'crane'] })
})

t.test('a graph that does not say its channels gets those of the file', async t => {
  const dynamic = { ...MODEL, input: { name: 'pixel_values', shape: DYNAMIC } }
  t.match(await cardOf({}, {}, dynamic), { input: { colour: 'rgb', layout: 'NCHW', width: 96 } })
  t.match(await cardOf({ input_size: [1, 96, 96], mean: [0.5], std: [0.5] }, {}, dynamic), { input: { colour: 'grey', normalisation: { mean: [0.5] } } })
})

t.test('interpolation random is an assumption', async t => {
  const evidence = await evidenceOf(t, MODEL, { 'config.json': { ...CONFIG, pretrained_cfg: { ...CONFIG.pretrained_cfg, interpolation: 'random' } } })
  t.match(await inferTimm(evidence, {}), { card: { input: { resize: { filter: 'bicubic' } } }, assumptions: [{ field: '/input/resize/filter', because: /random/ }] })
})

t.test('a network without a classifier is served as plain tensors', async t => {
  t.match(await cardOf({}, { num_classes: 0 }), { input: { kind: 'tensors' }, output: { kind: 'tensors' } })
})

t.test('what is wrong or unclear is refused in one line', async t => {
  await t.rejects(cardOf({}, { label_names: ['a', 'b'] }), { code: 'SRV_MODEL_INVALID', message: /^config\.json beside .* has 2 labels, but the model has 3 classes/ })
  await t.rejects(cardOf({}, { label_names: ['a', '', 'c'] }), { code: 'SRV_MODEL_INVALID', message: /\/label_names/ })
  await t.rejects(cardOf({ interpolation: 'cubic' }), { code: 'SRV_MODEL_INVALID', message: /'cubic' is none of nearest/ })
  await t.rejects(cardOf({ crop_pct: 0 }), { code: 'SRV_MODEL_INVALID', message: /\/crop_pct/ })
  await t.rejects(cardOf({ std: [1, 0, 1] }), { code: 'SRV_MODEL_INVALID', message: /std must be greater than 0/ })
  await t.rejects(cardOf({ mean: [0.5, 0.5] }), { code: 'SRV_MODEL_INVALID', message: /mean has 2 values/ })
  await t.rejects(cardOf({ input_size: [3, 128, 128] }), { code: 'SRV_MODEL_INVALID', message: /128 × 128 pixels, but the model takes 96 × 96/ })
  const wide = { ...MODEL, input: { name: 'input', shape: ['batch', 3, 96, 128] } }
  await t.rejects(cardOf({ input_size: [3, 96, 128] }, {}, wide), { code: 'SRV_CARD_AMBIGUOUS', message: /128 × 96 pixels.*\{"input":\{"resize":\{"fit":"cover"\}\}\}/ })
  t.match(await cardOf({ input_size: [3, 96, 128] }, {}, wide, { input: { kind: 'image', resize: { fit: 'cover' } } }), { input: { width: 128, height: 96, resize: { filter: 'bicubic' } } }, 'the card settles it')
})

t.test('other folders are left to other sources', async t => {
  t.equal(await inferTimm(await evidenceOf(t, MODEL), {}), null)
  t.equal(await inferTimm(await evidenceOf(t, MODEL, { 'config.json': { model_type: 'vit', architecture: 'x' } }), {}), null)
})

t.test('what the last operators make of the scores decides the answer', async t => {
  const made = (...nodes: NonNullable<TestModel['nodes']>): TestModel => ({ ...MODEL, nodes })
  const quantised = made({ op: 'Softmax', from: ['input'], to: ['p'] }, { op: 'QuantizeLinear', from: ['p'], to: ['q'] }, { op: 'DequantizeLinear', from: ['q'], to: ['output'] })
  t.same((await cardOf({}, {}, quantised))?.output, { kind: 'classes', tensor: 'output', activation: 'none' })
  t.same((await cardOf({}, {}, made({ op: 'Sigmoid', from: ['input'], to: ['output'] })))?.output, { kind: 'labels', tensor: 'output', activation: 'none' })
  t.same((await cardOf({}, {}, made({ op: 'Abs', from: ['input'], to: ['output'] })))?.output, { kind: 'classes', tensor: 'output' }, 'or a run of the model')
})
