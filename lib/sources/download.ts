import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SILENCE_MS } from './http.ts'
import { Absent, Final, type Entry, type Piece, type Received, type Source } from './source.ts'

/** Called for each piece of a file that arrives; `totalBytes` is `null` if the source does not know it. */
export type OnProgress = (file: string, receivedBytes: number, totalBytes: number | null) => void

/** Limits and checks of a download. */
export interface DownloadOptions {
  /** Largest size of the file, and of all files of the model together. */
  limitBytes: number
  /** Bytes of the other files, which count to the limit. */
  usedBytes?: number
  /** Expected SHA-256, in hex, beside the digest that the source knows. */
  sha256?: string | undefined
  onProgress?: OnProgress | undefined
  /** Time before the second attempt; doubles with each further attempt. */
  backoffMs?: number | undefined
  /** Partial files that are there, by `partsIn`. Without it, the file's folder is searched. */
  parts?: readonly string[]
  /** Tells the model apart from others at the same printed address. */
  identity?: string | undefined
  /** Turns the complete download, which has a temporary name, into the file. Without it, it is renamed. */
  settle?: ((part: string) => Promise<void>) | undefined
}

/** Number of attempts. */
const ATTEMPTS = 5

/** Default time before the second attempt. */
const BACKOFF_MS = 500

/** After an attempt that brought so much, the attempts are counted anew: a large file may come over a bad line. */
const PROGRESS_BYTES = 16 * 1024 * 1024

/** If a partial file of another host has not grown for this time, this process takes it over. */
const ABANDONED_MS = 4 * SILENCE_MS

/** Longest parts of the name of a partial file, so that the whole fits into the 255 bytes of file systems. */
const NAME_LENGTH = 40
const VERSION_LENGTH = 120

/** Identifies this host or container in the names of partial files. */
const HOST = shortHash(hostname())

/** Paths of the partial files that this process is receiving. */
const receiving = new Set<string>()

/** A file that is being received: where, and what the source has said of it. */
interface Part {
  path: string
  bytes: number
  /** Whether some of its bytes came in an earlier attempt. */
  isResumed: boolean
  digests: readonly Digest[]
}

/** What a file must hash to, and what says so. */
type Digest = NonNullable<Entry['digest']> & { saidBy?: string }

/**
 * Downloads one file of a source, in several attempts if necessary. It appears under its name only when it is complete and
 * verified. An interrupted download continues where it stopped, also by another process.
 *
 * @param file path of the file; its folder is made
 * @returns its size, or null if it is optional and the source has none
 * @throws Final, or the error of the last attempt
 */
export async function download (source: Source, entry: Entry, file: string, options: DownloadOptions): Promise<number | null> {
  const { settle = async part => await rename(part, file) } = options
  await mkdir(dirname(file), { recursive: true })
  const wasThere = await exists(file)
  const parts = new Set(options.parts ?? await partsIn(dirname(file)))
  let before = 0
  try {
    return await attempt(async again => {
      const reached = { bytes: 0 }
      try {
        const part = await receive(source, entry, file, options, parts, reached)
        try {
          await verify(part)
          await settle(part.path)
        } finally {
          await discard(part.path)
        }
        return part.bytes
      } catch (error) {
        // Another process may have completed the same file meanwhile.
        if (!wasThere && await exists(file)) return (await stat(file)).size
        if (reached.bytes - before >= PROGRESS_BYTES) again()
        before = Math.max(before, reached.bytes)
        throw error
      }
    }, options)
  } catch (error) {
    if (entry.isOptional && error instanceof Absent) return null
    throw error
  }
}

/**
 * Does something until it succeeds, fails for good, or has failed five times.
 *
 * @param work may call its argument to have the attempts counted anew
 * @throws Final, or the error of the last attempt
 */
export async function attempt<Result> (work: (again: () => void) => Promise<Result>, { attempts = ATTEMPTS, backoffMs = BACKOFF_MS }: { attempts?: number, backoffMs?: number | undefined } = {}): Promise<Result> {
  for (let number = 1; ; number++) {
    try {
      return await work(() => { number = 0 })
    } catch (error) {
      if (error instanceof Final || number >= attempts) throw error
      await sleep(backoffMs * 2 ** Math.max(0, number - 1))
    }
  }
}

