import t from 'tap'
import { chooseFiles, isDescription } from '../../../../lib/sources/dvc/choose.ts'
import type { Output, TrackedFile } from '../../../../lib/sources/dvc/metafile.ts'
import { Final } from '../../../../lib/sources/source.ts'

function output (path: string, rest: Partial<Output> = {}): Output {
  return { path, md5: '0'.repeat(32), bytes: 1, version: null, isFolder: false, files: null, isOld: false, remote: null, ...rest }
}

function file (path: string): TrackedFile {
  return { path, md5: '1'.repeat(32), bytes: 1, version: null }
}

async function pathsOf (outputs: Output[], folders: Record<string, string[]> = {}): Promise<Array<[path: string, repositoryPath: string]>> {
  const files = await chooseFiles(outputs, async ({ path }) => (folders[path] ?? []).map(file))
  return files.map(({ path, repositoryPath }) => [path, repositoryPath])
}

t.test('an ONNX file becomes the model, whatever its name', async t => {
  t.same(await pathsOf([output('models/wine.onnx')]), [['model.onnx', 'models/wine.onnx']])
  t.same(await pathsOf([output('models/wine.tar.gz')]), [['wine.tar.gz', 'models/wine.tar.gz']], 'an archive keeps it')
})

t.test('of several outputs, the model and what belongs to it count', async t => {
  const outputs = ['a/wine.onnx.data', 'a/wine.onnx', 'a/labels.txt', 'a/other.bin', 'a/.hidden.json'].map(path => output(path))
  t.same(await pathsOf([...outputs, output('a/huge.json', { bytes: 17 * 1024 * 1024 }), output('data', { isFolder: true })]), [
    ['wine.onnx.data', 'a/wine.onnx.data'], ['labels.txt', 'a/labels.txt'], ['model.onnx', 'a/wine.onnx']
  ])
  t.same(await pathsOf([output('a/encoder.onnx'), output('a/model.onnx')]), [['model.onnx', 'a/model.onnx']], 'the one that is called so')
})

t.test('a folder counts if it holds a model', async t => {
  const folders = { data: ['1.png'], model: ['card.json', 'onnx/wine.onnx'] }
  t.same(await pathsOf([output('data', { isFolder: true }), output('model', { isFolder: true })], folders), [
    ['card.json', 'model/card.json'], ['onnx/wine.onnx', 'model/onnx/wine.onnx']
  ])
})

t.test('what is not clear is an error that says what to give', async t => {
  await t.rejects(pathsOf([output('a/one.onnx'), output('a/two.onnx')]), new Final('it tracks 2 models (one.onnx, two.onnx); give the .dvc file of one'))
  const [one, two] = [output('one', { isFolder: true }), output('two', { isFolder: true })]
  await t.rejects(pathsOf([one, two], { one: ['a.onnx'], two: ['MLmodel'] }), new Final('it tracks 2 folders with models; give the .dvc file of one'))
  await t.rejects(pathsOf([output('a/checkpoint.ckpt'), one]), { constructor: Final, message: /no ONNX file, .* but checkpoint\.ckpt, one; export the model to ONNX/ })
  await t.rejects(pathsOf(Array.from({ length: 9 }, (_, index) => output(`${index}.onnx`))), { message: /9 models \(0\.onnx, .*4\.onnx, …\)/ })
})

t.test('small texts beside a model may describe it', t => {
  for (const name of ['card.json', 'labels.txt', 'MLmodel', 'config.pbtxt', 'args.yaml']) t.equal(isDescription(name, 100), true, name)
  for (const name of ['model.onnx', 'model.onnx.dvc', '.gitignore', '.hidden.json', 'train.py', 'photo.jpg']) t.equal(isDescription(name, 100), false, name)
  t.equal(isDescription('card.json', 17 * 1024 * 1024), false)
  t.end()
})
