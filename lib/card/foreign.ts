/** Models of other formats in a folder, by the names of their files, and how to make ONNX from each. */
const FORMATS: ReadonlyArray<{ names: RegExp, is: string, remedy: string }> = [
  { names: /^saved_model\.pb(?:txt)?$/, is: 'a TensorFlow SavedModel', remedy: 'convert it: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx' },
  { names: /\.(?:keras|h5|hdf5)$/i, is: 'a Keras model', remedy: 'export it: model.export("model.onnx", format="onnx")' },
  { names: /\.tflite$/i, is: 'a TensorFlow Lite model', remedy: 'convert it: python -m tf2onnx.convert --tflite FILE --output model.onnx' },
  { names: /\.(?:skops|joblib|pkl|pickle)$/i, is: 'a pickled scikit-learn model', remedy: 'export it where it was trained: skl2onnx.to_onnx(model, X)' },
  { names: /\.(?:safetensors|gguf)$|^pytorch_model.*\.bin$/i, is: 'weights without a graph', remedy: 'export them: optimum-cli export onnx --model FOLDER OUT (Hugging Face), or torch.onnx.export' },
  { names: /\.(?:pt|pth|ckpt|pt2|torchscript)$/i, is: 'a PyTorch model', remedy: 'export it: torch.onnx.export(model, example, "model.onnx"), or yolo export format=onnx (ultralytics)' },
  { names: /\.cbm$/i, is: 'a CatBoost model', remedy: 'export it: model.save_model("model.onnx", format="onnx")' },
  { names: /\.(?:ubj|bst|xgb)$|^model\.txt$/i, is: 'a model of a booster', remedy: 'export it with onnxmltools (convert_xgboost, convert_lightgbm)' },
  { names: /\.ort$/i, is: "a model in ONNX Runtime's own format", remedy: 'give the .onnx file that it was made from' },
  { names: /\.(?:pdmodel|pdiparams)$/i, is: 'a Paddle model', remedy: 'convert it with paddle2onnx' },
  { names: /\.(?:engine|plan|trt)$/i, is: 'a TensorRT engine', remedy: 'give the .onnx file that it was built from' },
  { names: /\.(?:mlmodel|mlpackage)$/i, is: 'a Core ML model', remedy: 'export the original model to ONNX' },
  { names: /\.pmml$/i, is: 'a PMML model', remedy: 'export the original model to ONNX' },
  { names: /\.(?:onnx[._-]?data|data)$/i, is: 'external data without their ONNX file', remedy: 'copy the .onnx file that belongs to them into the folder' }
]

/** What model of another format a folder holds, and how to export it; null when its names tell nothing. */
export function foreignModel (names: readonly string[]): { file: string, is: string, remedy: string } | null {
  for (const { names: pattern, is, remedy } of FORMATS) {
    const file = names.find(name => pattern.test(name))
    if (file !== undefined) return { file, is, remedy }
  }
  return null
}
