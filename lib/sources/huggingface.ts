import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { foreignModel } from '../card/foreign.ts'
import { printable } from '../card/onnx/tensor.ts'
import { isArchive } from './archive.ts'
import { folderOf, foldersOf, isCompanion, isDataOf, nameOf, within } from './companions.ts'
import { openUrl, requestJson, withoutSecrets, type Answer, type Ask } from './http.ts'
import { bytesAt, listAt, textAt } from './json.ts'
import { Absent, Final, type Entry, type Source, type SourceSettings } from './source.ts'

/** Most ONNX files that an error lists. */
const NAMED = 10

/** Longest path of a file that is looked at, in characters. */
const PATH_LIMIT = 1024

/** An address in parts. */
interface Address {
  /** Such as `ORG/REPO`. */
  repository: string
  /** A branch, a tag, a commit, or a reference such as `refs/pr/1`. */
  revision: string
  /** Path of an ONNX file, an archive or a folder; empty for the whole repository. */
  path: string
}

/** A file of a repository. */
interface File {
  bytes: number | null
  version: string | null
  sha256?: string
}

/** The files of a repository at one commit, by their paths. */
interface Listing {
  commit: string
  files: Map<string, File>
}

/**
 * Opens a repository of the Hugging Face Hub, or of a server that answers as it does: `hf://ORG/REPO[@REVISION][/FILE]`. Takes
 * one ONNX file with its external data, and the files beside and above it that say how to use it. All come from the commit that
 * the revision names when they are listed.
 *
 * @see https://huggingface.co/docs/hub/api
 */
export async function openHuggingFace (text: string, settings: SourceSettings): Promise<Source> {
  const address = parse(text)
  const { environment } = settings
  const endpoint = endpointOf(environment)
  const token = await tokenOf(settings)
  const secrets = token === undefined ? {} : { authorization: token.includes(' ') ? token : `Bearer ${token}` }
  const ask: Ask = { secrets, check: answer => explain(answer, address, endpoint, token !== undefined) }
  /** Where each listed file is. */
  const urls = new Map<string, URL>()

  async function * list (): AsyncGenerator<Entry> {
    if (isTrue(environment.HF_HUB_OFFLINE) || isTrue(environment.TRANSFORMERS_OFFLINE)) throw new Error('HF_HUB_OFFLINE is set, so that Hugging Face is not asked')
    const { repository, revision } = address
    const listing = listingOf(await requestJson(new URL(`${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`), ask), endpoint)
    for (const [path, place] of choose(listing, address)) {
      const { bytes, version, sha256 } = listing.files.get(path)!
      urls.set(place, new URL(`${endpoint}/${repository}/resolve/${encodeURIComponent(listing.commit)}/${encoded(path)}`))
      yield { path: place, bytes, version: version ?? `${listing.commit} ${path}`, ...sha256 !== undefined && { digest: { algorithm: 'sha256', hex: sha256 } } }
    }
  }

  return {
    name: nameOf(address.repository),
    address: text,
    list,
    open: async ({ path }, received) => {
      const url = urls.get(path)
      if (!url) throw new Absent(`the repository has no ${printable(path, 200)}`)
      return await openUrl(url, received, ask)
    }
  }
}

/** @see https://huggingface.co/docs/huggingface_hub/guides/hf_file_system */
function parse (text: string): Address {
  const [, repository = '', rest = ''] = /^hf:\/\/([^/@]+(?:\/[^/@]+)?)(.*)$/i.exec(text) ?? []
  const parts = /^(?:@(refs\/(?:pr\/\d+|convert\/[^/]+)|[^/]+))?(?:\/(.*))?$/.exec(rest)
  const names = repository.split('/')
  if (!parts || names.some(name => !/^\w[\w.-]{0,95}$/.test(name) || name.includes('..'))) throw new Final('it is not hf://ORG/REPO, hf://ORG/REPO@REVISION or hf://ORG/REPO/FILE')
  if (names.length === 2 && (names[0] === 'datasets' || names[0] === 'spaces')) throw new Final('it names a dataset or a space; name a model, as in hf://ORG/REPO')
  const [, revision = 'main', path = ''] = parts
  const file = path.replace(/\/$/, '')
  if (file.split('/').some(isUnsafe) && file !== '') throw new Final('the path of the file holds an empty part, . or ..')
  try {
    return { repository, revision: decodeURIComponent(revision), path: file }
  } catch {
    throw new Final('the revision after @ is not encoded as in a URL; write %25 for %')
  }
}

function isUnsafe (part: string): boolean {
  return part === '' || part === '.' || part === '..'
}

function encoded (path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** @returns the address that the paths of the API follow, without a slash at the end */
function endpointOf ({ HF_ENDPOINT: endpoint = '' }: SourceSettings['environment']): string {
  const text = (endpoint || 'https://huggingface.co').replace(/\/+$/, '')
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash) throw new Final('HF_ENDPOINT is not the URL of a server, such as https://huggingface.co')
  if (url.username || url.password) throw new Final('HF_ENDPOINT holds a user or a password, which are not sent; use HF_TOKEN')
  return text
}

/** The token of the variables, or else the one that `hf auth login` has stored. */
async function tokenOf ({ token, environment }: SourceSettings): Promise<string | undefined> {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME } = environment
  const named = [token, HF_TOKEN, HUGGING_FACE_HUB_TOKEN].map(each => each?.trim()).find(each => each)
  if (named) return named
  const file = HF_TOKEN_PATH || join(HF_HOME || join(homedir(), '.cache', 'huggingface'), 'token')
  const stored = await readFile(file, 'utf8').catch(() => '')
  return /^[\x21-\x7E]{1,4096}$/.test(stored.trim()) ? stored.trim() : undefined
}

