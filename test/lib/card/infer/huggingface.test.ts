import t from 'tap'
import { inferHuggingFace } from '../../../../lib/card/infer/huggingface.ts'
import { DYNAMIC, evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

/** What optimum exports. */
const MODEL: TestModel = { input: { name: 'pixel_values', shape: DYNAMIC }, output: { name: 'logits', shape: ['batch_size', 3] }, nodes: [{ op: 'Gemm', from: ['pixel_values'], to: ['logits'] }] }

/** config.json of a ViT, without the fields that only its network needs. */
const CONFIG = {
  architectures: ['ViTForImageClassification'],
  // The order of json.dump() with sort_keys: as texts.
  id2label: { 2: "dog's bone", 0: 'crane', 1: 'crane' },
  image_size: 32,
  model_type: 'vit',
  num_channels: 3,
  transformers_version: '4.57.6'
}

/** preprocessor_config.json of 4.57.6. */
const PROCESSOR = {
  do_convert_rgb: null,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_processor_type: 'ViTImageProcessor',
  image_std: [0.5, 0.5, 0.5],
  resample: 2,
  rescale_factor: 0.00392156862745098,
  size: { height: 32, width: 32 }
}

t.test('a folder of transformers gives the whole card', async t => {
  const evidence = await evidenceOf(t, MODEL, { 'config.json': CONFIG, 'preprocessor_config.json': PROCESSOR })
  t.strictSame(await inferHuggingFace(evidence, {}), {
    from: 'config.json (vit), preprocessor_config.json (ViTImageProcessor)',
    card: {
      input: {
        kind: 'image',
        tensor: 'pixel_values',
        type: 'float32',
        layout: 'NCHW',
        width: 32,
        height: 32,
        colour: 'rgb',
        resize: { fit: 'stretch', filter: 'bilinear', rounding: 'transformers' },
        background: '#000000',
        normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
      },
      output: { kind: 'classes', tensor: 'logits', activation: 'softmax' },
      labels: ['crane', 'crane', "dog's bone"]
    },
    assumptions: []
  })
})

t.test('a variant in the folder onnx belongs to the files one folder up', async t => {
  const finding = await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': CONFIG, 'preprocessor_config.json': PROCESSOR }, 'onnx/model_quantized.onnx'), {})
  t.match(finding, { card: { input: { width: 32 }, labels: ['crane', 'crane', "dog's bone"] } })
})

t.test('the processor of transformers 5 is nested in processor_config.json', async t => {
  const finding = await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': CONFIG, 'processor_config.json': { image_processor: PROCESSOR, processor_class: 'ViTProcessor' } }), {})
  t.match(finding, { from: 'config.json (vit), processor_config.json (ViTImageProcessor)', card: { input: { width: 32 } } })
})

t.test('a file of 2021 names the feature extractor, or nothing', async t => {
  const { image_processor_type: _type, do_rescale: _rescale, rescale_factor: _factor, ...old } = { ...PROCESSOR, size: 32 }
  for (const fields of [{ ...old, feature_extractor_type: 'ViTFeatureExtractor' }, old]) {
    const finding = await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': CONFIG, 'preprocessor_config.json': fields }), {})
    t.match(finding, { card: { input: { width: 32, height: 32, normalisation: { mean: [0.5, 0.5, 0.5] } } } })
  }
})

t.test('what the model answers is what the pipeline of transformers makes of it', async t => {
  const one: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 1] } }
  const sigmoid: TestModel = { ...MODEL, nodes: [{ op: 'Sigmoid', from: ['pixel_values'], to: ['logits'] }] }
  const { id2label: _names, ...unnamed } = CONFIG
  const cases: Array<[string, TestModel, object, object]> = [
    ['several labels at once', MODEL, { ...CONFIG, problem_type: 'multi_label_classification' }, { output: { kind: 'labels', tensor: 'logits', activation: 'sigmoid' } }],
    ['one label', one, { ...CONFIG, id2label: { 0: 'spam' } }, { output: { kind: 'labels', tensor: 'logits', activation: 'sigmoid' }, labels: ['spam'] }],
    ['a number', one, { ...CONFIG, id2label: { 0: 'score' }, problem_type: 'regression' }, { output: { kind: 'value', tensor: 'logits' }, labels: [] }],
    ['no names', MODEL, unnamed, { labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] }],
    // PretrainedConfig has num_labels 2, and does not write it.
    ['no names, and classes that the graph does not count', { ...MODEL, output: { name: 'logits', shape: ['batch_size', 'num_classes'] } }, unnamed, { labels: ['LABEL_0', 'LABEL_1'] }],
    ['a softmax in the graph', { ...MODEL, nodes: [{ op: 'Softmax', from: ['pixel_values'], to: ['logits'] }] }, CONFIG, { output: { activation: 'none' } }],
    ['a quantised softmax', { ...MODEL, nodes: [{ op: 'Softmax', from: ['pixel_values'], to: ['p'] }, { op: 'QuantizeLinear', from: ['p'], to: ['q'] }, { op: 'DequantizeLinear', from: ['q'], to: ['logits'] }] }, CONFIG, { output: { kind: 'classes', activation: 'none' } }],
    ['a sigmoid in the graph', sigmoid, CONFIG, { output: { kind: 'labels', activation: 'none' } }],
    ['several labels, and a sigmoid in the graph', sigmoid, { ...CONFIG, problem_type: 'multi_label_classification' }, { output: { kind: 'labels', activation: 'none' } }],
    ['scores of unknown meaning', { ...MODEL, nodes: [{ op: 'Abs', from: ['pixel_values'], to: ['logits'] }] }, CONFIG, { output: { kind: 'classes', activation: undefined } }],
    ['several numbers', MODEL, { ...CONFIG, problem_type: 'regression' }, { output: { kind: 'tensors' }, labels: [] }]
  ]
  for (const [name, model, config, card] of cases) {
    t.match(await inferHuggingFace(await evidenceOf(t, model, { 'config.json': config, 'preprocessor_config.json': PROCESSOR }), {}), { card }, name)
  }
})

