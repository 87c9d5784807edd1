import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { findFiles } from '../../../lib/card/files.ts'
import { folderOf, lineOf } from '../../fixtures/graph.ts'

/** What mlflow.onnx.save_model writes. https://mlflow.org/docs/latest/ml/model */
const mlmodel = (data: string) => `flavors:\n  onnx:\n    data: ${data}\n    onnx_version: 1.23.2\n  python_function:\n    data: ${data}\nsignature: null\n`

t.test('each usual layout of a folder has its ONNX file found', async t => {
  const layouts: Array<[name: string, files: string[], model: string]> = [
    ['plain', ['model.onnx', 'other.onnx', 'labels.txt'], 'model.onnx'],
    ['Hugging Face', ['config.json', 'onnx/model.onnx', 'onnx/model_quantized.onnx'], 'onnx/model.onnx'],
    ['Hugging Face with one variant', ['config.json', 'onnx/model_quantized.onnx'], 'onnx/model_quantized.onnx'],
    ['any name', ['animals-v3.onnx', 'README.md', '._animals-v3.onnx'], 'animals-v3.onnx'],
    ['capitals', ['Model.ONNX'], 'Model.ONNX'],
    ['external data', ['net.onnx', 'net.onnx.data'], 'net.onnx']
  ]
  for (const [name, files, model] of layouts) {
    const folder = folderOf(t, Object.fromEntries(files.map(file => [file, 'x'])))
    t.match(await findFiles(folder), { root: folder, model: join(folder, model), name: basename(folder) }, name)
  }
})

t.test("MLflow's file says where the ONNX file is", async t => {
  const folder = folderOf(t, { MLmodel: mlmodel('data/net.onnx'), 'data/net.onnx': 'x', 'other.onnx': 'x', 'input_example.json': '{}' })
  const files = await findFiles(folder)
  t.match(files, { root: folder, model: join(folder, 'data/net.onnx') })
  t.same(files.names, ['MLmodel', 'input_example.json', 'net.onnx', 'other.onnx'])
  t.equal(String(await files.read('input_example.json')), '{}')
})

t.test("Triton's folders are found: the highest version, by its number, and what lies beside the versions", async t => {
  const folder = folderOf(t, {
    'repository/iris/config.pbtxt': 'backend: "onnxruntime"',
    'repository/iris/2/model.onnx': 'x',
    'repository/iris/10/model.onnx': 'x',
    'repository/iris/labels.txt': 'cat',
    'repository/.cache/huggingface/model.onnx': 'x',
    'repository/README.md': 'x',
    'alone/3/model.onnx': 'x',
    'named/1/net.onnx': 'x',
    'named/1/model.onnx/other.txt': 'x',
    'named/config.pbtxt': 'name: "densenet" default_model_filename: "net.onnx"',
    'several/1/model.onnx/model.onnx': 'x',
    'several/1/model.onnx/weights.bin': 'x',
    'any/1/wine.onnx': 'x'
  })
  const iris = { root: join(folder, 'repository/iris'), model: join(folder, 'repository/iris/10/model.onnx'), name: 'iris', version: '10' }
  const files = await findFiles(join(folder, 'repository'))
  t.match(files, iris)
  t.equal(String(await files.read('labels.txt')), 'cat')
  t.equal(await files.read('README.md'), null, "the repository is no model's")
  t.match(await findFiles(join(folder, 'repository/iris')), iris)
  t.match(await findFiles(join(folder, 'alone')), { root: join(folder, 'alone'), name: 'alone', version: '3' }, 'Triton needs no configuration')
  t.match(await findFiles(join(folder, 'named')), { model: join(folder, 'named/1/net.onnx'), name: 'densenet', version: '1' })
  t.match(await findFiles(join(folder, 'several')), { root: join(folder, 'several'), model: join(folder, 'several/1/model.onnx/model.onnx'), version: '1' })
  t.match(await findFiles(join(folder, 'any')), { model: join(folder, 'any/1/wine.onnx'), version: '1' })
  for (const path of ['repository/iris/2', 'repository/iris/2/model.onnx']) {
    const older = await findFiles(join(folder, path))
    t.match(older, { root: iris.root, name: 'iris', version: '2' }, `${path}: a version that was named`)
    t.equal(String(await older.read('labels.txt')), 'cat')
  }
  t.match(await findFiles(join(folder, 'alone/3')), { root: join(folder, 'alone/3'), name: '3' }, 'without a configuration, the folder above is a stranger')
  t.notOk('version' in await findFiles(join(folder, 'alone/3')))
})

