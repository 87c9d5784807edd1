import t from 'tap'
import { highestVersion, isVersion, parseTritonConfig } from '../../../lib/card/triton.ts'

t.test("the model's own name, file and labels are read, and not those of its tensors", async t => {
  // The example of Triton's documentation, with a file of labels and another name of the model's file.
  const text = `
    # name: "of a comment"
    platform: "onnxruntime_onnx"
    max_batch_size: 8
    input [
      { name: "input0" data_type: TYPE_FP32 dims: [ 16 ] }
    ]
    output [
      {
        name: "output0"
        dims: [ 16 ]
        label_filename: "classes of \\"my\\" model.txt"
      }
    ]
    name: 'densenet'
    parameters { key: "}" value: { string_value: "{" } }
    default_model_filename: "net.onnx"`
  t.same(parseTritonConfig(text), { name: 'densenet', file: 'net.onnx', labels: 'classes of \\"my\\" model.txt' })
})

t.test('what is no configuration, or not whole, says nothing', async t => {
  for (const text of ['', '{', '}', 'name:', 'name: "', 'name: ""', 'name: "a\nb"', '\0', '[{name: "inner"}]']) t.same(parseTritonConfig(text), {}, JSON.stringify(text))
  t.same(parseTritonConfig('name:"a"'), { name: 'a' })
})

t.test('a long text of the worst kind is read at once', async t => {
  for (const piece of ['"', '\\', 'a', 'a:', '[', '#', 'a: "\\', '"\\', ' ', 'a ', '\'"']) t.same(parseTritonConfig(piece.repeat(1_000_000)), {}, piece)
})

t.test('the highest number is the version', async t => {
  t.equal(highestVersion(['1', '10', '9', 'data', '011', '0']), '10')
  t.equal(highestVersion(['data', '0', '01', '1a', '-1', '1.5']), null)
  t.ok(isVersion('12'))
})
