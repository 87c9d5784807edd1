import { opendir, realpath } from 'node:fs/promises'
import { basename, dirname, join, parse, resolve } from 'node:path'
import { ModelInvalid, ModelMissing } from '../errors.ts'
import { foreignModel } from './foreign.ts'
import { codeOf, isInside, kindOf, readInside } from './inside.ts'
import { printable, quoted } from './onnx/tensor.ts'
import { highestVersion, isVersion, parseTritonConfig, TRITON_CONFIG, type TritonConfig } from './triton.ts'
import { parseYaml } from './yaml.ts'

/** The files of a model: where its ONNX file is, and what lies beside it. */
export interface ModelFiles {
  /** Absolute real path of the folder that holds everything about the model. Nothing outside it is read. */
  root: string
  /** Absolute real path of the ONNX file, inside the root. */
  model: string
  /** Default name of the model: the folder's name, or the file's name without .onnx if the file was named and is not model.onnx. */
  name: string
  /** Default version of the model: the number of its folder, in Triton's layout. */
  version?: string
  /**
   * Reads a small file beside the model, or gives null when there is none. Looks in the ONNX file's folder first, then in
   * each folder above it up to the root.
   *
   * @throws ModelInvalid when it is larger than 16 MiB, cannot be read, or is a link out of the root
   */
  read: (name: string) => Promise<Buffer | null>
  /** Names of the files that `read` finds. */
  names: readonly string[]
}

/** Most entries of a folder. */
const ENTRIES = 10_000

/** Most folders below a folder in which a model is looked for. */
const FOLDERS = 100

/** Most names that an error lists. */
const NAMED = 5

/** Files that tell a Hugging Face repository, whose ONNX files are in its folder onnx. */
const HUGGING_FACE = ['config.json', 'preprocessor_config.json']

/** Where an ONNX file was found, by a path below the root. */
interface Found extends Pick<ModelFiles, 'root' | 'model' | 'version'> {
  /** What the layout calls the model. */
  name?: string
}

/**
 * Finds the ONNX file of a model, and what lies beside it. A folder has one of these layouts, and the first that fits is
 * taken: model.onnx; onnx/model.onnx (Hugging Face); MLmodel (MLflow); the only .onnx file in it, or in its folder onnx;
 * the same in a folder 1, 2, … (Triton), of which the highest number is taken; all of these in the only folder that holds
 * a model (a model repository of Triton, an unpacked archive).
 *
 * @param path an .onnx file or a folder
 * @throws ModelMissing when there is no ONNX file
 * @throws ModelInvalid when it is not clear which one is meant, or when it leaves the folder
 */
export async function findFiles (path: string): Promise<ModelFiles> {
  const absolute = resolve(path)
  const kind = await kindOf(absolute)
  if (kind === null) throw new ModelMissing(`There is no ${path}; give the path of an .onnx file, or of a folder that holds one.`)
  if (kind === 'other') throw new ModelInvalid(path, 'is a device or pipe; give an .onnx file or a folder')
  if (kind === 'folder') {
    const root = await realpath(absolute)
    const version = await isOfTriton(root) ? await versionIn(dirname(root), basename(root)) : null
    return await filesOf(version ?? await modelOf(root), nameOf(version ? version.root : absolute))
  }
  const folder = dirname(absolute)
  const real = await realpath(folder)
  const isNamed = basename(absolute) !== 'model.onnx'
  if (!isNamed && await isOfTriton(real)) return await filesOf(await inTriton(dirname(real), basename(real), join(real, 'model.onnx')), nameOf(dirname(real)))
  const root = await isHuggingFace(folder) ? await realpath(dirname(folder)) : real
  const within = join(root, real === root ? '' : basename(folder), basename(absolute))
  return await filesOf({ root, model: within }, isNamed ? parse(absolute).name : nameOf(root))
}

/** Whether this is the folder onnx of a Hugging Face repository, whose configuration is one folder up. */
async function isHuggingFace (folder: string): Promise<boolean> {
  if (basename(folder) !== 'onnx') return false
  const kinds = await Promise.all(HUGGING_FACE.map(name => kindOf(join(dirname(folder), name))))
  return kinds.includes('file')
}

