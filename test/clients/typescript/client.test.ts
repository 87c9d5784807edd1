import { readFileSync } from 'node:fs'
import t from 'tap'
import { createClient } from '../../../clients/typescript/client.ts'
import { typesOf } from '../../../clients/typescript/types.ts'
import { projectFile } from '../../../lib/project.ts'
import { modelFolder } from '../../fixtures/model.ts'
import { reviewsCard, reviewsModel } from '../../fixtures/reviews.ts'
import { start } from '../../e2e/process.ts'
import { expected, picture } from '../../fixtures/expected.ts'
import { build } from '../../helper.ts'
import type { paths as IrisPaths } from './iris.ts'

for (const [model, file] of [['tensorfood', 'clients/typescript/paths.ts'], ['iris', 'test/clients/typescript/iris.ts']] as const) {
  t.test(`${file} is what npm run client makes for ${model} now`, async t => {
    const app = await build(t, { MODEL_NAME: model, DIALECTS: 'none' })
    const types = await typesOf((await app.inject('/openapi.json')).json())
    t.equal(readFileSync(projectFile(file), 'utf8'), types, `MODEL_NAME=${model} npm run client -- --out ${file}`)
  })
}

t.test('a picture is answered for each content type', async t => {
  const { url, stop } = await start(t)
  const client = createClient(url)
  const photo = new Blob([picture('rgb.png')], { type: 'image/png' })
  const { label, probability } = expected.pictures['rgb.png']!

  const bodies = {
    'a Blob that says its type': photo,
    'a Blob that says none': new Blob([photo]),
    'a File': new File([photo], 'rgb.png'),
    'a form': { file: photo },
    JSON: { image: picture('rgb.png').toString('base64') }
  }
  for (const [name, body] of Object.entries(bodies)) {
    const { data, response } = await client.POST('/predict', { body, params: { query: { top_k: 3 } } })
    t.equal(response.status, 200, name)
    if (!data || !('food' in data)) return t.fail(`${name} is not answered with one prediction`)
    t.equal(data.food, label, name)
    t.ok(Math.abs(data.probability - probability) < 0.01, name)
    t.equal(data.top.length, 3, name)
  }

  await t.test('several files of a form are answered in their order', async t => {
    const other = new Blob([readFileSync(projectFile('models/tensorfood/samples/chips.png'))])
    const { data } = await client.POST('/predict', { body: { file: [other, photo] } })
    if (!data || !('predictions' in data)) return t.fail('the answer is not several predictions')
    t.same(data.predictions.map(({ food }) => food), ['french_fries', label])
  })

  await t.test('an error has its code and message', async t => {
    const { data, error, response } = await client.POST('/predict', { body: new Blob(['not a picture']) })
    t.equal(data, undefined)
    t.equal(response.status, 415)
    t.equal(error?.code, 'SRV_IMAGE_UNSUPPORTED')
    t.match(error?.message, 'send one of JPEG')
  })

  await t.test('the other routes are typed as well', async t => {
    const { data: info } = await client.GET('/info')
    t.match(info, { model: 'tensorfood', 'label-key': 'food', 'num-classes': 25 })
    const { data: health } = await client.GET('/readyz')
    t.equal(health?.status, 'ready')
  })

  t.equal(await stop(), 0)
})

t.test('rows are answered for each content type, with the types of their own model', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const client = createClient<IrisPaths>(url)
  const flower = { 'sepal length': 5.9, 'sepal width': 3, 'petal length': 5.1, 'petal width': 1.8 }

  for (const [name, body] of Object.entries({ 'values in order': Object.values(flower), 'values by name': flower })) {
    const { data } = await client.POST('/predict', { body })
    t.equal(data && 'species' in data && data.species, 'virginica', name)
  }
  const csv = '6.4,3.2,4.5,1.5\n5.9,3.0,5.1,1.8\n'
  const instances = [[6.4, 3.2, 4.5, 1.5], flower]
  for (const [name, body] of Object.entries({ CSV: csv, 'a CSV file': { file: new File([csv], 'flowers.csv') }, rows: instances, instances: { instances } })) {
    const { data } = await client.POST('/predict', { body })
    t.same(data && 'predictions' in data && data.predictions.map(({ species }) => species), ['versicolor', 'virginica'], name)
  }
  const { data: answeredCsv } = await client.POST('/predict', { body: csv, parseAs: 'text', headers: { accept: 'text/csv' } })
  t.match(answeredCsv, /^6.4,3.2,4.5,1.5,versicolor,0.83/)
  const { error } = await client.POST('/predict', { body: [1, 2, 3] })
  t.equal(error?.code, 'SRV_ROW_UNUSABLE')
  t.equal(await stop(), 0)
})

t.test('a text is sent as an object, as a list, or as plain text', async t => {
  const { url, stop } = await start(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }) })
  interface Answer { sentiment?: string, predictions?: Array<{ sentiment: string }> }
  interface Paths { '/predict': { post: { requestBody: { content: { 'application/json': string | object } }, responses: { 200: { content: { 'application/json': Answer } } } } } }
  const client = createClient<Paths>(url)
  t.match((await client.POST('/predict', { body: { text: 'great' } })).data, { sentiment: 'positive' })
  t.match((await client.POST('/predict', { body: ['great', 'awful'] })).data, { predictions: [{ sentiment: 'positive' }, { sentiment: 'negative' }] })
  t.match((await client.POST('/predict', { body: 'great', headers: { 'content-type': 'text/plain' } })).data, { sentiment: 'positive' })
  t.match((await client.POST('/predict', { body: { file: new File(['text\nawful\n'], 'a.csv') } })).data, { predictions: [{ sentiment: 'negative' }] })
  t.equal(await stop(), 0)
})
