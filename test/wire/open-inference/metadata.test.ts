import t from 'tap'
import { modelMetadata, serverMetadata } from '../../../wire/open-inference/metadata.ts'
import { fakeModel } from '../../lib/model.ts'

t.test('the model is described by the tensors of its file', async t => {
  const { model } = await fakeModel()
  const metadata = modelMetadata({
    card: model.card,
    signature: { inputs: [{ name: 'X', dtype: 'float32', shape: [null, 4] }], outputs: [{ name: 'words', dtype: 'string', shape: [] }] }
  })
  t.same(metadata, {
    name: 'iris', versions: ['1'], platform: 'onnx_onnxv1', inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 4] }], outputs: [{ name: 'words', datatype: 'BYTES', shape: [] }]
  })
})

t.test('the service has a name, a version and the extensions by their names at Triton', async t => {
  t.match(serverMetadata(), { name: 'servery', version: /^\d+\.\d+\.\d+/, extensions: ['classification', 'model_repository', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics'] })
})
