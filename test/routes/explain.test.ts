import { setTimeout as sleep } from 'node:timers/promises'
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import t from 'tap'
import { picture } from '../fixtures/expected.ts'
import { build, form } from '../helper.ts'

t.test('POST /explain for a picture', async t => {
  const app = await build(t, { MAX_BATCH: '8' })
  const jpeg = { 'content-type': 'image/jpeg' }
  const ask = async (url: string, headers: Record<string, string> = jpeg, payload: Buffer | FormData = picture('rgb.jpg')) => {
    return await app.inject({ method: 'POST', url, payload, headers })
  }

  t.test('explains the answer of /predict, as numbers and as a picture', async t => {
    const predicted = (await ask('/predict')).json()
    const response = await ask('/explain')
    t.equal(response.statusCode, 200)
    const { importance, overlay, ...answer } = response.json()
    const { food, probability, index, model, version } = predicted
    t.same(answer, { food, probability, index, model, version })
    t.equal(importance.length, 9)
    t.ok(importance.every((line: number[]) => line.length === 9 && line.every(cell => Math.abs(cell) <= 1)))
    const png = Buffer.from(overlay.replace('data:image/png;base64,', ''), 'base64')
    t.match(await sharp(png).metadata(), { format: 'png', width: 448, height: 448 })
    t.match(response.headers['server-timing'], /infer;dur=/)
  })

  t.test('asks the model in batches: 82 pictures in far fewer runs', async t => {
    const batches = async () => {
      const { body } = await app.inject('/metrics')
      return ['sum', 'count'].map(name => Number(new RegExp(`^servery_batch_rows_${name} (\\d+)$`, 'm').exec(body)?.[1]))
    }
    const [rowsBefore, runsBefore] = await batches()
    await ask('/explain')
    const [rows, runs] = await batches()
    t.equal(rows! - rowsBefore!, 82)
    t.ok(runs! - runsBefore! < 20, `${runs! - runsBefore!} runs`)
  })

  t.test('answers the picture alone where a picture is asked for', async t => {
    const response = await ask('/explain', { ...jpeg, accept: 'image/png' })
    t.equal(response.headers['content-type'], 'image/png')
    t.match(await fileTypeFromBuffer(response.rawPayload), { mime: 'image/png' })
    for (const accept of ['image/png;q=0', 'image/png;q=0.5, application/json', '*/*']) {
      t.match((await ask('/explain', { ...jpeg, accept })).headers['content-type'], 'application/json', accept)
    }
  })

  t.test('refuses what it cannot explain as /predict does', async t => {
    t.match((await ask('/explain', {}, form({ name: 'a.txt', bytes: Buffer.from('hello') }))).json(), { statusCode: 415, message: /file 'a.txt'/ })
    const two = form({ name: 'a.jpg', bytes: picture('rgb.jpg') }, { name: 'b.jpg', bytes: picture('rgb.jpg') })
    t.match((await ask('/explain', {}, two)).json(), { statusCode: 400, message: /one input at a time/ })
    t.match((await ask('/explain', { ...jpeg, 'x-deadline-ms': '1' })).json(), { statusCode: 504, code: 'SRV_DEADLINE', message: /within 1 ms \(x-deadline-ms / })
  })

  t.test('is refused at a quarter of the queue, when predictions are still answered', async t => {
    const { queueLimit } = app.model.status()
    const bytes = picture('rgb.png')
    // Their places are taken at once, and held until the last of them is answered.
    const predictions = app.model.predict(Array.from({ length: Math.floor(queueLimit / 4) + 1 }, (_, at) => ({ name: `${at}`, bytes })), { topK: 1, deadline: 60_000 })
    const [refused, predicted] = await Promise.all([ask('/explain'), ask('/predict')])
    t.match(refused.json(), { statusCode: 503, code: 'SRV_QUEUE_FULL' })
    t.ok(refused.headers['retry-after'])
    t.equal(predicted.statusCode, 200)
    await predictions
    while (app.model.status().admitted > 0) await sleep(1)
    t.equal((await ask('/explain')).statusCode, 200)
  })
})

t.test('POST /explain for a row gives what each feature did, as Python computes it', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const response = await app.inject({ method: 'POST', url: '/explain', payload: [5.9, 3.0, 5.1, 1.8] })
  const { features, ...answer } = response.json()
  t.match(answer, { species: 'virginica', index: 2, model: 'iris' })
  // Computed with numpy and ONNX Runtime in Python: the answer, less the mean over eleven values of the range.
  const expected = { 'sepal length': 0.03584, 'sepal width': 0.00982, 'petal length': 0.36293, 'petal width': 0.28281 }
  t.same(features.map(({ name }: { name: string }) => name), Object.keys(expected))
  for (const { name, importance } of features) t.ok(Math.abs(importance - expected[name as keyof typeof expected]) < 2e-5, `${name}: ${importance}`)
  const { curve } = features[2]
  t.equal(curve.length, 11)
  t.match([curve[0].value, curve[10].value], [1, 6.9])
  t.ok(Math.abs(curve[10].probability - 0.9973254) < 1e-6)
})

t.test('POST /explain for a row for which the model computes NaN is a 422', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  const response = await app.inject({ method: 'POST', url: '/explain', payload: [1e38, 1e38, 1e38, 1e38] })
  t.match(response.json(), { statusCode: 422, code: 'SRV_ANSWER_NOT_FINITE', message: /^the row has no answer: the model computes NaN in its output 'output_probability'/ })
})
