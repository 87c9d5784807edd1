import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ModelUnfetched } from '../errors.ts'
import { isArchive, unpack } from './archive.ts'

/** Source and limits of a download. */
export interface FetchOptions {
  /**
   * URL of the model, with the scheme `https:`, `http:` or `file:`. If it ends in `.tar.gz`, `.tgz`, `.tar` or `.zip`, it is
   * an archive of the model folder. Otherwise it is `model.onnx`; `card.json` is downloaded from the same place if the folder
   * has none, and the place has one.
   */
  url: string
  /** Value of the `Authorization` header. If it has no scheme, such as `Bearer`, it is sent as `token …`. */
  token?: string | undefined
  /** Expected SHA-256 of the download, in hex. */
  sha256?: string | undefined
  /** Largest size of a downloaded file. */
  limitBytes: number
  /** Called for each piece of a file that arrives; `totalBytes` is `null` if the server does not send it. */
  onProgress?: ((file: string, receivedBytes: number, totalBytes: number | null) => void) | undefined
  /** Time before the second attempt; doubles with each further attempt. */
  backoffMs?: number
}

/** The part of a file that an earlier attempt has received. */
interface Received {
  /** Number of bytes that are on disk. */
  offset: number
  /** Identifies the version of the file: an ETag, a Last-Modified date, or size and time of a local file. */
  validator: string
}

/** The bytes of a file from `offset` on. */
interface Piece extends Received {
  bytes: AsyncIterable<Uint8Array>
  /** Size of the whole file, or `null` if it is unknown. */
  totalBytes: number | null
}

/** Opens a file. Continues after the `received` bytes if the file has not changed since, otherwise starts again. */
type Source = (url: URL, received: Received, token: string | undefined) => Promise<Piece>

/** Supported URL schemes. */
const SOURCES: Record<string, Source> = { 'https:': fromServer, 'http:': fromServer, 'file:': fromDisk }

/** Number of attempts for each file. */
const ATTEMPTS = 5

/** Default time before the second attempt. */
const BACKOFF_MS = 500

/** If no byte arrives for this time, the attempt fails, and the next one starts. */
const SILENCE_MS = 15_000

/** If a partial file of another host has not grown for this time, this process takes it over. */
const ABANDONED_MS = 4 * SILENCE_MS

/** Identifies this host or container in the names of partial files. */
const HOST = shortHash(hostname())

/** Paths of the partial files that this process is receiving. */
const receiving = new Set<string>()

/** An error that another attempt cannot fix. */
class Final extends Error {}

/** The server says that it has no such file, or, as stores do for a file that is not there, that nobody may read it. */
class Absent extends Final {}

/** Statuses of a file that is not there. Stores answer 403 to a caller who may read files and not list them. */
const ABSENT_STATUSES = new Set([403, 404, 410])

/**
 * Downloads a model into a folder: either `card.json` (if the folder has none, and the server one) and `model.onnx`, or all files of an
 * archive. `model.onnx` comes last.
 *
 * Each file appears under its name only when it is complete. An interrupted download continues where it stopped.
 *
 * @param folder path of the model's folder; created if it does not exist
 * @throws ModelUnfetched that names the URL without its secrets
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
export async function fetchModel (folder: string, options: FetchOptions): Promise<void> {
  if (!URL.canParse(options.url)) throw new ModelUnfetched('MODEL_URL', 'it is not a URL')
  const url = new URL(options.url)
  const [card, model] = [join(folder, 'card.json'), join(folder, 'model.onnx')]
  await mkdir(folder, { recursive: true })
  if (isArchive(url.pathname)) {
    return await download(url, model, options, async archive => {
      await unpack(archive, folder, options.limitBytes).catch(error => { throw new Final(reasonOf(error)) })
    })
  }
  if (!await exists(card)) await download(new URL('card.json', url), card, { ...options, sha256: undefined, isOptional: true })
  await download(url, model, options)
}

/**
 * Downloads one file, in several attempts if necessary.
 *
 * @param settle turns the complete download, which has a temporary name, into the file
 */
