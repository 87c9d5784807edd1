import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { picture } from '../fixtures/expected.ts'
import { form } from '../helper.ts'

/** TensorFood's contract: three endpoints, README at /docs, and the shapes of their answers. */
t.test('a client of TensorFood works unchanged', async t => {
  const { url, stop, lines } = await start(t)

  await t.test("curl --request GET '/' answers an HTML page about the model and its training", async t => {
    const response = await fetch(`${url}/`)
    t.equal(response.status, 200)
    t.match(response.headers.get('content-type'), 'text/html')
    t.match(await response.text(), /Training/)
  })

  await t.test("curl --request GET '/info' answers the model's facts under kebab-case names", async t => {
    const info = await (await fetch(`${url}/info`)).json()
    t.match(info, { model: String, 'input-size': /^\d+x\d+x3$/, 'num-classes': Number, 'pretrained-on': 'ImageNet' })
  })

  await t.test("curl --location --request POST '/predict' --form 'file=@image' answers food and probability", async t => {
    const response = await fetch(`${url}/predict`, { method: 'POST', redirect: 'follow', body: form({ field: 'file', name: 'image.jpg', bytes: picture('rgb.jpg') }) })
    t.equal(response.status, 200)
    const { food, probability } = JSON.parse(await response.text())
    t.type(food, 'string')
    t.ok(probability > 0 && probability <= 1)
  })

  await t.test('curl itself sends that form', async t => {
    const file = fileURLToPath(new URL('../fixtures/pictures/rgb.jpg', import.meta.url))
    const { stdout } = await promisify(execFile)('curl', ['--silent', '--location', '--request', 'POST', `${url}/predict`, '--form', `file=@${file}`])
    t.match(JSON.parse(stdout), { food: String, probability: Number })
  })

  await t.test('GET /docs answers the README', async t => {
    t.match(await (await fetch(`${url}/docs`)).text(), '<h1 id="servery">')
  })

  await t.test('the log says when the model is loaded for the first time, and it is loaded once', async t => {
    t.equal(lines.filter(({ msg }) => msg === 'Loading model for the first time').length, 1)
  })

  t.equal(await stop(), 0)
})
