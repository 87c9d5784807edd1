import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ModelUnfetched } from '../errors.ts'
import { unpack } from './archive.ts'

export interface FetchOptions {
  /**
   * Where the model is: `https:`, `http:` or `file:`. One that ends in `.tar.gz` or `.tgz` is an archive of the whole folder;
   * any other is `model.onnx`, and `card.json` comes from beside it where the folder has none.
   */
  url: string
  /** Sent as `Authorization`: a bare one as `token …`, one with its scheme, such as `Bearer …`, as it is. */
  token?: string | undefined
  /** Of what is at the URL, in hex. */
  sha256?: string | undefined
  /** Bytes of a file, at most. */
  limit: number
  /** Called with each piece that arrives: bytes so far, and in all where that is known. */
  onProgress?: ((file: string, received: number, total: number | null) => void) | undefined
  /** Milliseconds before the second attempt, twice as many before the next. */
  backoff?: number
}

/** What is there of a file, and what named its state when that was received. */
interface Received {
  offset: number
  validator: string
}

/** The bytes of a file from `offset` on. */
interface Piece extends Received {
  bytes: AsyncIterable<Uint8Array>
  /** Bytes of the whole file, where that is known. */
  total: number | null
}

/** Opens a file, to go on where `received` ends if the file is still the same. */
type Source = (url: URL, received: Received, token: string | undefined) => Promise<Piece>

/** Where models come from, by the scheme of their URL. */
const SOURCES: Record<string, Source> = { 'https:': fromServer, 'http:': fromServer, 'file:': fromDisk }

const ATTEMPTS = 5

const BACKOFF = 500

/** Milliseconds without a byte after which a download is given up and tried again. */
const SILENCE = 15_000

/** Milliseconds without a byte after which a part that another machine was receiving is taken for abandoned. */
const ABANDONED = 4 * SILENCE

/** Which host, or which container, this is. */
const HOST = shortHash(hostname())

/** The parts that this process is receiving. */
const receiving = new Set<string>()

/** A failure that another attempt will not mend. */
class Final extends Error {}

/**
 * Puts a model into a folder: `card.json` where there is none, or all of an archive's files, and last `model.onnx`. Each
 * file appears whole or not at all, and what an interrupted download had received is not downloaded again.
 *
 * @throws ModelUnfetched, which names the URL without its secrets
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
export async function fetchModel (folder: string, options: FetchOptions): Promise<void> {
  if (!URL.canParse(options.url)) throw new ModelUnfetched('MODEL_URL', 'it is no URL')
  const url = new URL(options.url)
  const [card, model] = [join(folder, 'card.json'), join(folder, 'model.onnx')]
  await mkdir(folder, { recursive: true })
  if (/\.(tar\.gz|tgz)$/.test(url.pathname)) {
    return await download(url, model, options, async archive => {
      await unpack(archive, folder, options.limit).catch(error => { throw new Final(reasonOf(error)) })
    })
  }
  if (!await exists(card)) await download(new URL('card.json', url), card, { ...options, sha256: undefined })
  await download(url, model, options)
}

/** @param settle makes the file of what was received, under a temporary name */
async function download (
  url: URL, file: string, { backoff = BACKOFF, ...options }: FetchOptions, settle = (part: string) => rename(part, file)
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
      // Another process may have been faster with the same file.
      if (await exists(file)) return
      if (error instanceof Final || attempt === ATTEMPTS) throw new ModelUnfetched(withoutSecrets(url), reasonOf(error))
      await sleep(backoff * 2 ** (attempt - 1))
    }
  }
}