t.test('models that do not classify pictures are served as plain tensors', async t => {
  const tensors = { card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] } }
  const text: TestModel = { input: [{ name: 'input_ids', type: 7, shape: ['batch', 'length'] }, { name: 'attention_mask', type: 7, shape: ['batch', 'length'] }], output: { name: 'logits', shape: ['batch', 2] } }
  t.match(await inferHuggingFace(await evidenceOf(t, text, { 'config.json': { model_type: 'bert', architectures: ['BertForSequenceClassification'] } }), {}), { from: /BertForSequenceClassification/, ...tensors })
  const embedding: TestModel = { ...MODEL, output: { name: 'image_embeds', shape: ['batch_size', 512] } }
  t.match(await inferHuggingFace(await evidenceOf(t, embedding, { 'config.json': { model_type: 'clip', architectures: ['CLIPVisionModelWithProjection'] }, 'preprocessor_config.json': PROCESSOR }), {}), tensors)
  const segments: TestModel = { ...MODEL, output: { name: 'logits', shape: ['batch_size', 3, 'height', 'width'] } }
  t.match(await inferHuggingFace(await evidenceOf(t, segments, { 'config.json': CONFIG, 'preprocessor_config.json': PROCESSOR }), {}), tensors)
})

t.test('without a processor only what config.json says is known', async t => {
  const finding = await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': CONFIG }), {})
  t.strictSame(finding?.card.input, { kind: 'image', tensor: 'pixel_values', type: 'float32', layout: 'NCHW', width: 32, height: 32 })
})

t.test('other folders are left to other sources', async t => {
  t.equal(await inferHuggingFace(await evidenceOf(t, MODEL), {}), null, 'no files')
  t.equal(await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': { pretrained_cfg: {}, model_type: 'timm_wrapper' } }), {}), null, 'timm')
  t.equal(await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': { learning_rate: 0.1 } }), {}), null, 'another config.json')
  t.equal(await inferHuggingFace(await evidenceOf(t, MODEL, { 'config.json': CONFIG }), { input: { kind: 'tensors' } }), null, 'the card says tensors')
})

t.test('a file that is wrong, or belongs to another model, is refused in one line', async t => {
  const cases: Array<[string, Record<string, string | object>, RegExp]> = [
    ['not JSON', { 'config.json': '{', 'preprocessor_config.json': PROCESSOR }, /^config\.json beside .*model\.onnx: is not JSON/],
    ['more labels than classes', { 'config.json': { ...CONFIG, id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd' } } }, /^config\.json beside .* has 4 labels, but the model has 3 classes/],
    ['a label is missing', { 'config.json': { ...CONFIG, id2label: { 0: 'a', 2: 'c' } } }, /\/id2label/],
    ['labels that are a list', { 'config.json': { ...CONFIG, id2label: ['a', 'b', 'c'] } }, /\/id2label/],
    ['an unknown processor', { 'config.json': CONFIG, 'preprocessor_config.json': { ...PROCESSOR, image_processor_type: 'ImageGPTImageProcessor' } }, /'ImageGPTImageProcessor'/]
  ]
  for (const [name, files, message] of cases) await t.rejects(inferHuggingFace(await evidenceOf(t, MODEL, files), {}), { code: 'SRV_MODEL_INVALID', message }, name)
  const fixed: TestModel = { ...MODEL, input: { name: 'pixel_values', shape: ['batch_size', 3, 64, 64] } }
  const evidence = await evidenceOf(t, fixed, { 'config.json': CONFIG, 'preprocessor_config.json': PROCESSOR })
  await t.rejects(inferHuggingFace(evidence, {}), { code: 'SRV_MODEL_INVALID', message: /prepares pictures of 32 × 32 pixels, but the model takes 64 × 64/ })
})
