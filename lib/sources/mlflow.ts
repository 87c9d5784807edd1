import { printable } from '../card/onnx/tensor.ts'
import { folderOf, isCompanion, isDataOf, nameOf, within } from './companions.ts'
import { openUrl, requestJson, withoutSecrets, type Answer, type Ask } from './http.ts'
import { bytesAt, listAt, at, textAt } from './json.ts'
import type { Network } from './network.ts'
import { nameByPath } from './siblings.ts'
import { Absent, Final, type Entry, type OpenSource, type Source, type SourceSettings } from './source.ts'

/** Most folders below one another. */
const DEPTH_LIMIT = 16

/** Most folders that are listed. */
const FOLDERS_LIMIT = 1000

/** Most pages of one listing. */
const PAGES_LIMIT = 100

/** How often the registry may name another of its own addresses: a version, its model, its run. */
const STEPS = 4

/** Where a tracking server passes artifacts on. */
const PROXY = '/api/2.0/mlflow-artifacts/artifacts'

/** Stages of MLflow 2, in small letters. */
const STAGES = ['none', 'staging', 'production', 'archived']

/** What an address of MLflow names. */
type Named =
  | { kind: 'run', run: string, path: string }
  | { kind: 'model', model: string, path: string }
  | { kind: 'version', name: string, version: string, path: string }
  | { kind: 'alias', name: string, alias: string, isStage?: boolean, path: string }
  | { kind: 'latest', name: string, path: string }

/** Where the artifacts are that an address names. */
interface Place {
  /** Address of their folder or file, such as `s3://bucket/prefix` or `mlflow-artifacts:/1/…`. */
  uri: string
  /** Identifies a model that does not change any more, or null. */
  version: string | null
}

/** A server of MLflow. */
interface Server {
  /** Without a slash at the end. */
  base: string
  ask: Ask
  /** The network of the server, once it has answered. */
  network: () => Network
}

/**
 * Opens the artifacts of a run or of a registered model: `runs:/ID/path`, `models:/NAME/VERSION`, `models:/NAME@ALIAS`,
 * `models:/NAME/ALIAS`, `models:/NAME/latest`, or `models:/m-ID` of MLflow 3. MLFLOW_TRACKING_URI names the server, which may pass the
 * artifacts on, or say in which store they are.
 *
 * @see https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export const openMlflow: OpenSource = async (address, settings) => {
  const named = parse(address)
  const isRegistered = named.kind === 'version' || named.kind === 'alias' || named.kind === 'latest'
  const tracking = serverOf('MLFLOW_TRACKING_URI', settings)
  const registry = isRegistered && settings.environment.MLFLOW_REGISTRY_URI ? serverOf('MLFLOW_REGISTRY_URI', settings) : tracking
  let found: Promise<Source> | undefined

  /** The source that has the files. Asked for again if it could not be found. */
  async function source (): Promise<Source> {
    found ??= find(named, tracking, registry, settings)
    return await found.catch((error: unknown) => {
      found = undefined
      throw error
    })
  }

  return {
    name: isRegistered ? named.name : named.path === '' ? named.kind === 'run' ? named.run : named.model : nameByPath(named.path),
    address,
    async * list () {
      yield * (await source()).list()
    },
    open: async (entry, received) => await (await source()).open(entry, received)
  }
}

