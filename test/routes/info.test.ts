import t from 'tap'
import { build } from '../helper.ts'

t.test('GET /info describes the model, its input and the limits of the service', async t => {
  const app = await build(t, { UPLOAD_LIMIT: '1234', DEADLINE_MS: '4321' })
  const response = await app.inject('/info')
  t.equal(response.statusCode, 200)
  t.match(response.json(), {
    model: 'tensorfood',
    'input-size': '64x64x3',
    'num-classes': 25,
    'pretrained-on': 'ImageNet',
    labels: ['bibimbap', 'caesar_salad'],
    dataset: { name: /Food-101/, licence: /research use/ },
    performance: { top1: Number },
    input: { kind: 'image', width: 64, height: 64 },
    output: { kind: 'classes', tensor: 'probabilities', activation: 'none' },
    assumptions: [],
    sources: [],
    formats: ['JPEG', 'PNG', 'WebP', 'GIF', 'AVIF', 'TIFF'],
    service: { 'upload-limit': 1234, 'deadline-ms': 4321, workers: 1, 'execution-providers': ['cpu'] }
  })
})

t.test('GET /info leaves out what is said to clients of MAX alone', async t => {
  const app = await build(t, { MODEL_NAME: 'fashion-mnist' })
  const info = (await app.inject('/info')).json()
  t.match(info, { model: 'fashion-mnist', title: 'Fashion-MNIST', licence: 'MIT' })
  t.notOk('max' in info)
})
