import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { start } from '../e2e/process.ts'
import { picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'

/** Kapitan Hull's contract: the variables of its deployment, and what its image and table templates answer. */
t.test('a client of a Kapitan Hull service of pictures works unchanged', async t => {
  const { url, stop } = await start(t, { PRED_MODEL_PATH: projectFile('models/tensorfood'), PRED_MODEL_UUID: 'a1b2c3' })
  const version = await fetch(`${url}/api/v1/model/version`)
  t.equal(version.headers.get('content-type'), 'application/json')
  t.same(await version.json(), { data: { model_uuid: 'a1b2c3' } })
  const response = await fetch(`${url}/api/v1/model/predict`, { method: 'POST', body: form({ field: 'image_file', name: 'a.png', bytes: picture('rgb.png') }) })
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'application/json')
  t.match(await response.json(), { data: [{ image_filename: 'a.png', prediction: /^\d+$/ }] })
  t.ok('/api/v1/model/predict' in (await (await fetch(`${url}/api/v1/openapi.json`)).json()).paths)
  t.equal(await stop(), 0)
})

t.test('a client of a Kapitan Hull service of tables gets its CSV back', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const body = form({ field: 'csv_file', name: 'test.csv', bytes: Buffer.from('sepal length,sepal width,petal length,petal width\n5.9,3.0,5.1,1.8\n') })
  const response = await fetch(`${url}/api/v1/model/predict`, { method: 'POST', body })
  t.match(response.headers.get('content-disposition'), 'predictions.csv')
  t.equal(await response.text(), 'sepal length,sepal width,petal length,petal width,prediction\n5.9,3.0,5.1,1.8,virginica\n')
  t.equal(await stop(), 0)
})