function nameOf (folder: string): string {
  return basename(folder) || 'model'
}

/** Whether this is the folder of a version in a model repository of Triton, whose configuration is one folder up. */
async function isOfTriton (folder: string): Promise<boolean> {
  return isVersion(basename(folder)) && await kindOf(join(dirname(folder), TRITON_CONFIG)) === 'file'
}

/** @param called the name, if the layout does not call the model anything */
async function filesOf ({ root, model: path, version, name }: Found, called: string): Promise<ModelFiles> {
  const model = await realpath(path)
  if (!isInside(root, model)) {
    throw new ModelInvalid(path, `is a link out of its folder, to ${printable(model, 200)}; give that path, or a copy of the folder without links (cp -rL)`)
  }
  const folders = [dirname(path)]
  while (folders.at(-1) !== root) folders.push(dirname(folders.at(-1)!))
  const names = await Promise.all(folders.map(async folder => (await entriesOf(folder)).files))

  async function read (name: string): Promise<Buffer | null> {
    if (name !== basename(name) || name === '..' || name === '.' || name.includes('\0')) return null
    for (const folder of folders) {
      const bytes = await readInside(root, join(folder, name))
      if (bytes) return bytes
    }
    return null
  }

  return { root, model, name: name ?? called, ...version !== undefined && { version }, read, names: [...new Set(names.flat())].sort() }
}

/** The model of a folder, or of the only folder in it that holds one. */
async function modelOf (root: string): Promise<Found> {
  const found = await modelIn(root)
  if (found) return found
  const { files, folders } = await entriesOf(root)
  const other = foreignModel([...files, ...folders])
  if (other) throw new ModelMissing(`There is no ONNX file in ${root}, but ${other.is} (${printable(other.file, 64)}); ${other.remedy}.`)
  const inner = folders.filter(name => !name.startsWith('.') && !isVersion(name)).slice(0, FOLDERS)
  const models: Found[] = []
  for (const name of inner) {
    const model = await modelBelow(root, name).catch((error: unknown) => {
      // Of several folders, one that is no clear model is no model. The only one is meant.
      if (inner.length === 1) throw error
      return null
    })
    if (model) models.push(model)
  }
  const [only, another] = models
  if (another) throw new ModelInvalid(root, `holds ${models.length} models (${listOf(models.map(model => basename(model.root)))}); one process serves one model: name the folder of one in MODEL_PATH`)
  if (only) return only
  throw new ModelMissing(await missing(root, files, folders))
}

async function modelBelow (root: string, name: string): Promise<Found | null> {
  const folder = await realpath(join(root, name))
  if (!isInside(root, folder)) throw new ModelInvalid(join(root, name), 'is a link out of the folder of the model; name the folder that it leads to')
  const found = await modelIn(folder)
  return found && { name, ...found }
}

/** The model that lies in a folder itself, by one of the layouts, or null. */
async function modelIn (root: string): Promise<Found | null> {
  for (const path of ['model.onnx', 'onnx/model.onnx']) {
    if (await kindOf(join(root, path)) === 'file') return { root, model: join(root, path) }
  }
  const { files, folders } = await entriesOf(root)
  if (files.includes('MLmodel')) return { root, model: await modelOfMlflow(root) }
  for (const folder of [root, ...folders.includes('onnx') ? [join(root, 'onnx')] : []]) {
    const model = await onlyModelIn(folder)
    if (model !== null) return { root, model }
  }
  const version = highestVersion(folders)
  return version === null ? null : await versionIn(root, version)
}

/** The only ONNX file of a folder, or null. */
async function onlyModelIn (folder: string): Promise<string | null> {
  const models = (await entriesOf(folder)).files.filter(name => /^[^.].*\.onnx$/i.test(name))
  if (models.length > 1) {
    throw new ModelInvalid(folder, `holds ${models.length} ONNX files and no model.onnx (${listOf(models)}); give the path of the one to serve`)
  }
  return models.length === 1 ? join(folder, models[0]!) : null
}

