import { readFile } from 'node:fs/promises'

/**
 * Reads an ONNX file and replaces ZipMap nodes, which ONNX Runtime's Node.js binding cannot run.
 *
 * skl2onnx adds a ZipMap to the end of a classifier. It converts the tensor of probabilities to a list of dictionaries, a
 * type that the binding does not have. This function replaces each ZipMap with an Identity. The output is then the tensor
 * of probabilities, [batch, classes], in the order of the classes.
 *
 * @returns the path if the file has no ZipMap, so that ONNX Runtime reads the file itself; otherwise the changed model
 * @throws Error when the file cannot be read, or has a ZipMap but is not ONNX
 * @see https://github.com/microsoft/onnxruntime/issues/8007
 */
export async function readOnnxFile (path: string): Promise<string | Uint8Array> {
  const bytes = await readFile(path)
  // Most models have no ZipMap. Parsing them here would take as long as loading them.
  if (!bytes.includes('ZipMap')) return path

  const { default: { onnx: { TensorProto, TypeProto, ModelProto } } } = await import('onnx-proto')
  const model = ModelProto.decode(bytes)
  for (const node of model.graph?.node ?? []) {
    if (node.opType !== 'ZipMap') continue
    const classes = node.attribute?.find(({ name }) => name?.startsWith('classlabels_'))
    const count = (classes?.ints?.length ?? 0) || (classes?.strings?.length ?? 0)
    Object.assign(node, { opType: 'Identity', domain: '', attribute: [] })
    const output = model.graph?.output?.find(({ name }) => name === node.output?.[0])
    if (!output) continue
    output.type = TypeProto.create({
      tensorType: {
        elemType: TensorProto.DataType.FLOAT,
        shape: { dim: [{ dimParam: 'batch' }, { dimValue: count }] }
      }
    })
  }
  return ModelProto.encode(model).finish()
}
