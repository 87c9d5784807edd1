import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { chooseFiles, isDescription, type ModelFile } from './dvc/choose.ts'
import { remoteOf } from './dvc/config.ts'
import { checkedLines } from './dvc/lines.ts'
import { parseManifest, parseMetafile, type Metafile, type Output, type TrackedFile } from './dvc/metafile.ts'
import { openRepository, openRepositoryAt, readFileText, readUrlText, type Repository } from './dvc/repository.ts'
import { openFolder, openRemote, type Store } from './dvc/store.ts'
import { isDvcFile } from './dvc/tracked.ts'
import { openPath, pathOf } from './file.ts'
import { openUrl, withoutSecrets, type Ask } from './http.ts'
import { nameByPath, siblingsOf } from './siblings.ts'
import { Absent, Final, type Entry, type OpenSource, type Piece, type Received, type Source, type SourceSettings } from './source.ts'
import { authorizationOf, besides, decoded } from './web.ts'

/** A file beside a `.dvc` file, which DVC does not track. */
interface Beside extends Entry {
  open: (received: Received) => Promise<Piece>
}

/** What an address leads to. */
interface Found {
  name: string
  address: string
  repository: Repository
  metafiles: Metafile[]
  beside: Beside[]
}

/** Largest manifest of a folder. 10,000 files with long names take half of it. */
const MANIFEST_BYTES = 4 * 1024 * 1024

/** Files that are no texts, so that DVC 2 computes their MD5 as everybody does. */
const BINARY = /\.(?:onnx|data|onnx_data|bin|npz|npy|png|jpe?g|gz|tgz|tar|zip)$/i

/**
 * Opens a model that DVC tracks: the output of a `.dvc` file, by its path or URL, or the outputs of all `.dvc` files in a folder,
 * whose path follows `dvc:`.
 * Its bytes come from the cache of the repository, or from the remote. What lies beside and says something about
 * the model, such as `card.json`, belongs to it.
 *
 * @throws Final when a file of DVC is malformed, or when it is not clear which output is the model
 * @throws Error if another attempt may succeed
 * @see https://dvc.org/doc/user-guide/project-structure/dvc-files
 */
export const openDvc: OpenSource = async (named, settings) => {
  const address = named.replace(/^dvc:(?:\/\/(?=\/))?/i, '')
  if (/^(?!file:|https?:)[a-z][a-z\d+.-]+:\/\//i.test(address)) throw new Final('a .dvc file is read from a path or from a URL with https:; run dvc pull, and name the file that it brings')
  const found = /^https?:/i.test(address) ? await findOnServer(address, settings) : await findHere(pathOf(address), settings)
  return new DvcSource(found, settings)
}

async function findHere (path: string, settings: SourceSettings): Promise<Found> {
  const isFolder = await stat(path).then(each => each.isDirectory(), () => false)
  const folder = isFolder ? path : dirname(path)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => { throw new Absent(`there is no folder ${folder} that may be read`) })
  const repository = await openRepository(folder, settings)
  const names = isFolder ? entries.map(({ name }) => name).filter(isDvcFile) : [basename(path), ...partsOf(path)]
  const metafiles: Metafile[] = []
  for (const name of names) {
    const text = await readFileText(join(folder, name))
    if (text !== null) metafiles.push(parsed(text, repository, join(folder, name)))
    else if (name === basename(path)) throw new Absent(`there is no ${path}`)
  }
  const beside: Beside[] = []
  for (const name of entries.filter(each => each.isFile()).map(each => each.name)) {
    const file = join(folder, name)
    const { size, mtimeMs } = await stat(file)
    if (isDescription(name, size)) beside.push({ path: name, bytes: size, version: `${size}-${mtimeMs}`, open: async received => await openPath(file, received) })
  }
  return { name: isFolder ? basename(path) : nameOf(metafiles, path), address: path, repository, metafiles, beside }
}

async function findOnServer (address: string, { token }: SourceSettings): Promise<Found> {
  if (!URL.canParse(address)) throw new Final('it is not a URL')
  const url = new URL(address)
  if (url.username || url.password) throw new Final('credentials in the URL are not sent; use MODEL_TOKEN')
  const ask: Ask = token === undefined ? {} : { secrets: { authorization: authorizationOf(token) } }
  const path = decoded(url.pathname)
  const found = await readUrlText(url, ask)
  if (found === null) throw new Absent('the server has no such file, or gives it to nobody; check the URL, or set MODEL_TOKEN')
  const repository = await openRepositoryAt(url, ask)
  const metafiles = [parsed(found.text, repository, withoutSecrets(url))]
  for (const name of partsOf(path)) {
    const part = await readUrlText(besides(url, name), ask)
    if (part !== null) metafiles.push(parsed(part.text, repository, withoutSecrets(besides(url, name))))
  }
  const card: Beside = { path: 'card.json', bytes: null, version: null, isOptional: true, open: async received => await openUrl(besides(url, 'card.json'), received, ask) }
  return { name: nameOf(metafiles, path), address: withoutSecrets(url), repository, metafiles, beside: [card] }
}

/** The `.dvc` files of what may belong to a model, by the path of its own. */
function partsOf (path: string): string[] {
  return siblingsOf(basename(path).replace(/\.dvc$/i, '')).map(name => `${name}.dvc`)
}

function nameOf ([metafile]: readonly Metafile[], path: string): string {
  const output = metafile?.outputs.find(each => each.path.endsWith('.onnx')) ?? metafile?.outputs[0]
  return nameByPath(join(dirname(path), basename(output?.path ?? 'model')))
}

function parsed (text: string, { folder }: Repository, where: string): Metafile {
  try {
    return parseMetafile(text, folder)
  } catch (error) {
    throw error instanceof Final ? new Final(`${where}: ${error.message}`) : error
  }
}

