import { basename } from 'node:path'
import { isArchive } from '../archive.ts'
import { siblingsOf } from '../siblings.ts'
import { Final } from '../source.ts'
import type { Output, TrackedFile } from './metafile.ts'

/** A file of the model, and where it is. */
export interface ModelFile {
  /** Where to put it in the model's folder. */
  path: string
  file: TrackedFile
  /** Its path in the repository. */
  repositoryPath: string
  /** Whether DVC 2 wrote it. */
  isOld: boolean
  /** The remote that it is pushed to, if that is not the default one. */
  remote: string | null
}

/** Small files that say what a model takes and answers. */
const DESCRIPTIONS = /^(?:MLmodel|[^.].*\.(?:json|jsonc|txt|ya?ml|csv|tsv|pbtxt))$/i

/** Largest file beside a model that is read. */
const DESCRIPTION_BYTES = 16 * 1024 * 1024

/** Most names that an error lists. */
const NAMED = 5

/** Whether a file beside a model may say something about it. */
export function isDescription (name: string, bytes: number | null): boolean {
  return DESCRIPTIONS.test(name) && (bytes ?? 0) <= DESCRIPTION_BYTES
}

/**
 * Chooses the model from what DVC tracks: the ONNX file or archive, with what belongs to it, or else the folder that holds a model.
 *
 * @param listFiles gives the files of a folder
 * @throws Final when it is not clear which one is the model, or as `listFiles`
 */
export async function chooseFiles (outputs: readonly Output[], listFiles: (output: Output) => Promise<readonly TrackedFile[]>): Promise<ModelFile[]> {
  const files = outputs.filter(output => !output.isFolder)
  const models = files.filter(({ path }) => isModel(path))
  const model = only(models) ?? models.find(({ path }) => basename(path) === 'model.onnx')
  if (model) {
    const parts = new Set(siblingsOf(basename(model.path)))
    const beside = files.filter(({ path, bytes }) => parts.has(basename(path)) || isDescription(basename(path), bytes))
    return [...beside.map(output => placed(basename(output.path), output)), placed(isArchive(model.path) ? basename(model.path) : 'model.onnx', model)]
  }
  if (models.length > 1) throw new Final(`it tracks ${models.length} models (${listOf(models)}); give the .dvc file of one`)
  const folders: ModelFile[][] = []
  for (const output of outputs.filter(each => each.isFolder)) {
    const inside = (await listFiles(output)).map(file => placed(file.path, output, file))
    if (inside.some(({ path }) => isModel(path) || basename(path) === 'MLmodel')) folders.push(inside)
  }
  const folder = only(folders)
  if (folder) return folder
  throw new Final(folders.length === 0
    ? `it tracks no ONNX file, no archive of a model and no folder with one, but ${listOf(outputs)}; export the model to ONNX, and track that (dvc add)`
    : `it tracks ${folders.length} folders with models; give the .dvc file of one`)
}

function isModel (path: string): boolean {
  return /\.onnx$/i.test(path) || isArchive(path)
}

function placed (path: string, output: Output, file?: TrackedFile): ModelFile {
  const { path: repositoryPath, isOld, remote } = output
  return { path, file: file ?? output, repositoryPath: file ? `${repositoryPath}/${file.path}` : repositoryPath, isOld, remote }
}

function only<T> (all: readonly T[]): T | undefined {
  return all.length === 1 ? all[0] : undefined
}

function listOf (outputs: readonly Output[]): string {
  return outputs.slice(0, NAMED).map(({ path }) => basename(path).slice(0, 80)).join(', ') + (outputs.length > NAMED ? ', …' : '')
}
