import { AwsV4Signer } from 'aws4fetch'
import { isArchive } from './archive.ts'
import { codeOf, domainOf, isRegion, readAccount, type Account } from './aws.ts'
import { openUrl, request, type Answer, type Ask } from './http.ts'
import { nameByPath, siblingsOf } from './siblings.ts'
import { Absent, Final, type Entry, type Piece, type Received, type Source, type SourceSettings } from './source.ts'
import { readXml } from './xml.ts'

/** An object of a bucket. */
export interface StoredObject {
  key: string
  bytes: number
  /** Identifies the bytes: the ETag, with its quotes. */
  etag: string
}

/** Largest page of a listing: 1,000 keys of 1,024 bytes, each written as `%XX`, and what the store says of each. */
const PAGE_BYTES = 8 * 1024 * 1024

const ERROR_BYTES = 64 * 1024

/** Most pages in a row without an object, or with markers of folders alone. Stores send some where many objects were deleted. */
const EMPTY_PAGES = 100

/** Most times that a store may name another region for one request. */
const REGION_CHANGES = 2

/** Statuses with which S3 says that the bucket is in another region. */
const REGION_STATUSES = new Set([301, 307, 400, 403])

/** Codes of an object that is not there, or that nobody may read, which is the same to whoever may not list the bucket. */
const ABSENT_CODES = new Set(['AccessDenied', 'NoSuchKey', 'NoSuchVersion'])

const UNKNOWN_KEY = 'the store knows no such access key; check AWS_ACCESS_KEY_ID and the endpoint (AWS_ENDPOINT_URL_S3)'