/** @see https://mlflow.org/docs/latest/ml/model-registry */
function parse (address: string): Named {
  const [, scheme = '', host = '', rest = ''] = /^(runs|models):(?:\/\/([^/]*))?\/+(.+)$/i.exec(address) ?? []
  if (host !== '') throw new Final('it names a server, as Databricks does; set MLFLOW_TRACKING_URI, and leave the server out of the address')
  const parts = rest.replace(/\/$/, '').split('/')
  if (parts.some(part => part.trim() === '' || part === '.' || part === '..')) throw new Final(`it is not ${/^models/i.test(address) ? 'models:/NAME/VERSION or models:/NAME@ALIAS' : 'runs:/ID/PATH'}`)
  const [first = '', second = '', ...others] = parts
  if (scheme.toLowerCase() === 'runs') return { kind: 'run', run: first, path: parts.slice(1).join('/') }
  const [, name, alias] = /^(.+)@([^@]+)$/.exec(first) ?? []
  if (name !== undefined && alias !== undefined) return { kind: 'alias', name, alias, path: parts.slice(1).join('/') }
  if (/^m-[0-9a-f]{32}$/.test(first)) return { kind: 'model', model: first, path: parts.slice(1).join('/') }
  if (second === '') {
    throw new Final(`it does not say which version; write models:/${printable(first, 200)}/1, models:/${printable(first, 200)}@ALIAS or models:/${printable(first, 200)}/latest`)
  }
  const path = others.join('/')
  if (/^\d+$/.test(second)) return { kind: 'version', name: first, version: second, path }
  if (second.toLowerCase() === 'latest') return { kind: 'latest', name: first, path }
  return { kind: 'alias', name: first, alias: second, isStage: STAGES.includes(second.toLowerCase()), path }
}

/** @throws Final when the variable does not name a server */
function serverOf (variable: string, settings: SourceSettings): Server {
  const { [variable]: text, MLFLOW_TRACKING_INSECURE_TLS: insecure } = settings.environment
  if (!text) throw new Final(`${variable} is not set; set it to the URL of the MLflow server, such as https://mlflow.example.com`)
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new Final(`${variable} is not the URL of a server; ${remedyOf(text)}`)
  if (/^(?:true|1)$/i.test(insecure ?? '')) throw new Final("MLFLOW_TRACKING_INSECURE_TLS is not followed: certificates are always checked; set NODE_EXTRA_CA_CERTS to the certificate of the server's authority, and unset it")
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  const authorization = authorizationOf(settings, url, variable)
  let network: Network = 'public'
  return {
    base,
    network: () => network,
    ask: {
      ...authorization !== undefined && { secrets: { authorization } },
      check (answer) {
        if (answer.url.origin === url.origin && answer.network !== 'link-local') network = answer.network
        explain(answer, base, authorization !== undefined)
      }
    }
  }
}

/** The value of the header `Authorization`, by the first that is there: MODEL_TOKEN, the user of the URL, that of the variables, their token. */
function authorizationOf ({ token, environment }: SourceSettings, url: URL, variable: string): string | undefined {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password, MLFLOW_TRACKING_TOKEN: bearer } = environment
  if (token) return token.includes(' ') ? token : `Bearer ${token}`
  if (url.username || url.password) return basic(decoded(url.username, variable), decoded(url.password, variable))
  if (user && password) return basic(user, password)
  return bearer && `Bearer ${bearer}`
}

function decoded (text: string, variable: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Final(`the user or the password in ${variable} is not encoded as in a URL; write %25 for %`)
  }
}

/** What to do about a store that is no server. */
function remedyOf (text: string): string {
  if (/^databricks/i.test(text)) return 'Databricks has an API of its own: download the model with mlflow.artifacts.download_artifacts, and name the folder'
  if (/^(?:sqlite|mysql|postgresql|mssql)/i.test(text)) return 'start one with mlflow server --backend-store-uri and this database'
  return 'start one with mlflow server --backend-store-uri and this folder, or name the folder of the model itself'
}

