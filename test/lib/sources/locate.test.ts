import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { loadConfig } from '../../../lib/config.ts'
import { projectFile } from '../../../lib/project.ts'
import { fetchMissingModel, modelFolder } from '../../../lib/sources/locate.ts'

t.test("the model's folder is that of MODEL_PATH, from where the process runs, else the one of that name in models/", async t => {
  t.equal(modelFolder(loadConfig({ MODEL_NAME: 'iris' })), projectFile('models/iris'))
  t.equal(modelFolder(loadConfig({ MODEL_NAME: 'iris', MODEL_PATH: '/srv/mine' })), resolve('/srv/mine'))
  t.equal(modelFolder(loadConfig({ MODEL_PATH: 'mine' })), join(process.cwd(), 'mine'))
})

t.test('a model that is there is not fetched', async t => {
  const folder = t.testdir({ 'model.onnx': 'mine' })
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: folder, MODEL_URL }), file => t.fail(`${file} is fetched`)), true)
  t.equal(readFileSync(join(folder, 'model.onnx'), 'utf8'), 'mine')
})

t.test('without MODEL_URL nothing is fetched', async t => {
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: t.testdir() })), false)
})

t.test('a model that is missing is fetched as the settings say, with its card', async t => {
  const folder = join(t.testdir(), 'new')
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  const files = new Set<string>()
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: folder, MODEL_URL }), file => files.add(file)), true)
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(readFileSync(projectFile('models/iris/model.onnx'))))
  t.same([...files], ['card.json', 'model.onnx'].map(name => join(folder, name)), 'and tells how far it is')
  for (const [setting, message] of [[{ MODEL_SHA256: '0'.repeat(64) }, /MODEL_SHA256/], [{ MODEL_LIMIT: '100' }, /MODEL_LIMIT/]] as const) {
    await t.rejects(fetchMissingModel(loadConfig({ MODEL_PATH: join(folder, 'other'), MODEL_URL, ...setting })), { code: 'SRV_MODEL_UNFETCHED', message })
  }
})
