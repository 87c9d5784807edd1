import t from 'tap'
import { calibrate } from '../../../lib/engine/calibrate.ts'
import { readCard } from '../../../lib/model/card.ts'
import { readOnnxFile } from '../../../lib/model/onnx-file.ts'
import { projectFile } from '../../../lib/project.ts'

async function options (name: string) {
  const folder = projectFile(`models/${name}`)
  const card = await readCard(folder)
  const row = card.input.kind === 'table'
    ? card.input.features.map(({ example }) => example)
    : { data: new Uint8Array(card.input.width * card.input.height * 3), width: card.input.width, height: card.input.height, channels: 3 }
  return { model: await readOnnxFile(`${folder}/model.onnx`), card, row, cpus: 2 }
}

t.test('a model of microseconds runs inline, in batches', async t => {
  const engine = await calibrate(await options('iris'))
  t.equal(engine.workers, 0)
  t.ok(engine.maxBatch > 1)
  t.ok(engine.trials.length > 2)
  t.ok(engine.trials.every(({ rate, latency }) => rate > 0 && latency > 0))
  await engine.runner.close()
})

t.test('a model of milliseconds that takes pictures is never run inline', async t => {
  const engine = await calibrate(await options('tensorfood'))
  t.ok(engine.workers >= 1)
  t.equal(engine.runner.size, engine.workers)
  t.ok(engine.trials.every(({ workers, rate, latency }) => workers > 0 && rate > 0 && latency > 0))
  await engine.runner.close()
})

t.test('what is set is not measured', async t => {
  const engine = await calibrate({ ...await options('tensorfood'), workers: 1, threads: 2, maxBatch: 3 })
  t.match(engine, { workers: 1, threads: 2, maxBatch: 3 })
  t.equal(engine.trials.length, 1)
  await engine.runner.close()
  const inline = await calibrate({ ...await options('tensorfood'), workers: 0, maxBatch: 1 })
  t.match(inline, { workers: 0, maxBatch: 1, runner: { size: 1, idle: 1 } })
  await inline.runner.close()
})
