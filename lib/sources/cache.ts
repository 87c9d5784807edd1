import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { Ajv } from 'ajv'
import { Type, type Static } from '../typebox.ts'
import { STAGE } from './archive.ts'
import { complete, fetchFiles, list, unfetched, versionOf, type FetchOptions, type Listing } from './fetch.ts'
import { identityOf } from './identity.ts'
import { printable } from './printable.ts'
import { Final, type SourceSettings } from './source.ts'

/** What a cache needs from outside. */
export interface CacheOptions extends FetchOptions {
  /** Folder of the cache, or null if there is none. */
  cache: string | null
  /** Makes a folder for a model that cannot be kept. */
  temporary: () => Promise<string>
  /** Called with one line when a copy is used that may be out of date. */
  onWarning?: ((warning: string) => void) | undefined
}

/** What the cache says of the newest copy of a model. */
const KeptSchema = Type.Object({
  name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' }),
  version: Type.String({ pattern: '^[0-9a-f-]+$' }),
  files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer() }))
})

const isKept = new Ajv({ strict: false, validateSchema: false }).compile<Static<typeof KeptSchema>>(KeptSchema)

/** A complete copy. */
interface Kept {
  version: string
  /** The folder of the model. */
  folder: string
}

/** The file that says which copy of a model is complete. */
const INDEX = 'complete.json'

/** How often a source is asked if a copy of its model is there already. */
const ATTEMPTS_WITH_COPY = 2

/** How long a copy is left alone that is neither the newest nor the one before: another process may be fetching or loading it. */
const LEFT_ALONE_MS = 24 * 3600 * 1000

/** Errors of a folder that cannot be written. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'])

/** Longest name of a model's folder. */
const NAME_LENGTH = 100

/**
 * The folder where downloads are kept: MODEL_CACHE, or `servery` in the user's folder of caches. Null if the user has no home.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder (named: string | undefined, { XDG_CACHE_HOME: caches = '' }: SourceSettings['environment']): string | null {
  if (named !== undefined) return named
  if (isAbsolute(caches)) return join(caches, 'servery')
  try {
    const home = homedir()
    return isAbsolute(home) ? join(home, '.cache', 'servery') : null
  } catch {
    // A user without an entry in the list of users.
    return null
  }
}

/**
 * Fetches a model into the cache, unless it holds what the source has now: the same files with the same versions and sizes. If
 * the source cannot be reached, a complete copy is used, with a warning.
 *
 * A copy has a folder of its own, which is never changed after it is complete, so that a process that serves it is not disturbed
 * by a newer one. Of each model, the newest copy and the one before it are kept.
 *
 * @returns the folder of the model
 * @throws ModelUnfetched that names the address without its secrets
 */
export async function fetchCached (address: string, settings: SourceSettings, options: CacheOptions): Promise<string> {
  const place = options.cache === null ? null : join(options.cache, keyOf(identityOf(address, settings.environment), options.sha256))
  const kept = place === null ? null : await keptIn(place)
  const asking = kept ? { attempts: ATTEMPTS_WITH_COPY, ...options } : options
  let found: Listing
  try {
    found = await complete(await list(address, settings, asking), asking)
  } catch (error) {
    const failure = unfetched(printable(address), error)
    if (!kept || error instanceof Final) throw failure
    options.onWarning?.(`${failure.message.replace(/\.$/, '')}; the copy in ${kept.folder} is served, which may be out of date`)
    return kept.folder
  }
  const version = versionOf(found)
  if (kept && version === kept.version) return kept.folder
  const name = folderName(found.source.name)
  // Without a version, there is no telling whether a partial copy is of the same files.
  const target = version ?? randomUUID()
  if (place !== null && await isWritable(join(place, target))) {
    const folder = join(place, target, name)
    await fetchFiles(folder, found, { ...options, keepsFiles: true })
    await keep(place, { name, version: target, files: await filesIn(folder) })
    await removeOld(place, [target, kept?.version ?? ''])
    return folder
  }
  const folder = join(await options.temporary(), name)
  await fetchFiles(folder, found, options)
  return folder
}

/** Tells models apart by their identity, and by what they must hash to. */
function keyOf (identity: string, sha256 = ''): string {
  return createHash('sha256').update(`${identity}\0${sha256.toLowerCase()}`).digest('hex').slice(0, 16)
}

function folderName (name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, NAME_LENGTH) || 'model'
}

/** The newest complete copy, whose files are all there, or null. */
async function keptIn (place: string): Promise<Kept | null> {
  const index = await indexOf(place)
  if (!index) return null
  const { name, version, files } = index
  const folder = join(place, version, name)
  for (const { path, bytes } of files) {
    const size = await stat(join(folder, path)).then(found => found.size, () => null)
    if (size !== bytes) return null
  }
  return { version, folder }
}

async function indexOf (place: string): Promise<Static<typeof KeptSchema> | null> {
  try {
    const index: unknown = JSON.parse(await readFile(join(place, INDEX), 'utf8'))
    return isKept(index) ? index : null
  } catch {
    return null
  }
}

/** Says that a copy is complete. */
async function keep (place: string, index: Static<typeof KeptSchema>): Promise<void> {
  const part = join(place, `${INDEX}.${process.pid}.${randomUUID().slice(0, 8)}`)
  await writeFile(part, `${JSON.stringify(index)}\n`)
  await rename(part, join(place, INDEX))
}

async function filesIn (folder: string): Promise<Array<{ path: string, bytes: number }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile() && !entry.name.endsWith('.part')).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  // Another process may still be unpacking the same archive.
  return await Promise.all(paths.filter(path => !path.startsWith(STAGE)).map(async path => ({ path, bytes: (await stat(join(folder, path))).size })))
}

async function removeOld (place: string, versions: readonly string[]): Promise<void> {
  for (const name of await readdir(place)) {
    const path = join(place, name)
    if (name === INDEX || versions.includes(name)) continue
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > LEFT_ALONE_MS) await rm(path, { recursive: true, force: true })
  }
}

async function isWritable (folder: string): Promise<boolean> {
  try {
    // Nobody else may put files there.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const probe = join(folder, `.${randomUUID()}`)
    await writeFile(probe, '')
    await rm(probe)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && UNWRITABLE.has(String(error.code))) return false
    throw error
  }
}
