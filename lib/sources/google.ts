import { isArchive } from './archive.ts'
import { openUrl, readText, request, type Answer, type Ask } from './http.ts'
import { at, textAt } from './json.ts'
import { nameByPath, siblingsOf } from './siblings.ts'
import { Absent, Final, type Entry, type Piece, type Received, type Source, type SourceSettings } from './source.ts'

/** An object of a bucket. `generation` identifies its bytes. */
interface StoredObject { name: string, bytes: number | null, generation: string, md5?: string }

/** Largest page of a listing: 1,000 names of 1,024 bytes, each byte written as `\uXXXX`, and what is asked for beside them. */
const PAGE_BYTES = 16 * 1024 * 1024

const TOKEN_BYTES = 64 * 1024

/** Most pages in a row without an object, or with markers of folders alone. */
const EMPTY_PAGES = 100

/** How long to wait for the metadata server. Outside of Google Cloud there is none. */
const METADATA_MS = 2_000

const FIELDS = 'name,size,md5Hash,generation,contentEncoding'

/**
 * Opens `gs://BUCKET/NAME`, an object with the card and the external data beside it, or `gs://BUCKET/PREFIX`, all objects below
 * it. A name is taken as it is: `%20`, `?` and `#` mean themselves.
 *
 * The token is MODEL_TOKEN or what gcloud calls a token. Without one, a bucket that is not public is read as the service account
 * of the machine or the Kubernetes workload.
 *
 * @throws Final when the address is malformed
 * @see https://cloud.google.com/storage/docs/json_api
 */
export async function openGoogle (address: string, settings: SourceSettings): Promise<Source> {
  const [, name = '', path = ''] = /^gs:\/\/([^/]*)(?:\/(.*))?$/is.exec(address) ?? []
  if (!/^[a-z\d][\w.-]{1,221}$/i.test(name)) throw new Final('an address of Google Cloud Storage is gs://BUCKET/NAME or gs://BUCKET/PREFIX, without credentials')
  const bucket = new Bucket(name, settings)
  const isPrefix = path === '' || path.endsWith('/')
  /** Looks for the object, and says what is before the path of an entry. */
  const locate = async (): Promise<{ object: StoredObject | null, base: string }> => {
    const object = isPrefix ? null : await bucket.find(path)
    return { object, base: object ? path.slice(0, path.lastIndexOf('/') + 1) : isPrefix ? path : `${path}/` }
  }
  let base: string | undefined
  return {
    name: nameByPath(`${name}/${path}`),
    address: `gs://${name}/${path}`,
    async * list () {
      const located = await locate()
      base = located.base
      if (located.object) {
        for (const sibling of isArchive(path) ? [] : siblingsOf(path.slice(base.length))) {
          const object = await bucket.find(`${base}${sibling}`)
          if (object) yield entryOf(object, base)
        }
        yield entryOf(located.object, base)
        return
      }
      let isEmpty = true
      for await (const object of bucket.list(base)) {
        isEmpty = false
        yield entryOf(object, base)
      }
      if (isEmpty) throw new Absent(`there is no object ${JSON.stringify(path)}, and none below it; check the address`)
    },
    async open (entry, received) {
      base ??= (await locate()).base
      return await bucket.open(`${base}${entry.path}`, received, entry.version)
    }
  }
}

function entryOf ({ name, bytes, generation, md5 }: StoredObject, base: string): Entry {
  return { path: name.slice(base.length), bytes, version: generation, ...md5 !== undefined && { digest: { algorithm: 'md5', hex: md5 } } }
}

/** A bucket, and the token that reads it. */
class Bucket {
  readonly #objects: string
  readonly #metadata: string | null
  #token: string | undefined