/** @see https://www.rfc-editor.org/rfc/rfc7617 */
function basic (user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Says what to do where the server refuses the caller. Its own message is not passed on: it may hold what the caller sent. */
function explain ({ status, url }: Answer, base: string, hasSecret: boolean): void {
  if ((status !== 401 && status !== 403) || url.origin !== new URL(base).origin) return
  throw new Final(`${base} answered ${status}: ${hasSecret
    ? 'the user or the token may not read this; check it and its permissions'
    : 'it wants to know the user; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN'}`)
}

/** Asks a server; says what is not there. Servers answer 400 for an alias that they do not know. */
async function call ({ base, ask }: Server, path: string, query: Record<string, string>, missing: string, body?: unknown): Promise<unknown> {
  const url = new URL(`${base}/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`)
  return await requestJson(url, {
    ...ask,
    ...body !== undefined && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    check (answer) {
      ask.check?.(answer)
      if (answer.status === 404 || answer.status === 400) throw new Absent(`${base} has no ${missing}`)
    }
  })
}

/** Finds the source that has the files. */
async function find (named: Named, tracking: Server, registry: Server, settings: SourceSettings): Promise<Source> {
  let next = named
  for (let step = 0; step < STEPS; step++) {
    const { uri, version } = await placeOf(next, next.kind === 'run' || next.kind === 'model' ? tracking : registry)
    const place = { uri: next.path === '' ? uri : `${uri.replace(/\/+$/, '')}/${next.path}`, version }
    if (!/^(?:runs|models):/.test(uri)) {
      const source = await sourceAt(place, tracking, settings)
      const model: Named | null = next.kind === 'run' && next.path !== '' && !await hasFiles(source) ? await loggedModelOf(next.run, next.path, tracking) : null
      if (!model) return source
      next = model
    } else {
      next = parse(place.uri)
    }
  }
  throw new Final(`the server names one address after the other (${STEPS} of them), and no place of files`)
}

async function hasFiles (source: Source): Promise<boolean> {
  try {
    const entries = source.list()[Symbol.asyncIterator]()
    const { done } = await entries.next()
    await entries.return?.()
    return !done
  } catch (error) {
    if (error instanceof Absent) return false
    throw error
  }
}

/**
 * The model that a run has logged under the name that a path begins with, or null. MLflow 3 keeps models beside runs, and
 * `runs:/ID/NAME` means them, too.
 */
async function loggedModelOf (run: string, path: string, server: Server): Promise<Named | null> {
  const [name = '', ...others] = path.split('/')
  const experiment = textAt(await call(server, 'runs/get', { run_id: run }, 'such run'), 'run', 'info', 'experiment_id') ?? ''
  const filter = name.includes("'") ? {} : { filter: `name = '${name}'` }
  let page: string | undefined
  for (let pages = 0; pages < PAGES_LIMIT; pages++) {
    const query = { experiment_ids: [experiment], ...filter, ...page !== undefined && { page_token: page } }
    // A server of MLflow 2 has no logged models.
    const found = await call(server, 'logged-models/search', {}, 'logged models', query).catch((error: unknown) => { if (!(error instanceof Absent)) throw error })
    const models = listAt(found, 'models')
    const model = models.find(each => textAt(each, 'info', 'source_run_id') === run && textAt(each, 'info', 'name') === name)
    if (model) return parse(within(`models:/${textAt(model, 'info', 'model_id') ?? ''}`, others.join('/')).replace(/\/$/, ''))
    page = textAt(found, 'next_page_token')
    if (!page) return null
  }
  throw new Final(`the experiment holds too many models named ${printable(name, 200)}; name the model itself, as in models:/m-ID`)
}

/** Asks where the artifacts are that an address names; the path in it is left out. */
async function placeOf (named: Named, server: Server): Promise<Place> {
  if (named.kind === 'run') {
    const run = await call(server, 'runs/get', { run_id: named.run }, `run ${printable(named.run, 100)}`)
    const ended = textAt(run, 'run', 'info', 'status') === 'RUNNING' ? null : at(run, 'run', 'info', 'end_time')
    return { uri: uriOf(textAt(run, 'run', 'info', 'artifact_uri')), version: typeof ended === 'number' || typeof ended === 'string' ? `${named.run} ${ended}` : null }
  }
  if (named.kind === 'model') {
    const model = await call(server, `logged-models/${encodeURIComponent(named.model)}`, {}, `logged model ${printable(named.model, 100)}`)
    return { uri: uriOf(textAt(model, 'model', 'info', 'artifact_uri')), version: named.model }
  }
  const version = await versionOf(named, server)
  const what = `version ${printable(version, 20)} of a model ${printable(named.name, 200)}`
  const uri = uriOf(textAt(await call(server, 'model-versions/get-download-uri', { name: named.name, version }, what), 'artifact_uri'))
  // The number alone would be that of another model after the registry has been set up anew.
  return { uri, version: `${version} ${uri}` }
}

function uriOf (uri: string | undefined): string {
  if (uri) return uri
  throw new Final('the answer of the server does not say where the artifacts are; check that MLFLOW_TRACKING_URI is the URL of MLflow')
}

/** The version that a part of the registry names. */
async function versionOf (named: Exclude<Named, { kind: 'run' | 'model' }>, server: Server): Promise<string> {
  if (named.kind === 'version') return named.version
  if (named.kind === 'latest') return await newest(named.name, server)
  const { name, alias, isStage = false } = named
  if (isStage) {
    // The name of a stage may be an alias, too, on a server that has stages no more.
    const version = await newest(name, server, alias).catch((error: unknown) => { if (!(error instanceof Absent)) throw error })
    if (version !== undefined) return version
  }
  const answer = await call(server, 'registered-models/alias', { name, alias }, `alias or stage ${printable(alias, 200)} of a model ${printable(name, 200)}`)
  const version = textAt(answer, 'model_version', 'version')
  if (version !== undefined && /^\d+$/.test(version)) return version
  throw new Final('the answer of the server does not say which version the alias is')
}

/** The newest version of a model, or of those in a stage. */
async function newest (name: string, server: Server, stage?: string): Promise<string> {
  const what = `version of a model ${printable(name, 200)}${stage === undefined ? '' : ` in the stage ${stage}`}`
  const answer = await call(server, 'registered-models/get-latest-versions', {}, what, { name, ...stage !== undefined && { stages: [stage] } })
  const versions = listAt(answer, 'model_versions').map(version => Number(textAt(version, 'version'))).filter(Number.isSafeInteger)
  if (versions.length === 0) throw new Absent(`${server.base} has no ${what}`)
  return String(versions.reduce((a, b) => Math.max(a, b)))
}

/** Opens the place that the server has named. */
async function sourceAt (place: Place, server: Server, settings: SourceSettings): Promise<Source> {
  const proxy = proxyOf(place, server)
  if (proxy) return proxy
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place.uri)?.[1]?.toLowerCase() ?? 'file'
  if (scheme === 'file' && server.network() !== 'loopback') {
    // The server is not to choose files of another machine, this one.
    throw new Final("the artifacts are in a folder of the server's machine; start it with --serve-artifacts, or, if this machine has that folder, name it instead")
  }
  if (!['file', 's3', 'gs'].includes(scheme) || !settings.openSource) throw new Final(`the artifacts are at ${printable(scheme, 20)}:, which is not read; start the server with --serve-artifacts, or name a copy of the folder`)
  // The token is that of the server.
  const { token, ...others } = settings
  return await settings.openSource(place.uri, others)
}

