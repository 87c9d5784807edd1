import { parseYaml } from '../../card/yaml.ts'
import { Final } from '../source.ts'

/** A file that DVC keeps somewhere else. */
export interface TrackedFile {
  /** A relative path with `/` between folders and without `..`. For a file of a folder, it begins in the folder. */
  path: string
  /** MD5 of its bytes in hex, or null if only the version is known. */
  md5: string | null
  bytes: number | null
  /** The version of an object in a remote that keeps files under their own names (`version_aware`). */
  version: { remote: string, id: string } | null
}

/** What a `.dvc` file tracks: a file, or a folder whose files are listed here or in a manifest. */
export interface Output extends TrackedFile {
  isFolder: boolean
  /** The files of a folder; null if a manifest lists them, whose MD5 is that of the folder. */
  files: TrackedFile[] | null
  /** Whether DVC 2 wrote it: it lies elsewhere, and the MD5 of a text is that of its lines with the ends of Unix. */
  isOld: boolean
  /** The remote that it is pushed to, if that is not the default one. */
  remote: string | null
}

/** What a `.dvc` file says. */
export interface Metafile {
  outputs: Output[]
  /** Whether the file came from elsewhere (`dvc import`), so that the remote may lack it. */
  isImport: boolean
}

/** Largest number of files in a folder, and of outputs. */
const ENTRIES = 10_000

/** Longest path, in characters. */
const PATH_LENGTH = 4096

/**
 * Reads a `.dvc` file, or the file `dvc.lock` of a pipeline. The paths of its outputs begin in the root of the repository.
 *
 * @param folder where the file lies, from the root of the repository on, with `/` between folders; empty for the root
 * @throws Final that says which field is wrong
 * @see https://dvc.org/doc/user-guide/project-structure/dvc-files
 */
export function parseMetafile (text: string, folder: string): Metafile {
  const content = parsed(text)
  const { outs = outputsOfStages(content), deps, wdir } = content
  if (!Array.isArray(outs) || outs.length === 0) throw new Final('it tracks nothing: it has no list outs; it is no .dvc file, or dvc add did not finish')
  if (outs.length > ENTRIES) throw new Final(`it tracks more than ${ENTRIES} outputs (outs)`)
  const base = typeof wdir === 'string' ? `${folder}/${wdir}` : folder
  return {
    outputs: outs.map((out: unknown, index) => outputOf(out, base, `outs[${index}]`)),
    isImport: Array.isArray(deps) && deps.length > 0
  }
}

/**
 * Reads the manifest of a folder, an object whose name ends in `.dir`.
 *
 * @throws Final that says which entry is wrong
 * @see https://dvc.org/doc/user-guide/project-structure/internal-files#structure-of-the-cache-directory
 */
export function parseManifest (text: string): TrackedFile[] {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw new Final('the manifest of the folder (.dir) is not JSON')
  }
  return filesOf(content, 'the manifest of the folder (.dir)')
}

function parsed (text: string): Record<string, unknown> {
  let content: unknown
  try {
    content = parseYaml(text)
  } catch (error) {
    throw new Final(`it is no YAML (${error instanceof Error ? error.message.split('\n', 1)[0]?.slice(0, 200) : ''})`)
  }
  if (!isRecord(content)) throw new Final('it is no .dvc file: it has no list outs')
  return content
}

/** What the stages of a `dvc.lock` make, or nothing. */
function outputsOfStages ({ stages }: Record<string, unknown>): unknown {
  if (!isRecord(stages)) return undefined
  return Object.values(stages).flatMap((stage: unknown) => isRecord(stage) && Array.isArray(stage.outs) ? stage.outs : [])
}

function outputOf (out: unknown, base: string, field: string): Output {
  if (!isRecord(out)) throw new Final(`${field} is no object with a path and an md5`)
  const { files, remote } = out
  const name = textOf(out, 'path', field)
  const path = inside(base, name)
  if (path === null) throw new Final(`${field}.path is outside of the repository`)
  const digest = typeof out.md5 === 'string' ? out.md5.toLowerCase() : null
  const isFolder = Array.isArray(files) || digest?.endsWith('.dir') === true
  const md5 = md5Of(digest?.replace(/\.dir$/, '') ?? null, field)
  const version = versionOf(out.cloud, field)
  const listed = Array.isArray(files) ? filesOf(files, `${field}.files`) : null
  if (md5 === null && version === null && listed === null) throw new Final(`${field} has no md5; run dvc add and dvc push again, or name the file that dvc pull brings`)
  return {
    path,
    md5,
    bytes: sizeOf(out.size),
    version,
    isFolder,
    files: listed,
    isOld: out.hash === undefined,
    remote: typeof remote === 'string' ? remote : null
  }
}

function filesOf (list: unknown, field: string): TrackedFile[] {
  if (!Array.isArray(list)) throw new Final(`${field} is no list of files`)
  if (list.length > ENTRIES) throw new Final(`${field} lists more than ${ENTRIES} files`)
  return list.map((file: unknown, index) => {
    const entry = `${field}[${index}]`
    if (!isRecord(file)) throw new Final(`${entry} is no object with a relpath and an md5`)
    const relative = textOf(file, 'relpath', entry)
    const path = inside('', relative)
    if (path === null || path !== relative) throw new Final(`${entry}.relpath is no path inside the folder`)
    const md5 = md5Of(typeof file.md5 === 'string' ? file.md5.toLowerCase() : null, entry)
    const version = versionOf(file.cloud, entry)
    if (md5 === null && version === null) throw new Final(`${entry} has no md5`)
    return { path, md5, bytes: sizeOf(file.size), version }
  })
}

function textOf (record: Record<string, unknown>, name: string, field: string): string {
  const { [name]: value } = record
  if (typeof value !== 'string' || value === '' || value.length > PATH_LENGTH) throw new Final(`${field}.${name} is no text of 1 to ${PATH_LENGTH} characters`)
  return value
}

function md5Of (value: string | null, field: string): string | null {
  if (value === null || /^[0-9a-f]{32}$/.test(value)) return value
  throw new Final(`${field}.md5 is no MD5 of 32 hexadecimal digits`)
}

function sizeOf (value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** The version of an object. DVC writes one remote. */
function versionOf (cloud: unknown, field: string): TrackedFile['version'] {
  if (!isRecord(cloud)) return null
  const [remote] = Object.keys(cloud)
  if (remote === undefined) return null
  const { [remote]: object } = cloud
  if (!isRecord(object)) return null
  const { version_id: id } = object
  if (id === undefined) return null
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,1024}$/.test(id)) throw new Final(`${field}.cloud.version_id is no version of an object`)
  return { remote, id }
}

/** A path below the root of the repository, or null if it leads out of it, or is one of another system. */
function inside (base: string, path: string): string | null {
  if (/^\/|^[A-Za-z]:|^\w+:\/\/|\\|\0/.test(path)) return null
  const parts: string[] = []
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.length === 0 ? null : parts.join('/')
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
