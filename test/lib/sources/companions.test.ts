import t from 'tap'
import { folderOf, foldersOf, isCompanion, isDataOf, nameOf, within } from '../../../lib/sources/companions.ts'

t.test('the files that say how to use a model belong to it, and others do not', async t => {
  for (const name of ['card.json', 'config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'MLmodel', 'labels.txt', 'class_names.json']) t.ok(isCompanion(name), name)
  for (const name of ['README.md', 'model.safetensors', 'pytorch_model.bin', 'vocab.txt', 'model.onnx', 'config.json.bak', 'generation_config.json']) t.notOk(isCompanion(name), name)
})

t.test('external data are known by the names that exporters give them', async t => {
  // optimum, PyTorch's exporters, and ONNX's own save_model with several locations.
  for (const name of ['model.onnx_data', 'model.onnx_data_1', 'model.onnx.data', 'model.data', 'model.onnx.data.2', 'model.weights']) t.ok(isDataOf('model.onnx', name), name)
  for (const name of ['model.onnx', 'model_quantized.onnx_data', 'model.safetensors', 'model.bin', 'other.onnx_data', 'data', 'model.onnx_datasheet']) t.notOk(isDataOf('model.onnx', name), name)
})

t.test('paths are taken apart and put together', async t => {
  t.same([folderOf('a/b/c'), folderOf('c'), nameOf('a/b/c'), nameOf('c')], ['a/b', '', 'c', 'c'])
  t.same(foldersOf('a/b/c'), ['a/b', 'a', ''])
  t.same(foldersOf('c'), [''])
  t.same([within('', 'c'), within('a', 'c')], ['c', 'a/c'])
})
