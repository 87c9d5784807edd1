import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar'

/** Files and folders in an archive, at most. */
const ENTRY_LIMIT = 10_000

/**
 * Unpacks a `.tar.gz` of a model's folder, with or without the folder itself, into a folder. `model.onnx` is moved there
 * last, so that whatever stops this, there is no model without its files. Nothing is written outside the folder, and of
 * links, devices and the like an archive may hold none.
 *
 * @param limit bytes of the unpacked archive
 * @throws Error in words for people
 * @see https://github.com/isaacs/node-tar#security
 */
export async function unpack (archive: string, folder: string, limit: number): Promise<void> {
  const stage = await mkdtemp(join(folder, '.unpacked-'))
  let unpacked = 0
  let entries = 0
  let fault: string | undefined
  const output = extract({
    cwd: stage,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'unknown'
      if (++entries > ENTRY_LIMIT) fault ??= `the archive has more than ${ENTRY_LIMIT} entries`
      if (type !== 'File' && type !== 'OldFile' && type !== 'Directory') fault ??= `the archive holds '${path}', which is a ${type} and no file`
      return fault === undefined
    }
  })
  // Not a generator: after one, pipeline() misses the end of an output that ends at once, and never settles.
  const watch = new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      unpacked += piece.length
      if (unpacked > limit) fault = `unpacked, it has more bytes than the limit of ${limit} (MODEL_LIMIT)`
      done(fault === undefined ? null : new Error(fault), piece)
    }
  })
  try {
    await pipeline(createReadStream(archive), createGunzip(), watch, output)
    if (fault !== undefined) throw new Error(fault)
    const root = await rootOf(stage)
    if (root === null) throw new Error('the archive holds no model.onnx')
    await moveAll(root, folder)
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** The folder that holds the model: the archive's own, or one in it. */
async function rootOf (stage: string): Promise<string | null> {
  for (const folder of [stage, ...(await readdir(stage, { withFileTypes: true })).flatMap(each => each.isDirectory() ? [join(stage, each.name)] : [])]) {
    if (await access(join(folder, 'model.onnx')).then(() => true, () => false)) return folder
  }
  return null
}

async function moveAll (from: string, to: string): Promise<void> {
  const last = (name: string) => Number(name === 'model.onnx')
  await mkdir(to, { recursive: true })
  for (const each of (await readdir(from, { withFileTypes: true })).sort((a, b) => last(a.name) - last(b.name))) {
    const [old, name] = [join(from, each.name), join(to, each.name)]
    if (each.isDirectory()) await moveAll(old, name)
    else await rename(old, name)
  }
}
