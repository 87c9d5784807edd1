import t from 'tap'
import { foreignModel } from '../../../lib/card/foreign.ts'

t.test('a model of another format is named, with how to export it', async t => {
  const cases: Array<[names: string[], is: RegExp, remedy: RegExp]> = [
    [['assets', 'saved_model.pb', 'variables'], /TensorFlow SavedModel/, /tf2onnx\.convert --saved-model/],
    [['model.keras'], /Keras/, /model\.export/],
    [['weights.h5'], /Keras/, /format="onnx"/],
    [['model.tflite'], /TensorFlow Lite/, /--tflite/],
    [['model.joblib'], /scikit-learn/, /skl2onnx\.to_onnx/],
    [['model.pkl'], /scikit-learn/, /skl2onnx\.to_onnx/],
    [['config.json', 'model.safetensors'], /weights without a graph/, /optimum-cli export onnx/],
    [['config.json', 'pytorch_model.bin'], /weights without a graph/, /optimum-cli export onnx/],
    [['pytorch_model-00001-of-00002.bin'], /weights without a graph/, /optimum-cli/],
    [['best.pt'], /PyTorch/, /torch\.onnx\.export.*yolo export/],
    [['model.cbm'], /CatBoost/, /format="onnx"/],
    [['model.ubj'], /booster/, /onnxmltools/],
    [['model.ort'], /ONNX Runtime's own/, /\.onnx file/],
    [['inference.pdmodel'], /Paddle/, /paddle2onnx/],
    [['model.engine'], /TensorRT/, /\.onnx file/],
    [['Model.mlpackage'], /Core ML/, /ONNX/],
    [['model.pmml'], /PMML/, /ONNX/],
    [['model.onnx.data'], /external data without their ONNX file/, /copy/],
    [['model.onnx_data'], /external data/, /copy/]
  ]
  for (const [names, is, remedy] of cases) t.match(foreignModel(names), { file: String, is, remedy }, names.join())
})

t.test('other files tell nothing', async t => {
  t.equal(foreignModel(['README.md', 'labels.txt', 'photo.jpg', 'vocab.bin']), null)
  t.equal(foreignModel([]), null)
})
