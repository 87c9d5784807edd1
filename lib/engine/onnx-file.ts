import { readFile } from 'node:fs/promises'

/**
 * Reads an ONNX file into a form that ONNX Runtime's Node binding runs.
 *
 * scikit-learn's converters end a classifier in a ZipMap, which makes a list of dictionaries of its probabilities; the
 * binding has no such type. Here each ZipMap becomes an Identity, so that the output is the tensor it was made from,
 * [batch, classes] in the order of the classes. Other models are left as they are.
 *
 * @returns the path when nothing had to be changed, which spares a copy of the weights; else the model's new bytes
 * @throws Error when a file with a ZipMap is not ONNX; any other is left to ONNX Runtime to refuse
 * @see https://github.com/microsoft/onnxruntime/issues/8007
 */
export async function readOnnxFile (path: string): Promise<string | Uint8Array> {
  const bytes = await readFile(path)
  // To parse the others, which are most, takes as long as to load them.
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
