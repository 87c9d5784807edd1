/** Files that may say something about the ONNX file beside them, or in a folder below theirs. */
const COMPANIONS = new Set([
  'card.json', 'config.json', 'preprocessor_config.json', 'processor_config.json',
  'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json',
  'MLmodel', 'input_example.json', 'config.pbtxt',
  'synset.txt', 'index_to_name.json', 'imagenet_class_index.json', 'class_index.json'
])

const LABELS = /^(?:labels|classes|label_names|class_names)\.(?:txt|json)$/

/** Whether an ONNX file may need a file of this name in its folder, or in one above. */
export function isCompanion (name: string): boolean {
  return COMPANIONS.has(name) || LABELS.test(name)
}

/**
 * Whether a file is external data of an ONNX file in the same folder. Only the graph says for sure; this goes by the names
 * that exporters give: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`, `model.data`.
 *
 * @see https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
export function isDataOf (model: string, name: string): boolean {
  const stem = model.replace(/\.onnx$/i, '')
  const rest = name.startsWith(model) ? name.slice(model.length) : name.startsWith(stem) ? name.slice(stem.length) : ''
  return /^[._-](?:data|weights)(?:[._-]?\d+)?$/i.test(rest)
}

/** The folder of a path, or an empty text. */
export function folderOf (path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

/** The last part of a path. */
export function nameOf (path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder of a path and those above it, the nearest first; the last is an empty text. */
export function foldersOf (path: string): string[] {
  const folders = [folderOf(path)]
  while (folders.at(-1) !== '') folders.push(folderOf(folders.at(-1)!))
  return folders
}

/** The path of a file in a folder, which may be an empty text. */
export function within (folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