async function download (
  url: URL, file: string, { backoffMs = BACKOFF_MS, isOptional = false, ...options }: FetchOptions & { isOptional?: boolean }, settle = (part: string) => rename(part, file)
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const part = await receive(url, file, options)
      try {
        await verify(part, options.sha256)
        await settle(part)
      } finally {
        receiving.delete(part)
        await rm(part, { force: true })
      }
      return
    } catch (error) {
      // Another process may have completed the same file meanwhile.
      if (await exists(file) || (isOptional && error instanceof Absent)) return
      if (error instanceof Final || attempt === ATTEMPTS) throw new ModelUnfetched(withoutSecrets(url), reasonOf(error))
      await sleep(backoffMs * 2 ** (attempt - 1))
    }
  }
}

/**
 * Makes one attempt to download a file.
 *
 * @returns the temporary path of the complete file
 */
async function receive (url: URL, file: string, { token, limitBytes, onProgress }: Omit<FetchOptions, 'backoffMs'>): Promise<string> {
  const source = SOURCES[url.protocol]
  if (!source) throw new Final(`the scheme '${url.protocol}' is not one of ${Object.keys(SOURCES).join(' ')}`)
  if (url.username || url.password) throw new Final('credentials in the URL are not sent; use MODEL_TOKEN')
  const earlier = await claim(url, file)
  let part = earlier?.part
  try {
    const { bytes, offset, validator, totalBytes } = await source(url, earlier ?? { offset: 0, validator: '' }, token)
    if (part === undefined || offset === 0) {
      if (part !== undefined) await discard(part)
      part = partOf(url, file, validator)
    }
    const output = await open(part, offset > 0 ? 'a' : 'w')
    let position = offset
    try {
      if (totalBytes !== null && totalBytes > limitBytes) throw new Final(`the file has ${totalBytes} bytes, over the limit of ${limitBytes} (MODEL_LIMIT)`)
      for await (const piece of bytes) {
        if (position + piece.length > limitBytes) throw new Final(`the file has more bytes than the limit of ${limitBytes} (MODEL_LIMIT)`)
        await output.appendFile(piece)
        position += piece.length
        onProgress?.(file, position, totalBytes)
      }
      if (totalBytes !== null && position !== totalBytes) throw new Error(`the download ended after ${position} of ${totalBytes} bytes`)
      await output.sync()
      return part
    } finally {
      await output.close()
    }
  } catch (error) {
    if (part !== undefined) {
      if (error instanceof Final) await discard(part)
      else receiving.delete(part)
    }
    throw error
  }
}

async function discard (part: string): Promise<void> {
  receiving.delete(part)
  await rm(part, { force: true })
}

/**
 * Makes a new temporary path for a file that this process receives. The name holds the URL (hashed) and the validator,
 * so that another process can continue the download, and the host and process that receive it.
 */
function partOf (url: URL, file: string, validator: string): string {
  const version = Buffer.from(validator).toString('base64url').slice(0, 150)
  const part = `${file}.${hashOf(url)}.${version}.${HOST}.${process.pid}.${randomUUID().slice(0, 8)}.part`
  receiving.add(part)
  return part
}

/** Hash of a URL without its query, which may hold a signature that changes with each start. */
function hashOf ({ origin, pathname }: URL): string {
  return shortHash(origin + pathname)
}

function shortHash (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Takes over the partial file of an earlier attempt that has ended, if there is one. */
async function claim (url: URL, file: string): Promise<Received & { part: string } | null> {
  const prefix = `${basename(file)}.${hashOf(url)}.`
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix)) continue
    const [, version = '', host = '', pid] = /^([\w-]*)\.([\w-]*)\.(\d+)\.[\w-]+\.part$/.exec(name.slice(prefix.length)) ?? []
    const abandoned = join(dirname(file), name)
    if (pid === undefined || await isReceiving(abandoned, host, Number(pid))) continue
    const validator = Buffer.from(version, 'base64url').toString()
    const part = partOf(url, file, validator)
    // If two processes try this at once, only one rename() succeeds.
    const offset = await rename(abandoned, part).then(async () => (await stat(part)).size, () => 0)
    if (offset > 0 && validator !== '') return { part, offset, validator }
    await discard(part)
  }
  return null
}