/** What a code of S3 means to whoever runs the service. `who` names the credentials. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const REASONS: Partial<Record<string, (who: string) => string>> = {
  AccessDenied: who => `access is denied to ${who}; allow s3:GetObject on the objects and s3:ListBucket on the bucket, or set other credentials`,
  AllAccessDisabled: () => 'all access to the bucket is disabled',
  AuthorizationHeaderMalformed: () => 'the bucket is in another region; set AWS_REGION',
  ExpiredToken: () => 'the session token has expired; get a new one, and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
  InvalidAccessKeyId: () => UNKNOWN_KEY,
  InvalidBucketName: () => 'the store accepts no such name of a bucket; check the address',
  InvalidObjectState: () => 'the object is archived; restore it first',
  InvalidToken: () => 'the session token is not valid; get a new one, and set AWS_SESSION_TOKEN',
  NoSuchBucket: () => 'there is no such bucket; check its name and the endpoint (AWS_ENDPOINT_URL_S3)',
  PermanentRedirect: () => 'the bucket is in another region or at another endpoint; set AWS_REGION, or AWS_ENDPOINT_URL_S3',
  RequestTimeTooSkewed: () => "the clock of this machine differs from the store's by more than 15 minutes; set the clock",
  SignatureDoesNotMatch: () => 'the signature is wrong; check AWS_SECRET_ACCESS_KEY, which does not fit to AWS_ACCESS_KEY_ID, and AWS_REGION',
  // Of the Versity gateway.
  XAdminUserNotFound: () => UNKNOWN_KEY
}

/**
 * Opens `s3://BUCKET/KEY`, an object with the card and the external data beside it, or `s3://BUCKET/PREFIX`, all objects below
 * it, at AWS or at a store with the same interface. A key is taken as it is: `%20`, `?` and `#` mean themselves.
 *
 * @throws Final when the address is malformed, or the account is
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 */
export async function openS3 (address: string, settings: SourceSettings): Promise<Source> {
  const { bucket: name, key } = readAddress(address)
  const bucket = await openBucket(name, settings)
  const isPrefix = key === '' || key.endsWith('/')
  /** Looks for the object, and says what is before the path of an entry. */
  const locate = async (): Promise<{ object: StoredObject | null, base: string }> => {
    const object = isPrefix ? null : await bucket.find(key)
    return { object, base: object ? key.slice(0, key.lastIndexOf('/') + 1) : isPrefix ? key : `${key}/` }
  }
  let base: string | undefined
  return {
    name: nameByPath(`${name}/${key}`),
    address: `s3://${name}/${key}`,
    async * list () {
      const located = await locate()
      base = located.base
      if (located.object) {
        // ONNX Runtime finds external data by its name, and what lies beside a file may be another model.
        for (const sibling of isArchive(key) ? [] : siblingsOf(key.slice(base.length))) {
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
      if (isEmpty) throw new Absent(`there is no object ${JSON.stringify(key)}, and none below it; check the address`)
    },
    async open ({ path }, received) {
      base ??= (await locate()).base
      return await bucket.open(`${base}${path}`, received)
    }
  }
}

function entryOf ({ key, bytes, etag }: StoredObject, base: string): Entry {
  return { path: key.slice(base.length), bytes, version: etag }
}

/**
 * Reads the address of an object or prefix.
 *
 * @throws Final
 */
export function readAddress (address: string): { bucket: string, key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(address) ?? []
  if (bucket.includes('@')) throw new Final('an address of S3 holds no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (!/^[a-z\d][\w.-]{1,254}$/i.test(bucket) || bucket.includes('..')) throw new Final('an address of S3 is s3://BUCKET/KEY or s3://BUCKET/PREFIX')
  return { bucket, key }
}

/**
 * Opens a bucket: for sources that know keys and versions.
 *
 * @throws Final when the account is malformed
 */
export async function openBucket (name: string, { environment }: SourceSettings): Promise<Bucket> {
  return new Bucket(name, await readAccount(environment))
}

/** A bucket, and the account that reads it. */
export class Bucket {
  readonly #name: string
  readonly #account: Account
  #region: string

  constructor (name: string, account: Account) {
    this.#name = name
    this.#account = account
    this.#region = account.region
  }

  /**
   * Looks for an object.
   *
   * @returns null if there is none, or if nobody says so: a store denies access to an object that is not there, where the
   * caller may not list the bucket
   * @throws Final, or any other error if another attempt may succeed
   */
  async find (key: string, versionId?: string): Promise<StoredObject | null> {
    try {
      // HEAD would give an error without its code.
      const answer = await this.#send(key, queryOf({ versionId }), { range: 'bytes=0-0' })
      answer.discard()
      const { etag = '', 'content-length': length, 'content-range': range } = answer.headers
      return { key, bytes: Number(answer.status === 200 ? length : range?.replace(/^.*\//, '')), etag }
    } catch (error) {
      if (error instanceof Absent) return null
      throw error
    }
  }

  /**
   * The objects below a prefix, in the order of their keys. Leaves out markers of folders, which end in `/`.
   *
   * @throws Final, or any other error if another attempt may succeed
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
   */
  async * list (prefix: string): AsyncGenerator<StoredObject> {
    let token: string | undefined
    for (let emptyPages = 0; emptyPages <= EMPTY_PAGES;) {
      const page = await this.#page(prefix, token)
      emptyPages++
      for (const object of page.objects) {
        if (!object.key.startsWith(prefix)) throw new Final('the store lists an object that is not below the prefix')
        if (object.key.endsWith('/')) continue
        emptyPages = 0
        yield object
      }
      if (page.next === undefined) return
      if (page.next === token) throw new Final('the store repeats a page of its listing without end')
      token = page.next
    }
    throw new Final(`the store sends more than ${EMPTY_PAGES} empty pages of its listing`)
  }

  /**
   * Opens an object. Continues after the received bytes if the object has not changed since, otherwise starts again.
   *
   * @throws Absent, Final, or any other error if another attempt may succeed
   */
  async open (key: string, received: Received, versionId?: string): Promise<Piece> {
    let md5: string | null = null
    const query = queryOf({ versionId })
    const piece = await openUrl(this.#urlOf(key, query), received, {}, async (_, { headers } = {}) => {
      const answer = await this.#send(key, query, headers)
      md5 = md5Of(answer)
      return answer
    })
    return md5 === null ? piece : { ...piece, digest: { algorithm: 'md5', hex: md5 } }
  }

  /** One page of a listing. */
  async #page (prefix: string, token: string | undefined): Promise<{ objects: StoredObject[], next: string | undefined }> {
    const answer = await this.#send('', queryOf({ 'continuation-token': token, 'encoding-type': 'url', 'list-type': '2', prefix }))
    const objects: StoredObject[] = []
    let [fields, isEncoded, next, isTruncated, isListing] = [new Map<string, string>(), false, '', false, false]
    await readXml(answer, PAGE_BYTES, (path, text) => {
      if (path === 'ListBucketResult') isListing = true
      else if (path === 'ListBucketResult/EncodingType') isEncoded = text === 'url'
      else if (path === 'ListBucketResult/IsTruncated') isTruncated = text === 'true'
      else if (path === 'ListBucketResult/NextContinuationToken') next = text
      else if (path === 'ListBucketResult/Contents') {
        const size = fields.get('Size') ?? ''
        if (!/^\d{1,15}$/.test(size)) throw new Final('the store lists an object without its size')
        objects.push({ key: fields.get('Key') ?? '', bytes: Number(size), etag: fields.get('ETag') ?? '' })
        fields = new Map()
      } else if (path.startsWith('ListBucketResult/Contents/')) fields.set(path.slice('ListBucketResult/Contents/'.length), text)
    })
    if (!isListing) throw new Final('the answer is no listing of S3; check the endpoint (AWS_ENDPOINT_URL_S3)')
    if (isTruncated && next === '') throw new Final('the store says that its listing goes on, but not where')
    // EncodingType comes before the keys at some stores, and after them at others.
    if (isEncoded) for (const object of objects) object.key = decoded(object.key)
    return { objects, next: isTruncated ? next : undefined }
  }

  /** Sends a signed request, to another region where the store says so. @throws the error of an answer that is no success, but 416 */
  async #send (key: string, query: string, headers: Ask['headers'] = {}): Promise<Answer> {
    for (let changes = 0; ; changes++) {
      const url = this.#urlOf(key, query)
      const { secrets, who } = await this.#sign(url)
      // A redirect would lose the signature, which is for one host.
      const answer = await request(url, { headers, secrets, follow: false })
      const { status } = answer
      if (status === 416 || (status >= 200 && status < 300)) return answer
      const { code, region } = await problemOf(answer)
      if (changes < REGION_CHANGES && REGION_STATUSES.has(status) && region !== undefined && region !== this.#region) {
        this.#region = region
        continue
      }
      throw errorOf(status, code, who)
    }
  }

  #urlOf (key: string, query: string): URL {
    return objectUrl({ ...this.#account, region: this.#region }, this.#name, key, query)
  }

  async #sign (url: URL): Promise<{ secrets: Record<string, string>, who: string }> {
    const credentials = await this.#account.credentials()
    if (!credentials) return { secrets: {}, who: 'anonymous requests' }
    const { headers } = await new AwsV4Signer({ url: url.href, service: 's3', region: this.#region, ...credentials }).sign()
    return { secrets: Object.fromEntries(headers), who: 'these credentials' }
  }
}

/**
 * The URL of an object, or of the bucket if the key is empty.
 *
 * @throws Final when the key has no URL
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function objectUrl ({ endpoint, isVirtualHost, region }: Pick<Account, 'endpoint' | 'isVirtualHost' | 'region'>, bucket: string, key: string, query = ''): URL {
  // A URL would lose these parts, and name another object.
  if (key.split('/').some(part => part === '.' || part === '..')) throw new Final("a key with the part '.' or '..' cannot be asked for")
  // A name with dots does not fit the certificate of a virtual host.
  const isHost = endpoint ? isVirtualHost : !bucket.includes('.')
  const url = new URL(endpoint ?? `https://s3.${region}.${domainOf(region)}/`)
  if (isHost) url.hostname = `${bucket}.${url.hostname}`
  const parts = [...isHost ? [] : [bucket], ...key.split('/')]
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${parts.map(part => encodeURIComponent(part)).join('/')}`
  url.search = query
  return url
}

function queryOf (parameters: Record<string, string | undefined>): string {
  return Object.entries(parameters).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]).join('&')
}

/** A key as encoded by the store. @throws Final */
function decoded (key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    throw new Final('the store lists a key that is not encoded as it says')
  }
}

/**
 * The MD5 of an object, if its ETag is that: neither of an object that was uploaded in parts, whose ETag is `…-3`, nor of
 * one that a key of AWS KMS or of the customer encrypts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
function md5Of ({ headers }: Answer): string | null {
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256'
  if (encryption !== 'AES256' || 'x-amz-server-side-encryption-customer-algorithm' in headers) return null
  return /^"([\da-f]{32})"$/i.exec(headers.etag ?? '')?.[1] ?? null
}

/** Reads what is wrong. The body of such an answer may hold what was signed, so that nothing else of it is kept. */
async function problemOf (answer: Answer): Promise<{ code: string, region: string | undefined }> {
  const fields = new Map<string, string>()
  // Not every store, and no proxy, answers in XML.
  await readXml(answer, ERROR_BYTES, (path, text) => { fields.set(path, text) }).catch(() => {})
  const { 'x-amz-bucket-region': header } = answer.headers
  const region = [header, fields.get('Error/Region')].find(name => typeof name === 'string' && isRegion(name))
  return { code: codeOf(fields.get('Error/Code')), region: typeof region === 'string' ? region : undefined }
}

function errorOf (status: number, code: string, who: string): Error {
  const reason = `the store answered ${[status, code].filter(Boolean).join(' ')}`
  if (status >= 500 || status === 408 || status === 429 || code === 'RequestTimeout') return new Error(reason)
  const why = Object.hasOwn(REASONS, code) ? `: ${REASONS[code]?.(who)}` : ''
  const message = `${reason}${why}`
  return ABSENT_CODES.has(code) || (status === 404 && code === '') ? new Absent(message) : new Final(message)
}