/** Makes one attempt to receive a file. */
async function receive (
  source: Source, entry: Entry, file: string, { limitBytes, usedBytes = 0, sha256, onProgress, identity = source.address }: DownloadOptions, parts: Set<string>, reached: { bytes: number }
): Promise<Part> {
  const id = shortHash(`${identity}\0${entry.path}`)
  const earlier = await claim(id, file, parts)
  let path = earlier?.path
  try {
    const piece = await source.open(entry, earlier ?? { offsetBytes: 0, validator: '' })
    const { offsetBytes, validator, totalBytes } = piece
    if (path === undefined || offsetBytes === 0) {
      if (path !== undefined) await discard(path)
      path = partOf(id, file, validator)
    }
    const check = (bytes: number) => { if (usedBytes + bytes > limitBytes) throw new Final(tooLarge(bytes, totalBytes, usedBytes, limitBytes)) }
    const output = await open(path, offsetBytes > 0 ? 'a' : 'w')
    let bytes = offsetBytes
    try {
      check(totalBytes ?? 0)
      for await (const each of piece.bytes) {
        check(bytes + each.length)
        await output.appendFile(each)
        bytes += each.length
        reached.bytes = bytes
        onProgress?.(file, bytes, totalBytes)
      }
      // The end of a connection looks like that of a file where the server says no length.
      const expected = totalBytes ?? entry.bytes
      if (expected !== null && bytes !== expected) throw new Error(`the download ended after ${bytes} of ${expected} bytes`)
      // Of a file whose size is known only now, this is the end.
      if (totalBytes === null) onProgress?.(file, bytes, bytes)
      await output.sync()
      return { path, bytes, isResumed: offsetBytes > 0, digests: digestsOf(entry, piece, sha256) }
    } finally {
      await output.close()
      // Closes the connection if a byte of it has not been asked for.
      await close(piece)
    }
  } catch (error) {
    if (path !== undefined) {
      if (error instanceof Final) await discard(path)
      else {
        receiving.delete(path)
        parts.add(path)
      }
    }
    throw error
  }
}

/** Ends what was opened, whether it has been read or not. */
export async function close ({ bytes }: Pick<Piece, 'bytes'>): Promise<void> {
  if (bytes instanceof Readable) bytes.destroy()
  else await bytes[Symbol.asyncIterator]().return?.()
}

function tooLarge (bytes: number, totalBytes: number | null, usedBytes: number, limitBytes: number): string {
  if (usedBytes > 0 && bytes <= limitBytes) return `the files have more bytes together than the limit of ${limitBytes} (MODEL_LIMIT)`
  return bytes === totalBytes ? `the file has ${totalBytes} bytes, over the limit of ${limitBytes} (MODEL_LIMIT)` : `the file has more bytes than the limit of ${limitBytes} (MODEL_LIMIT)`
}

async function discard (path: string): Promise<void> {
  receiving.delete(path)
  await rm(path, { force: true })
}

/**
 * Makes a new temporary path for a file that this process receives. The name holds what is received (hashed) and its validator,
 * so that another process can continue the download, and the host and process that receive it.
 */
function partOf (id: string, file: string, validator: string): string {
  const version = Buffer.from(validator).toString('base64url').slice(0, VERSION_LENGTH)
  const path = `${prefixOf(id, file)}${version}.${HOST}.${process.pid}.${randomUUID().slice(0, 8)}.part`
  receiving.add(path)
  return path
}

/** A long name is cut. The id tells files apart. */
function prefixOf (id: string, file: string): string {
  return join(dirname(file), `${basename(file).replaceAll(/[^\w.-]/g, '_').slice(0, NAME_LENGTH)}.${id}.`)
}

function shortHash (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Paths of the partial files in a folder and below. */
export async function partsIn (folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => [])
  return names.filter(name => name.endsWith('.part')).map(name => join(folder, name))
}

/** Takes over the partial file of an earlier attempt that has ended, if there is one. */
async function claim (id: string, file: string, parts: Set<string>): Promise<Received & { path: string } | null> {
  const prefix = prefixOf(id, file)
  for (const abandoned of parts) {
    if (!abandoned.startsWith(prefix)) continue
    const [, version = '', host = '', pid] = /^([\w-]*)\.([\w-]*)\.(\d+)\.[\w-]+\.part$/.exec(abandoned.slice(prefix.length)) ?? []
    if (pid === undefined || await isReceiving(abandoned, host, Number(pid))) continue
    parts.delete(abandoned)
    const validator = Buffer.from(version, 'base64url').toString()
    const path = partOf(id, file, validator)
    // If two processes try this at once, only one rename() succeeds.
    const offsetBytes = await rename(abandoned, path).then(async () => (await stat(path)).size, () => 0)
    if (offsetBytes > 0 && validator !== '') return { path, offsetBytes, validator }
    await discard(path)
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

/** What the file must hash to, the expectation of the operator first. */
function digestsOf ({ digest }: Entry, { digest: late }: Piece, sha256: string | undefined): Digest[] {
  const known = [digest, late].flatMap(each => each ? [each] : [])
  return sha256 === undefined ? known : [{ algorithm: 'sha256', hex: sha256, saidBy: ' (MODEL_SHA256)' }, ...known]
}

/** @throws Final when the file is not the expected one; an Error when that may be because it came in several attempts */
async function verify ({ path, digests, isResumed }: Part): Promise<void> {
  if (digests.length === 0) return
  const hashes = digests.map(digest => ({ ...digest, hash: createHash(digest.algorithm) }))
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) for (const { hash } of hashes) hash.update(piece)
  for (const { algorithm, hex, saidBy = '', hash } of hashes) {
    const found = hash.digest('hex')
    if (found === hex.toLowerCase()) continue
    const message = `its ${algorithm === 'md5' ? 'MD5' : 'SHA-256'} is ${found}, not ${hex}${saidBy}`
    throw isResumed && !saidBy ? new Error(message) : new Final(message)
  }
}

async function exists (file: string): Promise<boolean> {
  return await access(file).then(() => true, () => false)
}
