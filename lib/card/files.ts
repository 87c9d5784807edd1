/** The files of a model: where its ONNX file is, and what lies beside it. */
export interface ModelFiles {
  /** Absolute real path of the folder that holds everything about the model. Nothing outside it is read. */
  root: string
  /** Absolute real path of the ONNX file, inside the root. */
  model: string
  /** Default name of the model: the folder's name, or the file's name without .onnx if the file was named and is not model.onnx. */
  name: string
  /**
   * Reads a small file beside the model, or gives null when there is none. Looks in the ONNX file's folder first, then in
   * each folder above it up to the root.
   *
   * @throws ModelInvalid when it is larger than 16 MiB, or a link out of the root
   */
  read: (name: string) => Promise<Buffer | null>
  /** Names of the files that `read` finds. */
  names: readonly string[]
}

/**
 * Finds the ONNX file of a model, and what lies beside it.
 *
 * @param path an .onnx file or a folder
 * @throws ModelMissing when there is no ONNX file
 * @throws ModelInvalid when it is not clear which one is meant, or when it leaves the folder
 */
export async function findFiles (path: string): Promise<ModelFiles> {
  throw new Error(`not yet: ${path}`)
}
