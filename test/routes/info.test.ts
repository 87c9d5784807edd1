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

t.test('GET /info is a page for a browser, and JSON for everything else', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const page = await app.inject({ url: '/info', headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } })
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.match(page.headers['content-security-policy'], "script-src 'self'")
  t.match(page.body, '<h1>Iris</h1>')
  for (const accept of [undefined, '*/*', 'application/json']) {
    const { headers, body } = await app.inject({ url: '/info', ...accept && { headers: { accept } } })
    t.equal(headers['content-type'], 'application/json; charset=utf-8')
    t.equal(headers['vary'], 'Accept')
    t.equal(JSON.parse(body).model, 'iris')
  }
})