t.test('the only folder with a model is its folder, and none out of the folder that was given', async t => {
  const folder = folderOf(t, { 'unpacked/wine/any.onnx': 'x', 'unpacked/wine/card.json': '{}', 'out/README.md': 'x', 'version/config.pbtxt': 'default_model_filename: "../../unpacked/wine/any.onnx"', 'version/1/x': 'x' })
  t.match(await findFiles(join(folder, 'unpacked')), { root: join(folder, 'unpacked/wine'), model: join(folder, 'unpacked/wine/any.onnx'), name: 'wine' })
  symlinkSync('../unpacked/wine', join(folder, 'out/wine'))
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', findFiles(join(folder, 'out'))), /out\/wine: is a link out of the folder of the model; name the folder that it leads to/)
  t.match(await lineOf(t, 'SRV_MODEL_MISSING', findFiles(join(folder, 'version'))), /no ONNX file in .*version/)
  symlinkSync('../../unpacked/wine/any.onnx', join(folder, 'version/1/model.onnx'))
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', findFiles(join(folder, 'version'))), /1\/model\.onnx: is a link out of its folder/)
})

t.test('a named file is the model, with the folder around it', async t => {
  const folder = folderOf(t, { 'a.onnx': 'x', 'model.onnx': 'x', 'labels.txt': 'cat', 'hf/config.json': '{}', 'hf/onnx/model_quantized.onnx': 'x', 'hf/onnx/model.onnx': 'x', 'own/onnx/a.onnx': 'x', 'own/labels.txt': 'x' })
  t.match(await findFiles(join(folder, 'a.onnx')), { root: folder, model: join(folder, 'a.onnx'), name: 'a' })
  t.match(await findFiles(join(folder, 'model.onnx')), { name: basename(folder) })
  const variant = await findFiles(join(folder, 'hf/onnx/model_quantized.onnx'))
  t.match(variant, { root: join(folder, 'hf'), model: join(folder, 'hf/onnx/model_quantized.onnx'), name: 'model_quantized' })
  t.equal(String(await variant.read('config.json')), '{}', 'the configuration of the repository')
  t.match(await findFiles(join(folder, 'hf/onnx/model.onnx')), { name: 'hf' })
  t.match(await findFiles(join(folder, 'own/onnx/a.onnx')), { root: join(folder, 'own/onnx') }, 'without a configuration, the folder above is a stranger')
})

t.test('files beside the model are read: nearest first, never outside', async t => {
  const folder = folderOf(t, {
    'model/config.json': 'root', 'model/onnx/config.json': 'near', 'model/labels.txt': 'cat\n', 'model/onnx/model.onnx': 'x', secret: 'secret', 'model/data/inside.txt': 'inside'
  })
  const model = join(folder, 'model')
  mkdirSync(join(model, 'folder.txt'))
  symlinkSync('../secret', join(model, 'out.txt'))
  symlinkSync('data/inside.txt', join(model, 'in.txt'))
  symlinkSync('nothing', join(model, 'broken.txt'))
  execFileSync('mkfifo', [join(model, 'pipe.txt')])
  writeFileSync(join(model, 'large.json'), '')
  truncateSync(join(model, 'large.json'), 16 * 1024 * 1024 + 1)
  const { read, names } = await findFiles(model)
  t.equal(String(await read('config.json')), 'near')
  t.equal(String(await read('labels.txt')), 'cat\n')
  t.equal(String(await read('in.txt')), 'inside', 'a link inside the folder')
  t.same(names, ['config.json', 'in.txt', 'labels.txt', 'large.json', 'model.onnx', 'out.txt'])
  for (const name of ['none.txt', 'folder.txt', 'broken.txt', 'pipe.txt', '', '.', '..', '../secret', 'data/inside.txt', '/etc/passwd', 'a\0b', 'x'.repeat(5000)]) t.equal(await read(name), null, name.slice(0, 20))
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', read('out.txt')), /out\.txt: is a link out of the folder of the model; replace it with the file/)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', read('large.json')), /large\.json: has 16777217 bytes, over the limit of 16777216; make it smaller/)
})

t.test('links into the folder are followed, as Kubernetes makes them for a volume, and links out of it are not', async t => {
  const folder = folderOf(t, { 'volume/..2026/model.onnx': 'x', 'volume/..2026/labels.txt': 'cat', 'blobs/abc': 'x', 'snapshot/config.json': '{}' })
  symlinkSync('..2026', join(folder, 'volume/..data'))
  symlinkSync('..data/model.onnx', join(folder, 'volume/model.onnx'))
  symlinkSync('..data/labels.txt', join(folder, 'volume/labels.txt'))
  const files = await findFiles(join(folder, 'volume'))
  t.equal(files.model, join(folder, 'volume/..2026/model.onnx'))
  t.equal(String(await files.read('labels.txt')), 'cat')
  symlinkSync('volume', join(folder, 'current'))
  t.match(await findFiles(join(folder, 'current')), { root: join(folder, 'volume'), name: 'current' }, 'the folder itself may be a link')
  symlinkSync('../blobs/abc', join(folder, 'snapshot/model.onnx'))
  for (const path of ['snapshot', 'snapshot/model.onnx']) {
    t.match(await lineOf(t, 'SRV_MODEL_INVALID', findFiles(join(folder, path))), /model\.onnx: is a link out of its folder, to .*blobs\/abc; give that path, or a copy of the folder without links \(cp -rL\)/)
  }
})

