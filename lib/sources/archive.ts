import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar'

/** Largest number of files and folders in an archive. */
const ENTRY_LIMIT = 10_000

/**
 * Unpacks a `.tar.gz` of a model folder. The files may be at the top of the archive or in one folder.
 *
 * Moves `model.onnx` last: if unpacking is interrupted, there is never a model without its other files. Writes only
 * inside the folder. Refuses archives with links, devices or other special files.
 *
 * @param archive path of the archive
 * @param folder path of the model's folder
 * @param limitBytes largest size of the unpacked archive
 * @throws Error whose message says what is wrong with the archive
 * @see https://github.com/isaacs/node-tar#security
 */
export async function unpack (archive: string, folder: string, limitBytes: number): Promise<void> {
  const stage = await mkdtemp(join(folder, '.unpacked-'))
  let unpackedBytes = 0
  let entries = 0
  let fault: string | undefined
  const output = extract({
    cwd: stage,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'unknown'
      if (++entries > ENTRY_LIMIT) fault ??= `the archive has more than ${ENTRY_LIMIT} entries`
      if (type !== 'File' && type !== 'OldFile' && type !== 'Directory') fault ??= `the archive holds '${path}', which is a ${type} and not a file`
      return fault === undefined
    }
  })
  // Not a generator: after one, pipeline() misses the end of an output that ends at once, and never settles.
  const watch = new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      unpackedBytes += piece.length
      if (unpackedBytes > limitBytes) fault = `the unpacked archive has more bytes than the limit of ${limitBytes} (MODEL_LIMIT)`
      done(fault === undefined ? null : new Error(fault), piece)
    }
  })
  try {
    await pipeline(createReadStream(archive), createGunzip(), watch, output)
    if (fault !== undefined) throw new Error(fault)
    const root = await rootOf(stage)
    if (root === null) throw new Error('the archive has no model.onnx')
    await moveAll(root, folder)
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** The folder that holds `model.onnx`: the top of the unpacked archive or a folder in it. */
async function rootOf (stage: string): Promise<string | null> {
  for (const folder of [stage, ...(await readdir(stage, { withFileTypes: true })).flatMap(each => each.isDirectory() ? [join(stage, each.name)] : [])]) {
    if (await access(join(folder, 'model.onnx')).then(() => true, () => false)) return folder
  }
  return null
}

/** Moves the files of one folder to another, `model.onnx` last. */
async function moveAll (from: string, to: string): Promise<void> {
  const isModel = (name: string) => Number(name === 'model.onnx')
  await mkdir(to, { recursive: true })
  for (const each of (await readdir(from, { withFileTypes: true })).sort((a, b) => isModel(a.name) - isModel(b.name))) {
    const [source, target] = [join(from, each.name), join(to, each.name)]
    if (each.isDirectory()) await moveAll(source, target)
    else await rename(source, target)
  }
}