/** The artifacts that a server passes on, or null if the place is another. */
function proxyOf ({ uri, version }: Place, server: Server): Source | null {
  const [, scheme = '', host = '', path = ''] = /^(mlflow-artifacts|https?):(?:\/\/([^/]*))?(\/.*)?$/i.exec(uri) ?? []
  if (scheme === '') return null
  const isWhole = scheme !== 'mlflow-artifacts'
  const [prefix = '', root] = path.includes(PROXY) ? split(path, PROXY) : ['', isWhole ? undefined : path]
  if (root === undefined) throw new Final('the artifacts are at a URL that is no server of artifacts; start the server with --serve-artifacts')
  const own = new URL(server.base)
  const base = isWhole ? `${scheme}://${host}${prefix}` : host === '' ? server.base : `${own.protocol}//${host}${own.pathname.replace(/\/+$/, '')}`
  if (!URL.canParse(base)) throw new Final('the server names a malformed address for the artifacts')
  const { origin, protocol, username, password } = new URL(base)
  if (username || password) throw new Final('the server names an address with credentials for the artifacts')
  if (own.protocol === 'https:' && protocol === 'http:') throw new Final('the server with https: names one with http: for the artifacts; start it with --default-artifact-root mlflow-artifacts:/')
  // What another server gets to know is only which files are wanted, and the address is the word of a stranger.
  const ask = origin === own.origin ? server.ask : { network: server.network() }
  return artifacts(new URL(`${base}${PROXY}`), ask, root.replace(/^\/+|\/+$/g, ''), version)
}