class DvcSource implements Source {
  readonly name: string
  readonly address: string
  readonly #found: Found
  readonly #settings: SourceSettings
  readonly #remotes = new Map<string | null, Promise<Store>>()
  #files: Promise<Map<string, ModelFile>> | null = null

  constructor (found: Found, settings: SourceSettings) {
    this.name = found.name
    this.address = found.address
    this.#found = found
    this.#settings = settings
  }

  async * list (): AsyncGenerator<Entry> {
    const files = await this.#tracked()
    // Without a cache there is no way around the remote, so that one that cannot be opened fails before anything is fetched.
    if (this.#found.repository.cache === null) for (const { file: { version }, remote } of files.values()) await this.#remote(version?.remote ?? remote)
    for (const { open: _, ...entry } of this.#found.beside) if (!files.has(entry.path)) yield entry
    for (const { path, file: { bytes, md5, version }, isOld } of files.values()) {
      yield { path, bytes, version: md5 ?? version?.id ?? null, ...md5 !== null && !(isOld && !BINARY.test(path)) && { digest: { algorithm: 'md5', hex: md5 } } }
    }
  }

  async open ({ path }: Entry, received: Received): Promise<Piece> {
    const file = (await this.#tracked()).get(path)
    if (!file) {
      const beside = this.#found.beside.find(each => each.path === path)
      if (!beside) throw new Absent(`DVC tracks no ${path}`)
      return await beside.open(received)
    }
    const { isOld, file: { md5 } } = file
    if (!isOld || BINARY.test(path) || md5 === null) return await this.#openObject(file, received)
    // From the first byte on, so that its lines are known.
    const piece = await this.#openObject(file, { offsetBytes: 0, validator: '' })
    return { ...piece, bytes: checkedLines(piece.bytes, md5) }
  }

  /** The files that DVC tracks by their path in the model's folder. */
  async #tracked (): Promise<Map<string, ModelFile>> {
    // Not kept if it fails, so that another attempt asks again.
    this.#files ??= chooseFiles(this.#found.metafiles.flatMap(({ outputs }) => outputs), async output => await this.#filesOf(output))
      .then(files => new Map(files.map(file => [file.path, file])))
      .catch((error: unknown) => {
        this.#files = null
        throw error
      })
    return await this.#files
  }

  async #filesOf (output: Output): Promise<readonly TrackedFile[]> {
    const { files, md5, path, isOld, remote } = output
    if (files !== null) return files
    const { bytes } = await this.#openObject({ path, file: { ...output, version: null }, repositoryPath: path, isOld, remote }, { offsetBytes: 0, validator: '' }, '.dir')
    const pieces: Uint8Array[] = []
    let count = 0
    for await (const piece of bytes) {
      count += piece.length
      if (count > MANIFEST_BYTES) throw new Final(`the manifest of the folder ${basename(path)} has more than ${MANIFEST_BYTES} bytes; track the folder of the model alone (dvc add)`)
      pieces.push(piece)
    }
    const manifest = Buffer.concat(pieces)
    if (createHash('md5').update(manifest).digest('hex') !== md5) throw new Error(`the manifest of the folder ${basename(path)} does not have the MD5 that the .dvc file says`)
    return parseManifest(manifest.toString('utf8'))
  }

  /** Opens an object at the first place that has it. */
  async #openObject (file: ModelFile, received: Received, suffix = ''): Promise<Piece> {
    const absent: string[] = []
    for await (const { store, path, versionId } of this.#placesOf(file, suffix)) {
      const piece = await openIfThere(store, path, received, versionId)
      if (!(piece instanceof Absent)) return piece
      absent.push(`${store.called}: ${piece.message}`)
    }
    const isImport = this.#found.metafiles.some(each => each.isImport)
    throw new Final(`no place of DVC has ${basename(file.repositoryPath)} (${absent.join('; ')}); ${isImport ? 'it comes from elsewhere (deps): run dvc pull, and name the file that it brings' : 'run dvc push where the file is, or give the right to read it'}`)
  }

  /** Where an object may be: in the cache, as a version of a file in a remote, and by its MD5 in a remote. */
  async * #placesOf ({ file: { md5, version }, repositoryPath, isOld, remote }: ModelFile, suffix: string): AsyncGenerator<{ store: Store, path: string, versionId?: string }> {
    const { cache } = this.#found.repository
    const object = md5 === null ? null : `${isOld ? '' : 'files/md5/'}${md5.slice(0, 2)}/${md5.slice(2)}${suffix}`
    if (cache !== null && object !== null) yield { store: openFolder(`the cache ${cache}`, cache), path: object }
    if (version) yield { store: await this.#remote(version.remote), path: repositoryPath, versionId: version.id }
    if (object === null) return
    const store = await this.#remote(remote)
    if (!store.isVersioned) yield { store, path: object }
    else if (!version) throw new Final(`${store.called} keeps versions of files, and the .dvc file names none; run dvc push where the file is, and keep the .dvc file that it changes`)
  }

  async #remote (name: string | null): Promise<Store> {
    const { repository: { config, server } } = this.#found
    let store = this.#remotes.get(name)
    if (!store) {
      store = (async () => await openRemote(remoteOf(config, name), server, this.#settings))()
      this.#remotes.set(name, store)
    }
    return await store
  }
}

async function openIfThere (store: Store, path: string, received: Received, versionId?: string): Promise<Piece | Absent> {
  try {
    return await store.open(path, received, versionId)
  } catch (error) {
    if (error instanceof Absent) return error
    throw error instanceof Final ? new Final(`${store.called}: ${error.message}`) : error
  }
}
