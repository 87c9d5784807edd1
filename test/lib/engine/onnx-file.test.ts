import { InferenceSession, Tensor } from 'onnxruntime-node'
import t from 'tap'
import { readOnnxFile } from '../../../lib/engine/onnx-file.ts'
import { projectFile } from '../../../lib/project.ts'

t.test("scikit-learn's ZipMap becomes a tensor of probabilities", async t => {
  const bytes = await readOnnxFile(projectFile('models/iris/model.onnx'))
  if (typeof bytes === 'string') throw new Error('the model was left as it is')
  const session = await InferenceSession.create(bytes)
  const { output_probability: output } = await session.run({ X: new Tensor('float32', [5.9, 3, 5.1, 1.8, 5, 3, 1.2, 0.2], [2, 4]) }, ['output_probability'])
  t.same(output?.dims, [2, 3])
  const [a = 0, b = 0, c = 0] = output?.data as Float32Array
  t.ok(Math.abs(a + b + c - 1) < 1e-6)
  t.ok(c > b && b > a)
})

t.test('a model without one is loaded from its file, untouched', async t => {
  const path = projectFile('models/tensorfood/model.onnx')
  t.equal(await readOnnxFile(path), path)
})