function split (text: string, at: string): [before: string, after: string] {
  const index = text.indexOf(at)
  return [text.slice(0, index), text.slice(index + at.length)]
}

/**
 * The artifacts below a path of a server that passes them on, or the single file at it with what belongs to it.
 *
 * @param root path of the folder or file
 */
function artifacts (api: URL, ask: Ask, root: string, version: string | null): Source {
  /** The folder that paths of entries begin at. */
  let top = root

  async function * filesIn (folder: string): AsyncGenerator<Entry & { isFolder: boolean }> {
    let page = ''
    for (let pages = 0; ; pages++) {
      if (pages === PAGES_LIMIT) throw new Final(`the listing of ${printable(folder, 200)} has more than ${PAGES_LIMIT} pages`)
      const url = new URL(api)
      url.search = new URLSearchParams({ ...folder !== '' && { path: folder }, ...page !== '' && { page_token: page } }).toString()
      const listing = await requestJson(url, ask)
      for (const file of listAt(listing, 'files')) {
        const path = textAt(file, 'path') ?? ''
        if (path === '' || path === '.' || path === '..' || /[/\\]/.test(path)) throw new Final(`the server lists ${printable(path, 200) || 'an empty name'} in a folder, which is not the name of a file`)
        const bytes = bytesAt(file, 'file_size')
        yield { path, bytes, version: version === null ? null : `${version} ${bytes ?? ''}`, isFolder: at(file, 'is_dir') === true }
      }
      const next = textAt(listing, 'next_page_token') ?? ''
      if (next === '' || next === page) return
      page = next
    }
  }

  async function * list (): AsyncGenerator<Entry> {
    top = root
    let [folders, isEmpty] = [0, true]

    async function * below (folder: string, depth: number): AsyncGenerator<Entry> {
      if (++folders > FOLDERS_LIMIT) throw new Final(`the artifacts are in more than ${FOLDERS_LIMIT} folders; name the folder of the model`)
      if (depth > DEPTH_LIMIT) throw new Final(`the artifacts are in more than ${DEPTH_LIMIT} folders below one another; name the folder of the model`)
      for await (const { isFolder, ...entry } of filesIn(folder === '' ? root : within(root, folder))) {
        const path = within(folder, entry.path)
        if (isFolder) yield * below(path, depth + 1)
        else yield { ...entry, path }
        isEmpty = false
      }
    }

    yield * below('', 0)
    // The listing of a file, and that of something that is not there, are empty, too.
    if (isEmpty) yield * single()
  }

  async function * single (): AsyncGenerator<Entry> {
    const [folder, name] = [folderOf(root), nameOf(root)]
    const found: Entry[] = []
    let isThere = false
    if (root !== '') {
      for await (const { isFolder, ...entry } of filesIn(folder)) {
        if (isFolder) continue
        isThere ||= entry.path === name
        if (entry.path === name || (/\.onnx$/i.test(name) && (isCompanion(entry.path) || isDataOf(name, entry.path)))) found.push(entry)
      }
    }
    if (!isThere) throw new Absent(`there are no artifacts at ${printable(root, 300) || 'this address'}; name the folder that the model was logged to`)
    top = folder
    yield * found
  }

  return {
    name: nameOf(root),
    address: withoutSecrets(api),
    list,
    open: async ({ path }, received) => {
      const url = new URL(api)
      url.pathname += `/${within(top, path).split('/').map(encodeURIComponent).join('/')}`
      return await openUrl(url, received, ask)
    }
  }
}