  constructor (name: string, { token, environment }: SourceSettings) {
    const { STORAGE_EMULATOR_HOST: host, GCE_METADATA_HOST: metadata, GOOGLE_OAUTH_ACCESS_TOKEN, CLOUDSDK_AUTH_ACCESS_TOKEN } = environment
    const endpoint = host ? (/^https?:\/\//i.test(host) ? host : `http://${host}`) : 'https://storage.googleapis.com'
    if (!URL.canParse(endpoint)) throw new Final('STORAGE_EMULATOR_HOST is not a URL')
    this.#objects = `${endpoint.replace(/\/$/, '')}/storage/v1/b/${encodeURIComponent(name)}/o`
    // A store that is not Google's has no business with Google's tokens.
    this.#metadata = metadata || (host ? null : '169.254.169.254')
    this.#token = (token || GOOGLE_OAUTH_ACCESS_TOKEN || CLOUDSDK_AUTH_ACCESS_TOKEN)?.trim()
  }

  /** @returns null if there is no such object, or nobody may read it */
  async find (name: string): Promise<StoredObject | null> {
    try {
      return objectOf(await this.#json(new URL(`${this.#urlOf(name)}?fields=${FIELDS}`)))
    } catch (error) {
      if (error instanceof Absent) return null
      throw error
    }
  }

  /**
   * The objects below a prefix. Leaves out markers of folders, which end in `/`.
   *
   * @see https://cloud.google.com/storage/docs/json_api/v1/objects/list
   */
  async * list (prefix: string): AsyncGenerator<StoredObject> {
    let token = ''
    for (let emptyPages = 0; emptyPages <= EMPTY_PAGES;) {
      const query = `prefix=${encodeURIComponent(prefix)}&fields=nextPageToken,items(${FIELDS})${token && `&pageToken=${encodeURIComponent(token)}`}`
      const page = await this.#json(new URL(`${this.#objects}?${query}`))
      const [items, next] = [at(page, 'items') ?? [], textAt(page, 'nextPageToken') ?? '']
      if (!Array.isArray(items)) throw new Final('the answer is no listing of Google Cloud Storage')
      emptyPages++
      for (const item of items) {
        const object = objectOf(item)
        if (!object.name.startsWith(prefix)) throw new Final('the store lists an object that is not below the prefix')
        if (object.name.endsWith('/')) continue
        emptyPages = 0
        yield object
      }
      if (next === '') return
      if (next === token) throw new Final('the store repeats a page of its listing without end')
      token = next
    }
    throw new Final(`the store sends more than ${EMPTY_PAGES} empty pages of its listing`)
  }

  /** Opens the generation of an object that was listed. */
  async open (name: string, received: Received, generation: string | null): Promise<Piece> {
    const url = new URL(`${this.#urlOf(name)}?alt=media${generation === null ? '' : `&generation=${encodeURIComponent(generation)}`}`)
    return await openUrl(url, received, {}, async (_, ask) => await this.#send(url, ask))
  }

  #urlOf (name: string): string {
    return `${this.#objects}/${encodeURIComponent(name)}`
  }

  async #json (url: URL): Promise<unknown> {
    const text = await readText(await this.#send(url), PAGE_BYTES)
    try {
      return JSON.parse(text)
    } catch {
      throw new Final('the answer is not that of Google Cloud Storage; check STORAGE_EMULATOR_HOST')
    }
  }

  /** Sends a request with the token. @throws the error of an answer that is no success, but 416 */
  async #send (url: URL, ask: Ask = {}): Promise<Answer> {
    for (;;) {
      const token = this.#token
      const answer = await request(url, { ...ask, ...token && { secrets: { authorization: token.includes(' ') ? token : `Bearer ${token}` } } })
      const { status } = answer
      if (status === 416 || (status >= 200 && status < 300)) return answer
      answer.discard()
      if (!token && (status === 401 || status === 403) && this.#metadata !== null) {
        this.#token = await tokenOf(this.#metadata)
        if (this.#token) continue
      }
      throw errorOf(status, Boolean(token))
    }
  }
}

/**
 * Asks the metadata server of Google Cloud for a token of the service account. Its address is link-local, which no model may
 * come from: it is fixed here, and no address of a model leads to it.
 *
 * @returns undefined outside of Google Cloud
 * @see https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 */
async function tokenOf (host: string): Promise<string | undefined> {
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`
  if (!URL.canParse(url)) throw new Final('GCE_METADATA_HOST is not a host')
  try {
    const answer = await request(new URL(url), { headers: { 'metadata-flavor': 'Google' }, follow: false, network: 'link-local', answerMs: METADATA_MS })
    if (answer.status !== 200 || answer.headers['metadata-flavor'] !== 'Google') {
      answer.discard()
      return undefined
    }
    return textAt(JSON.parse(await readText(answer, TOKEN_BYTES)), 'access_token')
  } catch {
    return undefined
  }
}

/** @throws Final when it does not look like an object of the store */
function objectOf (value: unknown): StoredObject {
  const [name, size, generation, md5, encoding] = ['name', 'size', 'generation', 'md5Hash', 'contentEncoding'].map(field => at(value, field))
  if (typeof name !== 'string' || !/^\d{1,16}$/.test(String(size)) || !/^\d{1,20}$/.test(String(generation))) throw new Final('the store describes an object as Google Cloud Storage does not; check STORAGE_EMULATOR_HOST')
  // The store unpacks it, so that size and digest are of something else.
  if (encoding === 'gzip') return { name, bytes: null, generation: String(generation) }
  return { name, bytes: Number(size), generation: String(generation), ...typeof md5 === 'string' && { md5: Buffer.from(md5, 'base64').toString('hex') } }
}

function errorOf (status: number, hasToken: boolean): Error {
  const reason = `the store answered ${status}`
  if (status >= 500 || status === 408 || status === 429) return new Error(reason)
  if (status === 404) return new Absent(`${reason}: there is no such bucket or object; check the address`)
  if (status === 401 && hasToken) return new Final(`${reason}: the token is not valid or has expired; set GOOGLE_OAUTH_ACCESS_TOKEN to what \`gcloud auth print-access-token\` prints`)
  if (status !== 401 && status !== 403) return new Final(reason)
  return new Absent(hasToken
    ? `${reason}: access is denied to this token; grant its account the role Storage Object Viewer on the bucket`
    : `${reason}: access is denied to anonymous requests; set GOOGLE_OAUTH_ACCESS_TOKEN to what \`gcloud auth print-access-token\` prints`)
}
