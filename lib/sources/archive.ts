import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** How deep folders may lie inside one another in an archive. */
const DEPTH_LIMIT = 16

/** Largest number of files and folders in an archive. */
const ENTRY_LIMIT = 10_000

/** How the name of a folder begins in which an archive is being unpacked. */
export const STAGE = '.unpacked-'

/** Files of a model that its name alone tells. Any `.onnx` file counts as well. */
const MODEL_NAMES = new Set(['MLmodel'])

/** Whether the name of a file is that of an archive. */
export function isArchive (path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz|zip)$/i.test(path)
}

/**
 * Unpacks an archive of a model folder: `.tar`, `.tar.gz` or `.zip`. The files may be at the top of the archive or in one
 * folder.
 *
 * Moves ONNX files last: if unpacking is interrupted, there is never a model without its other files. Writes only inside
 * the folder. Refuses archives with links, devices or other special files.
 *
 * @param archive path of the archive; its first bytes tell its format
 * @param folder path of the model's folder
 * @param limitBytes largest size of the unpacked archive
 * @throws Error whose message says what is wrong with the archive
 * @see https://github.com/isaacs/node-tar#security
 * @see https://github.com/thejoshwolfe/yauzl#no-streaming-unzip-api
 */
export async function unpack (archive: string, folder: string, limitBytes: number): Promise<void> {
  const stage = await mkdtemp(join(folder, STAGE))
  try {
    const format = await formatOf(archive)
    if (format === 'zip') await unpackZip(archive, stage, limitBytes)
    else await unpackTar(archive, stage, limitBytes, format === 'gzip')
    if (!(await readdir(stage, { recursive: true, withFileTypes: true })).some(each => each.isFile() && isModel(each.name))) {
      throw new Error('the archive has no model: neither an .onnx file, such as model.onnx, nor an MLmodel')
    }
    await moveAll(await topOf(stage), folder)
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** Whether a file is one of the model itself, by its name without folders. */
export function isModel (name: string): boolean {
  return extname(name) === '.onnx' || MODEL_NAMES.has(name)
}

/** The format by the first bytes of the file. */
async function formatOf (archive: string): Promise<'zip' | 'gzip' | 'tar'> {
  const file = await open(archive)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(262), 0, 262, 0)
    if (bytesRead === 0) throw new Error('the archive is empty (0 bytes)')
    const head = buffer.subarray(0, bytesRead)
    // The second is the end of a ZIP file, which begins an empty one.
    if (head.indexOf('PK\x03\x04', 0, 'latin1') === 0 || head.indexOf('PK\x05\x06', 0, 'latin1') === 0) return 'zip'
    if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
    if (head.subarray(257).toString('latin1') === 'ustar') return 'tar'
    throw new Error('it is not an archive: its first bytes are those of no .tar, .tar.gz or .zip file')
  } finally {
    await file.close()
  }
}

async function unpackTar (archive: string, stage: string, limitBytes: number, isCompressed: boolean): Promise<void> {
  // Only archives need it, and a start should not wait for it.
  const { extract } = await import('tar')
  let unpackedBytes = 0
  let entries = 0
  let fault: string | undefined
  const output = extract({
    cwd: stage,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'unknown'
      if (++entries > ENTRY_LIMIT) fault ??= tooMany()
      if (isTooDeep(path)) fault ??= tooDeep(path)
      if (type !== 'File' && type !== 'OldFile' && type !== 'Directory') fault ??= `the archive holds '${path}', which is a ${type} and not a file; pack it again without links and devices`
      return fault === undefined
    }
  })
  // Not a generator: after one, pipeline() misses the end of an output that ends at once, and never settles.
  const watch = new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      unpackedBytes += piece.length
      if (unpackedBytes > limitBytes) fault = tooLarge(limitBytes)
      done(fault === undefined ? null : new Error(fault), piece)
    }
  })
  if (isCompressed) await pipeline(createReadStream(archive), createGunzip(), watch, output)
  else await pipeline(createReadStream(archive), watch, output)
  if (fault !== undefined) throw new Error(fault)
}

async function unpackZip (archive: string, stage: string, limitBytes: number): Promise<void> {
  const { default: { openPromise } } = await import('yauzl')
  // The library refuses names that lead out of the folder, and files with other sizes than the archive says.
  const zip = await openPromise(archive, { autoClose: false, lazyEntries: true })
  try {
    if (zip.entryCount > ENTRY_LIMIT) throw new Error(tooMany())
    let unpackedBytes = 0
    for await (const entry of zip.eachEntry()) {
      const path = join(stage, entry.fileName)
      const type = typeOfMode(entry.externalFileAttributes >>> 16)
      if (type !== null) throw new Error(`the archive holds '${entry.fileName}', which is a ${type} and not a file; pack it again without links and devices`)
      if (isTooDeep(entry.fileName)) throw new Error(tooDeep(entry.fileName))
      if (entry.isEncrypted()) throw new Error(`'${entry.fileName}' in the archive is encrypted; pack it without a password`)
      unpackedBytes += entry.uncompressedSize
      if (unpackedBytes > limitBytes) throw new Error(tooLarge(limitBytes))
      if (entry.fileName.endsWith('/')) {
        await mkdir(path, { recursive: true })
        continue
      }
      await mkdir(dirname(path), { recursive: true })
      // `wx`: a name that the archive holds twice is refused.
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }))
    }
  } finally {
    zip.close()
  }
}

/** What an entry of a ZIP file is by its Unix mode, if it is neither a file nor a folder. Archives of other systems have mode 0. */
function typeOfMode (mode: number): string | null {
  switch (mode & 0o170000) {
    case 0: case 0o100000: case 0o040000: return null
    case 0o120000: return 'SymbolicLink'
    default: return 'special file'
  }
}

/** Each level makes a folder, of which a path of a few bytes may name a thousand. */
function isTooDeep (path: string): boolean {
  return path.split('/').length > DEPTH_LIMIT
}

function tooDeep (path: string): string {
  return `the archive holds '${path.slice(0, 80)}…' in more than ${DEPTH_LIMIT} folders inside one another; pack the folder of the model alone`
}

function tooMany (): string {
  return `the archive has more than ${ENTRY_LIMIT} entries`
}

function tooLarge (limitBytes: number): string {
  return `the unpacked archive has more bytes than the limit of ${limitBytes} (MODEL_LIMIT)`
}

/** The top of the unpacked archive, or the only folder in it. Hidden files, such as those of macOS, do not count. */
async function topOf (stage: string): Promise<string> {
  const names = (await readdir(stage)).filter(name => !name.startsWith('.') && name !== '__MACOSX')
  const [only] = names
  if (names.length !== 1 || only === undefined || isModel(only)) return stage
  const folder = join(stage, only)
  return (await lstat(folder)).isDirectory() && only !== 'onnx' ? folder : stage
}

/** Moves the files of one folder to another, ONNX files last. */
async function moveAll (from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const all = await readdir(from, { withFileTypes: true })
  for (const each of all.sort((a, b) => Number(isModel(a.name)) - Number(isModel(b.name)))) {
    const [source, target] = [join(from, each.name), join(to, each.name)]
    if (each.isDirectory()) await moveAll(source, target)
    else await rename(source, target)
  }
}