t.test('what is no model is told with its remedy', async t => {
  const folder = folderOf(t, {
    'several/a.onnx': 'x',
    'several/b.onnx': 'x',
    'torch/model.safetensors': 'x',
    'torch/config.json': '{}',
    'keras/saved_model.pb': 'x',
    'none/README.md': 'x',
    'triton/1/model.onnx': 'x',
    'triton/2/model.plan': 'x',
    'triton/config.pbtxt': 'x',
    'repository/iris/1/model.onnx': 'x',
    'repository/wine/model.onnx': 'x',
    'repository/assets/logo.png': 'x',
    'archive/run/MLmodel': 'flavors:\n  sklearn: {}\n',
    'mlflow-sklearn/MLmodel': 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n  python_function: {}\n',
    'mlflow-out/MLmodel': mlmodel('../model.onnx'),
    'mlflow-absolute/MLmodel': mlmodel('/etc/passwd'),
    'mlflow-gone/MLmodel': mlmodel('gone.onnx'),
    'mlflow-number/MLmodel': mlmodel('7'),
    'mlflow-list/MLmodel': '- a\n',
    'mlflow-empty/MLmodel': '',
    'mlflow-binary/MLmodel': Buffer.from('\0\x01\x02'),
    'mlflow-deep/MLmodel': '['.repeat(500_000),
    'mlflow-bomb/MLmodel': 'a: &a [x]\nflavors: *a\n',
    'model.onnx': 'x'
  })
  mkdirSync(join(folder, 'empty'))
  mkdirSync(join(folder, 'odd/model.onnx'), { recursive: true })
  const cases: Array<[path: string, code: string, line: RegExp]> = [
    ['nothing', 'SRV_MODEL_MISSING', /^There is no .*nothing; give the path of an \.onnx file, or of a folder that holds one\.$/],
    ['model.onnx/x', 'SRV_MODEL_MISSING', /^There is no /],
    ['several', 'SRV_MODEL_INVALID', /several: holds 2 ONNX files and no model\.onnx \(a\.onnx, b\.onnx\); give the path of the one to serve$/],
    ['torch', 'SRV_MODEL_MISSING', /no ONNX file in .*torch, but weights without a graph \(model\.safetensors\); export them: optimum-cli export onnx/],
    ['keras', 'SRV_MODEL_MISSING', /a TensorFlow SavedModel \(saved_model\.pb\); convert it: python -m tf2onnx/],
    ['none', 'SRV_MODEL_MISSING', /no ONNX file in .*none; export the model as model\.onnx into it/],
    ['empty', 'SRV_MODEL_MISSING', /empty, which is empty; export/],
    ['odd', 'SRV_MODEL_MISSING', /no ONNX file in .*odd/],
    ['triton', 'SRV_MODEL_MISSING', /itself, but in .*triton\/1; give the path of that folder/],
    ['repository', 'SRV_MODEL_INVALID', /repository: holds 2 models \(iris, wine\); one process serves one model: name the folder of one in MODEL_PATH$/],
    ['archive', 'SRV_MODEL_INVALID', /run\/MLmodel: names no ONNX file in flavors\.onnx\.data \(its flavors: sklearn\)/],
    ['mlflow-sklearn', 'SRV_MODEL_INVALID', /MLmodel: names no ONNX file in flavors\.onnx\.data \(its flavors: sklearn, python_function\); log the model with mlflow\.onnx\.log_model/],
    ['mlflow-out', 'SRV_MODEL_INVALID', /MLmodel: says that the ONNX file is '\.\.\/model\.onnx', outside the folder; write a path inside it/],
    ['mlflow-absolute', 'SRV_MODEL_INVALID', /'\/etc\/passwd', outside the folder/],
    ['mlflow-gone', 'SRV_MODEL_MISSING', /There is no .*gone\.onnx, which .*MLmodel names as the ONNX file; copy the whole folder/],
    ['mlflow-number', 'SRV_MODEL_INVALID', /names no ONNX file/],
    ['mlflow-list', 'SRV_MODEL_INVALID', /names no ONNX file in flavors\.onnx\.data \(its flavors: none\)/],
    ['mlflow-empty', 'SRV_MODEL_INVALID', /names no ONNX file/],
    ['mlflow-binary', 'SRV_MODEL_INVALID', /MLmodel: .*; (?:save the model again|log the model)/],
    ['mlflow-deep', 'SRV_MODEL_INVALID', /MLmodel: is no MLmodel file of MLflow \(the text is nested deeper.*; save the model again/],
    ['mlflow-bomb', 'SRV_MODEL_INVALID', /MLmodel: is no MLmodel file of MLflow \(Alias/]
  ]
  for (const [path, code, line] of cases) t.match(await lineOf(t, code, findFiles(join(folder, path))), line, path)
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', findFiles('/dev/null')), /^\/dev\/null: is a device or pipe; give an \.onnx file or a folder$/)
})

t.test('a folder of too many files is refused', async t => {
  const folder = folderOf(t, {})
  for (let at = 0; at <= 10_000; at++) writeFileSync(join(folder, `${at}.onnx`), '')
  t.match(await lineOf(t, 'SRV_MODEL_INVALID', findFiles(folder)), /holds more than 10000 files; put the model into a folder of its own/)
})
