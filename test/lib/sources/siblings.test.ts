import t from 'tap'
import { nameByPath, siblingsOf } from '../../../lib/sources/siblings.ts'

t.test('a card and external data may lie beside an ONNX file', async t => {
  t.same(siblingsOf('wine.onnx'), ['card.json', 'wine.onnx.data', 'wine.onnx_data'])
  t.same(siblingsOf('download'), ['card.json'])
})

t.test('a model is called as its file, or as the folder of model.onnx', async t => {
  for (const [path, name] of [
    ['/a/wine.onnx', 'wine'], ['/a/wine.v2.tar.gz', 'wine.v2'], ['/a/wine.ZIP', 'wine'], ['/wine/model.onnx', 'wine'], ['/wine/model.zip', 'wine'], ['/model.onnx', 'model'], ['/', 'model'], ['wine', 'wine']
  ] as const) t.equal(nameByPath(path), name, path)
})
