import { basename, dirname } from 'node:path'

/** Files that may lie beside an ONNX file: its card, and the weights that exporters put into a file of their own. */
export function siblingsOf (model: string): string[] {
  return ['card.json', ...model.endsWith('.onnx') ? [`${model}.data`, `${model}_data`] : []]
}

/** The default name of a model by the path of its file: `wine` of `wine.onnx`, and the folder's name of `model.onnx`. */
export function nameByPath (path: string): string {
  const name = basename(path).replace(/\.(?:onnx|tar|tar\.gz|tgz|zip)$/i, '')
  return (name === 'model' || name === '' ? basename(dirname(path)) : name) || 'model'
}
