import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { loadConfig } from '../../../lib/config.ts'
import { loadModel } from '../../../lib/model/model.ts'
import { projectFile } from '../../../lib/project.ts'
import { expected, picture } from '../../fixtures/expected.ts'

const options = { topK: 3, deadline: 10_000 }

t.test('a loaded model', async t => {
  const model = await loadModel(loadConfig({ WORKERS: '1', QUEUE_LIMIT: '4' }))
  t.teardown(() => model.close())

  t.test("gives Python's answer for the same bytes", async t => {
    for (const name of ['rgb.png', 'alpha.png', 'grey.png', 'palette.png', 'rgb.webp', 'rgb.tiff', 'grey-alpha.png', 'rgb.jpg', 'rotated.jpg']) {
      const { label, probability } = expected.pictures[name]!
      const { rankings: [[first] = []] } = await model.predict([{ name, bytes: picture(name) }], options)
      t.equal(first?.label, label, name)
      // Transparency is laid on the background to within a grey level of Pillow's.
      t.ok(Math.abs(first!.probability - probability) < (name.includes('alpha') ? 0.03 : 0.01), `${name}: ${first?.probability}, Python ${probability}`)
    }
  })

  t.test('answers several inputs in order', async t => {
    const names = ['rgb.png', 'grey.png', 'alpha.png']
    const { rankings, timing } = await model.predict(names.map(name => ({ name, bytes: picture(name) })), options)
    t.same(rankings.map(([first]) => first?.label), names.map(name => expected.pictures[name]!.label))
    t.ok(rankings.every(top => top.length === 3))
    t.ok(timing.decode > 0 && timing.infer > 0 && timing.queue >= 0)
  })

  t.test('fails the whole request for one bad input, and names it', async t => {
    await t.rejects(model.predict([
      { name: 'good', bytes: picture('rgb.png') }, { name: 'the bad one', bytes: Buffer.from('hello') }
    ], options), { code: 'SRV_IMAGE_UNSUPPORTED', message: /^the bad one is not an image/ })
  })

  t.test('answers at the deadline, not later', async t => {
    const started = performance.now()
    await t.rejects(model.predict([{ name: 'a', bytes: picture('rgb.png') }], { topK: 1, deadline: 1 }), { code: 'SRV_DEADLINE', statusCode: 504, message: /within 1 ms/ })
    t.ok(performance.now() - started < 100)
  })

  t.test('drops the work of a caller who has gone', async t => {
    const onGone = (stop: () => void) => stop()
    await t.rejects(model.predict([{ name: 'a', bytes: picture('rgb.png') }], { ...options, onGone }), { code: 'SRV_CLIENT_GONE' })
  })

  t.test('refuses what the queue cannot hold, and has room again afterwards', async t => {
    const inputs = Array.from({ length: 3 }, () => ({ name: 'a', bytes: picture('rgb.png') }))
    // Places are held until the work itself ends, which for what was aborted above may be a moment from now.
    while (model.scheduler.admitted > 0) await sleep(1)
    const first = model.predict(inputs, options)
    await t.rejects(model.predict(inputs, options), { code: 'SRV_QUEUE_FULL' })
    await first
    t.equal(model.scheduler.admitted, 0)
    t.equal((await model.predict(inputs, options)).rankings.length, 3)
  })
})

t.test('a folder without a model is refused, saying what a model is', async t => {
  await t.rejects(loadModel(loadConfig({ MODEL_PATH: t.testdir() })), { code: 'SRV_MODEL_MISSING', message: /card\.json; a model is a folder with card\.json and model\.onnx/ })
})

t.test('a file that is not ONNX is refused, naming it', async t => {
  const folder = t.testdir({ 'model.onnx': 'not a model' })
  cpSync(projectFile('models/tensorfood/card.json'), `${folder}/card.json`)
  await t.rejects(loadModel(loadConfig({ MODEL_PATH: folder, WORKERS: '1' })), { code: 'SRV_MODEL_INVALID', message: /model\.onnx: is not an ONNX file/ })
})