function isTrue (value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(value?.toUpperCase() ?? '')
}

/**
 * Says what to do about an answer that is an error. The Hub answers 401 for a repository that is not there, and names the
 * case in a header.
 */
function explain ({ status, headers, url }: Answer, { repository, revision }: Address, endpoint: string, hasToken: boolean): void {
  if (status < 400) return
  if (url.origin !== new URL(endpoint).origin) {
    // Where large files are, a signature decides. The next attempt gets a new one.
    if (status === 401 || status === 403) throw new Error(`${url.host}, to which the Hub redirects, answered ${status}`)
    return
  }
  const where = `${withoutSecrets(new URL(endpoint))}`.replace(/\/$/, '')
  switch (headers['x-error-code']) {
    case 'GatedRepo': throw new Final(hasToken
      ? `${repository} is gated, and the account of the token has no access; accept its conditions at ${where}/${repository}`
      : `${repository} is gated; accept its conditions at ${where}/${repository}, and set HF_TOKEN to a token of that account`)
    case 'RevisionNotFound': throw new Final(`${repository} has no revision ${printable(revision, 200)}; name a branch, a tag or a commit after @`)
    case 'EntryNotFound': throw new Absent(`${repository} has no such file`)
  }
  if (status === 401 || status === 403 || status === 404) {
    throw new Final(`${where} has no model ${repository}, or ${hasToken ? 'the token may not read it; check the name and what the token may do' : 'it is private; check the name, or set HF_TOKEN'}`)
  }
}

/** @throws Final when it is not what the API answers */
function listingOf (document: unknown, endpoint: string): Listing {
  const commit = textAt(document, 'sha')
  if (!commit) throw new Final(`${withoutSecrets(new URL(endpoint))} does not answer as Hugging Face does (there is no "sha"); check HF_ENDPOINT`)
  const files = new Map<string, File>()
  for (const sibling of listAt(document, 'siblings')) {
    const path = textAt(sibling, 'rfilename')
    if (path === undefined || path.length > PATH_LIMIT) continue
    if (path.split('/').some(isUnsafe)) throw new Final(`the repository lists a file with the path ${printable(path, 200)}, which leads out of it`)
    const sha256 = textAt(sibling, 'lfs', 'sha256')
    const isDigest = sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)
    files.set(path, {
      bytes: bytesAt(sibling, 'lfs', 'size') ?? bytesAt(sibling, 'size'),
      version: sha256 ?? textAt(sibling, 'blobId') ?? null,
      ...isDigest && { sha256 }
    })
  }
  return { commit, files }
}

/** The files to take, each with its place in the model's folder. */
function * choose ({ files }: Listing, address: Address): Generator<[path: string, place: string]> {
  if (isArchive(address.path) && files.has(address.path)) return yield [address.path, nameOf(address.path)]
  const model = modelOf([...files.keys()], address)
  const folder = folderOf(model)
  const above = foldersOf(model)
  /** The nearest file of each name. */
  const named = new Map<string, { path: string, distance: number }>()
  for (const path of files.keys()) {
    const [name, distance] = [nameOf(path), above.indexOf(folderOf(path))]
    if (isCompanion(name) && distance >= 0 && distance < (named.get(name)?.distance ?? Infinity)) named.set(name, { path, distance })
  }
  for (const [name, { path }] of named) yield [path, name]
  // The layout of Hugging Face, whose configuration is one folder up.
  const place = nameOf(folder) === 'onnx' ? 'onnx' : ''
  for (const path of files.keys()) {
    if (folderOf(path) === folder && isDataOf(nameOf(model), nameOf(path))) yield [path, within(place, nameOf(path))]
  }
  yield [model, within(place, nameOf(model))]
}

/** Path of the ONNX file that an address means. */
function modelOf (paths: readonly string[], address: Address): string {
  const { path } = address
  const isModel = (each: string) => /\.onnx$/i.test(each)
  if (isModel(path) && paths.includes(path)) return path
  const models = paths.filter(each => isModel(each) && (path === '' || each.startsWith(`${path}/`)))
  for (const usual of ['model.onnx', 'onnx/model.onnx'].map(name => within(path, name))) {
    if (models.includes(usual)) return usual
  }
  const near = [path, within(path, 'onnx')].map(folder => models.filter(each => folderOf(each) === folder)).find(some => some.length > 0) ?? models
  if (near.length === 1) return near[0]!
  throw new Final(models.length > 0 ? several(models, address) : none(paths, address))
}

function several (models: readonly string[], address: Address): string {
  const names = models.slice(0, NAMED).map(name => printable(name, 200)).join(', ')
  return `${address.repository} holds ${models.length} ONNX files (${names}${models.length > NAMED ? ', …' : ''}); name one, as in ${written(address, printable(models[0]!, 200))}`
}

function none (paths: readonly string[], address: Address): string {
  const models = paths.filter(path => /\.onnx$/i.test(path))
  if (models.length > 0) return `${address.repository} has no ${printable(address.path, 200)}; it has ${models.slice(0, NAMED).map(name => printable(name, 200)).join(', ')}${models.length > NAMED ? ', …' : ''}`
  const other = foreignModel(paths.map(nameOf))
  const found = other ? `, but ${other.is} (${printable(other.file, 64)})` : ''
  return `${address.repository} holds no ONNX file${found}; export it: optimum-cli export onnx --model ${address.repository} FOLDER`
}

/** The address of a file. */
function written ({ repository, revision }: Address, file: string): string {
  return `hf://${repository}${revision === 'main' ? '' : `@${/^refs\/(?:pr|convert)\//.test(revision) ? revision : encodeURIComponent(revision)}`}/${file}`
}
