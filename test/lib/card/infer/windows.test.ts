import t from 'tap'
import { inferWindows } from '../../../../lib/card/infer/windows.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import { evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const MODEL: TestModel = {
  input: { name: 'data', shape: ['None', 3, 224, 224], denotation: 'IMAGE' },
  output: { name: 'classLabel', type: 8, shape: [null, 1] },
  metadata: { 'Image.BitmapPixelFormat': 'Bgr8', 'Image.NominalPixelRange': 'NominalRange_0_255', 'Image.ColorSpaceGamma': 'SRGB' }
}

const MANIFEST = { DomainType: 'Classification', Platform: 'ONNX', ExporterVersion: '2.1', ModelFileName: 'model.onnx', LabelFileName: 'labels.txt' }

async function find (metadata: Record<string, string>, { channels = 3, files = {}, known = {} }: { channels?: number, files?: Record<string, object>, known?: PartialCard } = {}) {
  return await inferWindows(await evidenceOf(t, { ...MODEL, input: { name: 'data', shape: ['None', channels, 224, 224], denotation: 'IMAGE' }, metadata }, files), known)
}

t.test("Custom Vision's export gives the input", async t => {
  t.strictSame(await inferWindows(await evidenceOf(t, MODEL, { 'cvexport.manifest': MANIFEST }), {}), {
    from: 'metadata of the ONNX file (Windows ML), cvexport.manifest (Custom Vision)',
    card: {
      input: {
        kind: 'image',
        tensor: 'data',
        type: 'float32',
        layout: 'NCHW',
        width: 224,
        height: 224,
        colour: 'bgr',
        resize: { fit: 'stretch', filter: 'bicubic' },
        background: '#000000',
        normalisation: null
      }
    },
    assumptions: [{
      field: '/input/resize',
      assumed: 'pictures stretched to the size of the input, with the filter bicubic',
      because: "the metadata do not say it; the example code of Custom Vision's export does so",
      card: '{"input":{"resize":{"fit":"stretch","filter":"bicubic"}}}'
    }]
  })
})

t.test('each format and range of the specification has its fields', async t => {
  const rgb = { 'Image.BitmapPixelFormat': 'Rgb8' }
  t.match(await find({ ...rgb, 'Image.NominalPixelRange': 'Normalized_0_1' }), { card: { input: { colour: 'rgb', normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } } } })
  t.match(await find({ ...rgb, 'Image.NominalPixelRange': 'Normalized_1_1' }), { card: { input: { normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } } } })
  t.match(await find({ 'Image.BitmapPixelFormat': 'Gray8', 'Image.NominalPixelRange': 'Normalized_1_1' }, { channels: 1 }), { card: { input: { colour: 'grey', normalisation: { mean: [0.5], std: [0.5] } } } })
})

t.test('what the metadata leave out is an assumption', async t => {
  t.match(await find({ 'Image.BitmapPixelFormat': 'Rgb8' }), { card: { input: { normalisation: null } }, assumptions: [{ field: '/input/normalisation', assumed: 'levels of 0 to 255' }, {}] })
  t.match(await find({}, { files: { 'cvexport.manifest': MANIFEST } }), {
    card: { input: { colour: 'rgb', normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } } }, assumptions: [{ field: '/input/colour' }, { field: '/input/normalisation' }, { field: '/input/resize' }]
  }, "as in Custom Vision's example code")
})

t.test('what the card says is no assumption', async t => {
  const known: PartialCard = { input: { kind: 'image', normalisation: null, resize: { fit: 'cover', filter: 'bilinear' } } }
  t.match(await find({ 'Image.BitmapPixelFormat': 'Rgb8' }, { known }), { assumptions: [] })
})

t.test('the order of the colours is never guessed', async t => {
  await t.rejects(find({}), { code: 'SRV_CARD_AMBIGUOUS', message: /order the colours.*\{"input":\{"colour":"rgb"\}\}, or \{"input":\{"colour":"bgr"\}\}/ })
  t.match(await find({}, { known: { input: { kind: 'image', colour: 'bgr' } } }), { card: { input: { colour: 'bgr' } } })
})

t.test('a detector of Custom Vision is served as plain tensors', async t => {
  t.match(await find({}, { files: { 'cvexport.manifest': { ...MANIFEST, DomainType: 'ObjectDetection' } } }), { card: { input: { kind: 'tensors' }, output: { kind: 'tensors' } } })
})

t.test('what is not supported, or contradicts the model, is refused in one line', async t => {
  await t.rejects(find({ 'Image.BitmapPixelFormat': 'Yuv' }), { code: 'SRV_MODEL_INVALID', message: /Image\.BitmapPixelFormat Yuv, which is not supported \(only Bgr8, Rgb8, Gray8\)/ })
  await t.rejects(find({ 'Image.BitmapPixelFormat': 'constructor' }), { code: 'SRV_MODEL_INVALID', message: /not supported/ })
  await t.rejects(find({ 'Image.BitmapPixelFormat': 'Rgb8', 'Image.NominalPixelRange': 'NominalRange_16_235' }), { code: 'SRV_MODEL_INVALID', message: /NominalRange_16_235/ })
  await t.rejects(find({ 'Image.BitmapPixelFormat': 'Gray8' }), { code: 'SRV_MODEL_INVALID', message: /Gray8, but the input has 3 channels/ })
  const dynamic = { ...MODEL, input: { name: 'data', shape: ['N', 3, 'height', 'width'] } }
  await t.rejects(inferWindows(await evidenceOf(t, dynamic), {}), { code: 'SRV_CARD_AMBIGUOUS', message: /which size/ })
})

t.test('other models are left to other sources', async t => {
  t.equal(await inferWindows(await evidenceOf(t, { ...MODEL, input: { name: 'data', shape: ['N', 3, 224, 224] }, metadata: {} }), {}), null)
  t.equal(await find({ 'Image.BitmapPixelFormat': 'Rgb8' }, { channels: 4 }), null, 'no picture')
})