/** A version of a model in Triton's layout, or null where its folder holds no ONNX file. */
async function versionIn (root: string, version: string): Promise<Found | null> {
  const { file = 'model.onnx' } = await tritonConfigIn(root)
  const folder = join(root, version)
  // A model of several files is a folder of the name that its file would have.
  for (const path of [join(folder, file), join(folder, file, file)]) {
    if (isInside(folder, path) && await kindOf(path) === 'file') return await inTriton(root, version, path)
  }
  const model = await onlyModelIn(folder)
  return model === null ? null : await inTriton(root, version, model)
}

async function inTriton (root: string, version: string, model: string): Promise<Found> {
  const { name } = await tritonConfigIn(root)
  return { root, model, version, ...name !== undefined && { name } }
}

async function tritonConfigIn (root: string): Promise<TritonConfig> {
  const bytes = await readInside(root, join(root, TRITON_CONFIG))
  return parseTritonConfig(bytes?.toString('utf8') ?? '')
}

/** @see https://mlflow.org/docs/latest/ml/model */
async function modelOfMlflow (root: string): Promise<string> {
  const path = join(root, 'MLmodel')
  const { flavors } = await readMlmodel(root, path)
  const data = isRecord(flavors) && isRecord(flavors.onnx) ? flavors.onnx.data : null
  if (typeof data !== 'string') {
    const others = isRecord(flavors) ? listOf(Object.keys(flavors)) : ''
    throw new ModelInvalid(path, `names no ONNX file in flavors.onnx.data (its flavors: ${others || 'none'}); log the model with mlflow.onnx.log_model`)
  }
  const model = resolve(root, data)
  if (!isInside(root, model)) throw new ModelInvalid(path, `says that the ONNX file is ${quoted(data)}, outside the folder; write a path inside it to flavors.onnx.data`)
  if (await kindOf(model) !== 'file') throw new ModelMissing(`There is no ${join(root, printable(data, 200))}, which ${path} names as the ONNX file; copy the whole folder of the model.`)
  return model
}

async function readMlmodel (root: string, path: string): Promise<Record<string, unknown>> {
  const bytes = await readInside(root, path)
  try {
    const content = parseYaml(bytes?.toString('utf8') ?? '')
    return isRecord(content) ? content : {}
  } catch (error) {
    throw new ModelInvalid(path, `is no MLmodel file of MLflow (${printable(error instanceof Error ? error.message : String(error), 150)}); save the model again`)
  }
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Why a folder is no model, and what to do. */
async function missing (root: string, files: readonly string[], folders: readonly string[]): Promise<string> {
  const below: string[] = []
  for (const folder of folders.slice(0, FOLDERS)) {
    if (await kindOf(join(root, folder, 'model.onnx')) === 'file') below.push(join(root, folder))
  }
  if (below.length > 0) return `There is no ONNX file in ${root} itself, but in ${listOf(below)}; give the path of that folder.`
  return `There is no ONNX file in ${root}${files.length + folders.length === 0 ? ', which is empty' : ''}; export the model as model.onnx into it, or give the path of an .onnx file.`
}

/** @throws ModelInvalid when there are too many, or when the folder cannot be read */
async function entriesOf (folder: string): Promise<{ files: string[], folders: string[] }> {
  const entries: { files: string[], folders: string[] } = { files: [], folders: [] }
  let count = 0
  try {
    for await (const entry of await opendir(folder)) {
      if (++count > ENTRIES) throw new ModelInvalid(folder, `holds more than ${ENTRIES} files; put the model into a folder of its own`)
      const kind = entry.isSymbolicLink() ? await kindOf(join(folder, entry.name)) : entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other'
      if (kind === 'file') entries.files.push(entry.name)
      else if (kind === 'folder') entries.folders.push(entry.name)
    }
  } catch (error) {
    if (error instanceof ModelInvalid) throw error
    throw new ModelInvalid(folder, `cannot be listed (${codeOf(error)}); give the user that runs servery the right to read it`)
  }
  return { files: entries.files.sort(), folders: entries.folders.sort() }
}

function listOf (names: readonly string[]): string {
  return names.slice(0, NAMED).map(name => printable(name, 200)).join(', ') + (names.length > NAMED ? ', …' : '')
}