/** @returns path of the whole file, under its temporary name */
async function receive (url: URL, file: string, { token, limit, onProgress }: Omit<FetchOptions, 'backoff'>): Promise<string> {
  const source = SOURCES[url.protocol]
  if (!source) throw new Final(`'${url.protocol}' is not one of ${Object.keys(SOURCES).join(' ')}`)
  if (url.username || url.password) throw new Final('credentials in the URL are not sent; use MODEL_TOKEN')
  const begun = await claim(url, file)
  let part = begun?.part
  try {
    const { bytes, offset, validator, total } = await source(url, begun ?? { offset: 0, validator: '' }, token)
    if (part === undefined || offset === 0) {
      if (part !== undefined) await discard(part)
      part = partOf(url, file, validator)
    }
    const output = await open(part, offset > 0 ? 'a' : 'w')
    let position = offset
    try {
      if (total !== null && total > limit) throw new Final(`it has ${total} bytes, over the limit of ${limit} (MODEL_LIMIT)`)
      for await (const piece of bytes) {
        if (position + piece.length > limit) throw new Final(`it has more bytes than the limit of ${limit} (MODEL_LIMIT)`)
        await output.appendFile(piece)
        position += piece.length
        onProgress?.(file, position, total)
      }
      if (total !== null && position !== total) throw new Error(`it ended after ${position} of ${total} bytes`)
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
 * A new temporary name for a file that this process receives. It says of which state of which URL the bytes are, so that
 * another process can go on, and who receives them.
 */
function partOf (url: URL, file: string, validator: string): string {
  const state = Buffer.from(validator).toString('base64url').slice(0, 150)
  const part = `${file}.${placeOf(url)}.${state}.${HOST}.${process.pid}.${randomUUID().slice(0, 8)}.part`
  receiving.add(part)
  return part
}

/** Of a URL without its query, which may be a signature that is new each time. */
function placeOf ({ origin, pathname }: URL): string {
  return shortHash(origin + pathname)
}

function shortHash (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Takes over what an earlier attempt has received, of this process or of one that has ended. */
async function claim (url: URL, file: string): Promise<Received & { part: string } | null> {
  const start = `${basename(file)}.${placeOf(url)}.`
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(start)) continue
    const [, state = '', host = '', pid] = /^([\w-]*)\.([\w-]*)\.(\d+)\.[\w-]+\.part$/.exec(name.slice(start.length)) ?? []
    const left = join(dirname(file), name)
    if (pid === undefined || await isAlive(left, host, Number(pid))) continue
    const validator = Buffer.from(state, 'base64url').toString()
    const part = partOf(url, file, validator)
    // Of two processes that try, one succeeds.
    const offset = await rename(left, part).then(async () => (await stat(part)).size, () => 0)
    if (offset > 0 && validator !== '') return { part, offset, validator }
    await discard(part)
  }
  return null
}

/** Whether a part is still being received. A process of another host, or of another container, is known by what it writes. */
async function isAlive (part: string, host: string, pid: number): Promise<boolean> {
  if (host !== HOST) return await stat(part).then(({ mtimeMs }) => Date.now() - mtimeMs < ABANDONED, () => true)
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
  const heard = setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE / 1000} seconds`)), SILENCE)
  // On a redirect to another origin, fetch() leaves the Authorization behind.
  const response = await fetch(url, {
    signal: silence.signal,
    headers: {
      // Lengths and offsets are of the file, not of a compressed form of it.
      'accept-encoding': 'identity',
      ...token && { authorization: token.includes(' ') ? token : `token ${token}` },
      ...offset > 0 && { range: `bytes=${offset}-`, 'if-range': validator }
    }
  }).finally(() => clearTimeout(heard))
  const { status, headers, body } = response
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  const etag = headers.get('etag') ?? ''
  // A weak ETag does not promise the same bytes.
  const state = etag.startsWith('"') ? etag : headers.get('last-modified') ?? ''
  // 416: there is no more to send. 206 of another state: the server does not know If-Range, or the file has changed.
  if (offset > 0 && (status === 416 || (status === 206 && state !== validator))) {
    await body?.cancel()
    return await fromServer(url, { offset: 0, validator: '' }, token)
  }
  if (status === 206 && Number(first) !== offset) {
    await body?.cancel()
    throw new Error('the server sent another part than it was asked for')
  }
  if (!body || (status !== 200 && status !== 206)) {
    await body?.cancel()
    const reason = `the server answered ${status} ${response.statusText}`
    throw status >= 500 || status === 408 || status === 429 ? new Error(reason) : new Final(reason)
  }
  const length = headers.get('content-length')
  return {
    bytes: unlessSilent(body, silence),
    offset: status === 206 ? offset : 0,
    total: status === 206 ? Number(size) : length === null ? null : Number(length),
    validator: state
  }
}

async function * unlessSilent (bytes: AsyncIterable<Uint8Array>, silence: AbortController): AsyncGenerator<Uint8Array> {
  const abort = () => silence.abort(new Error(`nothing came for ${SILENCE / 1000} seconds`))
  let timer = setTimeout(abort, SILENCE)
  try {
    for await (const piece of bytes) {
      clearTimeout(timer)
      yield piece
      timer = setTimeout(abort, SILENCE)
    }
  } finally {
    clearTimeout(timer)
  }
}

async function fromDisk (url: URL, received: Received): Promise<Piece> {
  const path = fileURLToPath(url)
  const { size, mtimeMs } = await stat(path).catch(error => { throw new Final(reasonOf(error)) })
  const validator = `${size}-${mtimeMs}`
  const offset = validator === received.validator ? received.offset : 0
  return { bytes: createReadStream(path, { start: offset }), offset, total: size, validator }
}

/** A URL without what may be secret: its credentials and the values of its query. */
function withoutSecrets ({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search && '?…'}`
}

/** fetch() hides what went wrong in `cause`. */
function reasonOf (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message
}

async function exists (file: string): Promise<boolean> {
  return await access(file).then(() => true, () => false)
}
