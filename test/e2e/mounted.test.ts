import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { zip } from '../fixtures/zip.ts'
import { start } from './process.ts'

const iris = readFileSync(projectFile('models/iris/model.onnx'))
const card = readFileSync(projectFile('models/iris/card.json'))

/** What a storage initializer or a volume leaves: each layout with the name and the version that it gives the model. */
const LAYOUTS: Array<[layout: string, files: Record<string, string | Uint8Array>, name: string, version: string]> = [
  ['a model with its card', { 'model.onnx': iris, 'card.json': card }, 'iris', '1'],
  ['a lone file', { 'my.onnx': iris }, 'models', '1'],
  ['a snapshot of a Hugging Face repository', { 'onnx/model.onnx': iris, 'config.json': '{}', '.cache/huggingface/CACHEDIR.TAG': '' }, 'models', '1'],
  ['a folder of MLflow', { MLmodel: 'flavors:\n  onnx:\n    data: net.onnx\n', 'net.onnx': iris }, 'models', '1'],
  ["Triton's repository", { 'flower/1/model.onnx': 'old', 'flower/2/model.onnx': iris, 'flower/config.pbtxt': 'backend: "onnxruntime"' }, 'flower', '2'],
  ['a model of such a repository', { '3/model.onnx': iris, 'config.pbtxt': 'name: "flower" backend: "onnxruntime"' }, 'flower', '3'],
  ['an unpacked archive', { 'flower/model.onnx': iris }, 'flower', '1'],
  ['an archive', { 'flower.zip': zip([{ name: 'model.onnx', bytes: iris }]) }, 'flower', '1']
]

/** All that is below a folder, with sizes and times of the last change. */
function listing (folder: string): string[] {
  return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort().map(name => {
    const { size, mtimeMs, ctimeMs } = lstatSync(join(folder, name))
    return [name, size, mtimeMs, ctimeMs].join(' ')
  })
}

function mount (t: Test, files: Record<string, string | Uint8Array>): string {
  const folder = join(t.testdir(), 'models')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

for (const [layout, files, name, version] of LAYOUTS) {
  t.test(`${layout} is served from where it is mounted, and nothing is written there`, async t => {
    const folder = mount(t, files)
    const before = listing(folder)
    const { url, stop } = await start(t, { MODEL_PATH: folder, WORKERS: '0' })
    const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[5.9,3.0,5.1,1.8]' })
    t.match(await response.json(), { index: 2, model: name, version })
    t.equal(await stop(), 0)
    t.same(listing(folder), before)
  })
}

t.test('SERVED_NAME and MODEL_VERSION are the name and the version in every answer, and the card is left alone', async t => {
  const folder = mount(t, { 'flower/2/model.onnx': iris, 'flower/card.json': card })
  const { url } = await start(t, { MODEL_PATH: folder, WORKERS: '0', SERVED_NAME: 'my-iris', MODEL_VERSION: 'canary-2' })
  const answer = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[5.9,3.0,5.1,1.8]' })
  t.match(await answer.json(), { species: 'virginica', model: 'my-iris', version: 'canary-2' })
  t.match(await (await fetch(`${url}/info`)).json(), { model: 'my-iris', version: 'canary-2' })
  t.match(await (await fetch(`${url}/metrics`)).text(), /model="my-iris",version="canary-2"/)
})
