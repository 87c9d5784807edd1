import t from 'tap'
import { inferUltralytics } from '../../../../lib/card/infer/ultralytics.ts'
import { evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

/** What Ultralytics 8.4.190 exports. */
const METADATA = {
  description: 'Ultralytics YOLO11n-cls model',
  author: 'Ultralytics',
  task: 'classify',
  batch: '1',
  imgsz: '[128, 128]',
  names: String.raw`{0: 'cat', 1: "dog's bone", 2: 'it\'s a "bird"'}`,
  channels: '3'
}

const MODEL: TestModel = {
  input: { name: 'images', shape: [1, 3, 128, 128] }, output: { name: 'output0', shape: [1, 3] }, metadata: METADATA
}

t.test('the metadata give the whole card', async t => {
  t.strictSame(await inferUltralytics(await evidenceOf(t, MODEL), {}), {
    from: 'metadata of the ONNX file (Ultralytics)',
    card: {
      input: {
        kind: 'image',
        tensor: 'images',
        type: 'float32',
        layout: 'NCHW',
        width: 128,
        height: 128,
        colour: 'rgb',
        // Resize(128), CenterCrop(128), with neither ImageNet's numbers nor its 0.875
        resize: { fit: 'cover', filter: 'bilinear', rounding: 'torchvision' },
        background: '#000000',
        normalisation: { mean: [0, 0, 0], std: [1, 1, 1] }
      },
      output: { kind: 'classes', tensor: 'output0', activation: 'none' },
      labels: ['cat', "dog's bone", 'it\'s a "bird"']
    }
  })
})

t.test('a model of any size gets the size of the metadata: height, then width', async t => {
  const dynamic = { ...MODEL, input: { name: 'images', shape: ['batch', 3, 'height', 'width'] } }
  t.match(await inferUltralytics(await evidenceOf(t, { ...dynamic, metadata: { ...METADATA, imgsz: '[96, 160]' } }), {}), { card: { input: { height: 96, width: 160, resize: { fit: 'stretch' } } } })
  t.match(await inferUltralytics(await evidenceOf(t, { ...dynamic, metadata: { ...METADATA, imgsz: '224' } }), {}), { card: { input: { height: 224, width: 224, resize: { fit: 'cover' } } } })
})

t.test('other tasks are served as plain tensors', async t => {
  const detector: TestModel = { input: { name: 'images', shape: [1, 3, 640, 640] }, output: { name: 'output0', shape: [1, 84, 8400] }, metadata: { ...METADATA, task: 'detect' } }
  t.match(await inferUltralytics(await evidenceOf(t, detector), {}), { from: /task detect/, card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] } })
})

t.test('other models are left to other sources', async t => {
  t.equal(await inferUltralytics(await evidenceOf(t, { ...MODEL, metadata: {} }), {}), null)
  t.equal(await inferUltralytics(await evidenceOf(t, { ...MODEL, metadata: { task: 'classify' } }), {}), null)
})

t.test('metadata that cannot be read are refused in one line', async t => {
  const wrong: Array<[object, RegExp]> = [
    [{ names: '{0: cat}' }, /model\.onnx: the field 'names' of its metadata cannot be read: .*character 5/],
    [{ names: "{0: 'a', 2: 'b', 3: 'c'}" }, /'names'.*text for each class/],
    [{ names: "['a', 'b']" }, /has 2 names in its metadata, but 3 classes/],
    [{ imgsz: '[0, -1]' }, /'imgsz'/],
    [{ imgsz: '[1, 2, 3]' }, /'imgsz'/]
  ]
  for (const [fields, message] of wrong) {
    await t.rejects(inferUltralytics(await evidenceOf(t, { ...MODEL, metadata: { ...METADATA, ...fields } }), {}), { code: 'SRV_MODEL_INVALID', message })
  }
  await t.rejects(inferUltralytics(await evidenceOf(t, { ...MODEL, output: { name: 'output0', shape: [1, 3, 4] } }), {}), { code: 'SRV_MODEL_INVALID', message: /task classify/ })
})
