/** The files of a model. All of them lie inside its folder. */
export interface ModelFiles {
  /** Absolute real path of the folder that holds everything about the model. */
  root: string
  /** Absolute path of the ONNX file, inside `root`. */
  model: string
  /** Default name of the model: the folder's name, or the file's without its extension if the file was named and is not `model.onnx`. */
  name: string
  /**
   * Reads a small file beside the model: in the folder of the ONNX file, then in the folders above it up to `root`.
   *
   * @returns null when there is no such file
   * @throws ModelInvalid when the file is too large, or a link that leaves `root`
   */
  read: (name: string) => Promise<Buffer | null>
  /** Names of the files that `read` finds. */
  names: readonly string[]
}
