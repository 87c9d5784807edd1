import { realpath, stat } from 'node:fs/promises'
import { join, posix, win32 } from 'node:path'
import { isInside } from '../inside.ts'
import { quoted, sizeOf, type TensorHead } from './tensor.ts'
import { OnnxFault } from './wire.ts'

/** Files of external data, and the bytes that they have together. */
export interface ExternalFiles {
  /** Relative to the ONNX file's folder, each once. */
  locations: string[]
  bytes: number
}

/** Most files of external data. */
const FILES = 10_000

/** Longest path of a file. */
const PATH_LENGTH = 1024

/**
 * Checks that the data of tensors lie in files that are inside the ONNX file's folder and long enough, before ONNX
 * Runtime opens one.
 *
 * @param folder real path of the ONNX file's folder
 * @throws OnnxFault when a file is missing, too short, outside the folder, or no file
 * @see https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
export async function checkExternal (tensors: readonly TensorHead[], folder: string): Promise<ExternalFiles> {
  const sizes = new Map<string, number>()
  for (const tensor of tensors) {
    const location = locationOf(tensor)
    const size = sizes.get(location) ?? await sizeOfFile(folder, location)
    sizes.set(location, size)
    if (sizes.size > FILES) throw new OnnxFault(`keeps its data in more than ${FILES} files; export it with all of them in one`)
    const end = offsetOf(tensor) + lengthOf(tensor)
    if (end > size) {
      throw new OnnxFault(`needs ${end} bytes of ${quoted(location)} for the tensor ${quoted(tensor.name)}, and the file has ${size}; copy or download it again`)
    }
  }
  return { locations: [...sizes.keys()], bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }
}

function locationOf ({ name, external }: TensorHead): string {
  const location = external?.get('location') ?? ''
  if (location === '') throw new OnnxFault(`does not say in which file the data of the tensor ${quoted(name)} lie; export it again`)
  if ([...external?.keys() ?? []].some(key => key.startsWith('prepacked'))) {
    throw new OnnxFault(`holds data that ONNX Runtime prepacked for another machine (tensor ${quoted(name)}); export it again without`)
  }
  const isLocal = location.length <= PATH_LENGTH && !posix.isAbsolute(location) && !win32.isAbsolute(location) && !/^[a-z]:/i.test(location) &&
    // ONNX Runtime reads a location that starts with */ as an address in memory.
    !/[\\*\p{Cc}]/u.test(location) && !location.split('/').includes('..')
  if (!isLocal) {
    throw new OnnxFault(`keeps data in ${quoted(location)}, which may be outside its folder; put the file beside the model and export with its name alone`)
  }
  return posix.normalize(location)
}

async function sizeOfFile (folder: string, location: string): Promise<number> {
  const path = join(folder, location)
  try {
    if (!isInside(folder, await realpath(path))) {
      throw new OnnxFault(`keeps data in ${quoted(location)}, a link out of its folder; replace the link with the file (cp -L)`)
    }
    const { size, isFile } = await stat(path).then(stats => ({ size: stats.size, isFile: stats.isFile() }))
    if (!isFile) throw new OnnxFault(`keeps data in ${quoted(location)}, which is no file; copy the exporter's file there`)
    return size
  } catch (error) {
    if (error instanceof OnnxFault) throw error
    throw new OnnxFault(`needs ${quoted(location)} for its weights, and there is no such file that can be read; copy it into the same folder as the model`)
  }
}

function offsetOf ({ name, external }: TensorHead): number {
  return integer(external?.get('offset') ?? '0', name)
}

/** The declared length, or what the elements take if that is more. */
function lengthOf (tensor: TensorHead): number {
  const declared = tensor.external?.get('length')
  return Math.max(declared === undefined ? 0 : integer(declared, tensor.name), sizeOf(tensor) ?? 0)
}

function integer (text: string, name: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new OnnxFault(`says that the data of the tensor ${quoted(name)} are at ${quoted(text)}, which is no number of bytes; export it again`)
  return Number(text)
}
