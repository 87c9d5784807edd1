import { createHash } from 'node:crypto'
import { access, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { ModelUnfetched } from '../errors.ts'
import { isArchive, isModel, unpack } from './archive.ts'
import { attempt, close, download, partsIn, type OnProgress } from './download.ts'
import { reasonOf } from './http.ts'
import { identityOf } from './identity.ts'
import { openSource } from './index.ts'
import { PathRules } from './paths.ts'
import { printable } from './printable.ts'
import { Absent, Final, type Entry, type Source, type SourceSettings } from './source.ts'

/** Limits of a fetch, and who is told of it. */
export interface FetchOptions {
  /** Expected SHA-256 of the model's file, or of the archive, in hex. */
  sha256?: string | undefined
  /** Largest size of all files together, and of an unpacked archive. */
  limitBytes: number
  onProgress?: OnProgress | undefined
  /** Number of attempts to reach the source. */
  attempts?: number
  /** Time before the second attempt; doubles with each further attempt. */
  backoffMs?: number | undefined
}

/** A source and what it has listed, the files of the model itself last. */
export interface Listing {
  source: Source
  entries: readonly Entry[]
  /** Tells the model apart from others at the same printed address. By default, the address does. */
  identity?: string
}

/** Largest number of files of a model. */
const ENTRY_LIMIT = 10_000

/**
 * Fetches a model into a folder: a file with what belongs to it, all files of a folder, or those of an archive. The files of the
 * model itself come last, so that there is never a model without its other files.
 *
 * Each file appears under its name only when it is complete. An interrupted download continues where it stopped. A card that
 * is in the folder stays.
 *
 * @param folder path of the model's folder; created if it does not exist
 * @throws ModelUnfetched that names the address without its secrets
 */
export async function fetchModel (folder: string, address: string, settings: SourceSettings, options: FetchOptions): Promise<void> {
  const { entries, ...listing } = await list(address, settings, options).catch((error: unknown) => { throw unfetched(printable(address), error) })
  const isCardThere = await access(join(folder, 'card.json')).then(() => true, () => false)
  await fetchFiles(folder, { ...listing, entries: isCardThere ? entries.filter(({ path }) => path !== 'card.json') : entries }, options)
}

/**
 * Opens a source, and lists the files of its model.
 *
 * @throws Final when it holds no model, or lists what no folder may hold; another error when it cannot be reached
 */
export async function list (address: string, settings: SourceSettings, options: FetchOptions): Promise<Listing> {
  const source = await attempt(async () => await openSource(address, settings), options)
  return { source, entries: await attempt(async () => await entriesOf(source, options.limitBytes), options), identity: identityOf(address, settings.environment) }
}

/**
 * Lists the files of a source, those of the model itself last.
 *
 * @throws Final when it holds no model, or lists what no folder may hold
 */
export async function entriesOf (source: Source, limitBytes: number): Promise<Entry[]> {
  const rules = new PathRules()
  const entries: Entry[] = []
  let bytes = 0
  for await (const entry of source.list()) {
    if (entries.length === ENTRY_LIMIT) throw new Final(`it lists more than ${ENTRY_LIMIT} files; name the folder of the model alone`)
    rules.check(entry.path)
    bytes += entry.bytes ?? 0
    if (bytes > limitBytes) throw new Final(tooLarge(entries.length, bytes, limitBytes))
    entries.push(entry)
  }
  const models = entries.filter(holdsModel)
  if (models.length === 0) throw new Final('it holds no model: neither an .onnx file, such as model.onnx, nor an MLmodel, nor an archive (.zip, .tar.gz)')
  return [...entries.filter(entry => !holdsModel(entry)), ...models]
}

function tooLarge (count: number, bytes: number, limitBytes: number): string {
  return count === 0
    ? `the file has ${bytes} bytes, over the limit of ${limitBytes} (MODEL_LIMIT)`
    : `the files have more bytes together than the limit of ${limitBytes} (MODEL_LIMIT); name the folder of the model alone, or raise the limit`
}

function holdsModel ({ path }: Entry): boolean {
  return isModel(posix.basename(path)) || isArchive(path)
}

/**
 * Completes a listing: the source is asked for the size and version of each file whose version it does not say. Leaves out
 * the optional files that are not there.
 *
 * @throws Final when the source does not give a file that it lists; another error when it cannot be reached
 */
export async function complete ({ entries, ...listing }: Listing, options: FetchOptions): Promise<Listing> {
  const completed: Entry[] = []
  for (const entry of entries) {
    const found = entry.version === null ? await seen(listing.source, entry, options) : entry
    if (found) completed.push(found)
  }
  return { ...listing, entries: completed }
}

/** What identifies the files of a complete listing: their paths, sizes and versions. Null if a version is not known. */
export function versionOf ({ entries }: Listing): string | null {
  if (!entries.every(({ version }) => version)) return null
  const files = entries.map(({ path, bytes, version }) => [path, bytes, version] as const).sort(([a], [b]) => a < b ? -1 : 1)
  return createHash('sha256').update(JSON.stringify(files)).digest('hex')
}

/** Opens a file for what the source says of it, and closes it again. Null if the file is optional and not there. */
async function seen (source: Source, entry: Entry, options: FetchOptions): Promise<Entry | null> {
  try {
    return await attempt(async () => {
      const piece = await source.open(entry, { offsetBytes: 0, validator: '' })
      await close(piece)
      return { ...entry, bytes: piece.totalBytes, version: piece.validator || null }
    }, options)
  } catch (error) {
    if (entry.isOptional && error instanceof Absent) return null
    throw error
  }
}

/**
 * Downloads the files of a listing into a folder, and unpacks an archive if that is all there is.
 *
 * @param options `keepsFiles`: files that are in the folder already are those that would be downloaded, if they have the same size
 * @throws ModelUnfetched
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
export async function fetchFiles (folder: string, { source, entries, identity }: Listing, { sha256, limitBytes, onProgress, backoffMs, keepsFiles = false }: FetchOptions & { keepsFiles?: boolean }): Promise<void> {
  const verified = sha256 === undefined ? undefined : verifiedOf(source, entries)
  const [only, another] = entries
  const parts = await partsIn(folder)
  let usedBytes = 0
  for (const entry of entries) {
    const file = join(folder, entry.path)
    const kept = keepsFiles ? await stat(file).catch(() => null) : null
    // One of another size is damaged.
    if (kept && kept.size === (entry.bytes ?? kept.size)) {
      usedBytes += kept.size
      continue
    }
    const settle = only === entry && another === undefined && isArchive(entry.path)
      ? async (part: string) => { await unpack(part, folder, limitBytes).catch((error: unknown) => { throw new Final(reasonOf(error)) }) }
      : undefined
    try {
      usedBytes += await download(source, entry, file, { limitBytes, usedBytes, sha256: entry === verified ? sha256 : undefined, onProgress, backoffMs, parts, settle, identity }) ?? 0
    } catch (error) {
      throw unfetched(nameOf(source, entry), error)
    }
  }
}

/** The file that MODEL_SHA256 is of: the archive, or the ONNX file. */
function verifiedOf (source: Source, entries: readonly Entry[]): Entry {
  for (const kind of [(path: string) => path.endsWith('.onnx'), isArchive]) {
    const [first, ...others] = entries.filter(({ path }) => kind(path))
    if (first && others.length === 0) return first
  }
  throw new ModelUnfetched(source.address, 'MODEL_SHA256 is of one file, and there are several ONNX files; name one of them')
}

/** A file of a source for a message. */
function nameOf ({ address }: Source, { path, isOptional }: Entry): string {
  const isNamed = !isOptional && (path === 'model.onnx' || address.replace(/\?…$/, '').endsWith(`/${path}`))
  return isNamed ? address : `${path} of ${address}`
}

/** The error of a fetch, by what could not be fetched. */
export function unfetched (name: string, error: unknown): Error {
  return error instanceof ModelUnfetched ? error : new ModelUnfetched(name, reasonOf(error))
}