/** Whether a partial file is still being received. If its process is on another host, the time of the last write decides. */
async function isReceiving (part: string, host: string, pid: number): Promise<boolean> {
  if (host !== HOST) return await stat(part).then(({ mtimeMs }) => Date.now() - mtimeMs < ABANDONED_MS, () => true)
  if (pid === process.pid) return receiving.has(part)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function verify (part: string, sha256: string | undefined): Promise<void> {
  if (sha256 === undefined) return
  const hash = createHash('sha256')
  await pipeline(createReadStream(part), hash)
  const found = hash.digest('hex')
  if (found === sha256.toLowerCase()) return
  throw new Final(`its SHA-256 is ${found}, not ${sha256} (MODEL_SHA256)`)
}

async function fromServer (url: URL, received: Received, token: string | undefined): Promise<Piece> {
  const { offset, validator } = received
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(silenceError()), SILENCE_MS)
  // fetch() drops the Authorization header on a redirect to another origin.
  const response = await fetch(url, {
    signal: silence.signal,
    headers: {
      // Without compression, because lengths and offsets must count the bytes of the file itself.
      'accept-encoding': 'identity',
      ...token && { authorization: token.includes(' ') ? token : `token ${token}` },
      ...offset > 0 && { range: `bytes=${offset}-`, 'if-range': validator }
    }
  }).finally(() => clearTimeout(timer))
  const { status, headers, body } = response
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  const etag = headers.get('etag') ?? ''
  // A weak ETag does not guarantee identical bytes.
  const version = etag.startsWith('"') ? etag : headers.get('last-modified') ?? ''
  // 416: the file has no bytes after the offset. 206 with another version: the server ignores If-Range. Both start again.
  if (offset > 0 && (status === 416 || (status === 206 && version !== validator))) {
    await body?.cancel()
    return await fromServer(url, { offset: 0, validator: '' }, token)
  }
  if (status === 206 && Number(first) !== offset) {
    await body?.cancel()
    throw new Error('the server sent another part of the file than requested')
  }
  if (!body || (status !== 200 && status !== 206)) {
    await body?.cancel()
    const reason = `the server answered ${status} ${response.statusText}`
    if (ABSENT_STATUSES.has(status)) throw new Absent(reason)
    throw status >= 500 || status === 408 || status === 429 ? new Error(reason) : new Final(reason)
  }
  const length = headers.get('content-length')
  return {
    bytes: abortedBySilence(body, silence),
    offset: status === 206 ? offset : 0,
    totalBytes: status === 206 ? Number(size) : length === null ? null : Number(length),
    validator: version
  }
}

function silenceError (): Error {
  return new Error(`no data arrived for ${SILENCE_MS / 1000} seconds`)
}

/** Passes the pieces of a response on, and aborts the response if none arrives for SILENCE_MS. */
async function * abortedBySilence (bytes: AsyncIterable<Uint8Array>, silence: AbortController): AsyncGenerator<Uint8Array> {
  const abort = () => silence.abort(silenceError())
  let timer = setTimeout(abort, SILENCE_MS)
  try {
    for await (const piece of bytes) {
      clearTimeout(timer)
      yield piece
      timer = setTimeout(abort, SILENCE_MS)
    }
  } finally {
    clearTimeout(timer)
  }
}

async function fromDisk (url: URL, received: Received): Promise<Piece> {
  const path = fileURLToPath(url)
  const { size, mtimeMs } = await stat(path).catch(error => { throw new Absent(reasonOf(error)) })
  const validator = `${size}-${mtimeMs}`
  const offset = validator === received.validator ? received.offset : 0
  return { bytes: createReadStream(path, { start: offset }), offset, totalBytes: size, validator }
}

/** A URL for messages, without its credentials and its query, which may hold secrets. */
function withoutSecrets ({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search && '?…'}`
}

/** The message of an error. fetch() throws a general error and puts the real one into its `cause`. */
function reasonOf (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message
}

async function exists (file: string): Promise<boolean> {
  return await access(file).then(() => true, () => false)
}
