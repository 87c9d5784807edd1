import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { glob, hasMagic } from 'glob'
import { attempt } from '../lib/sources/download.ts'
import { pathOf } from '../lib/sources/file.ts'
import { openUrl, reasonOf } from '../lib/sources/http.ts'
import { schemeOf } from '../lib/sources/index.ts'
import { printable } from '../lib/sources/printable.ts'

/** A file to be answered. */
export interface Input {
  /** Its path, its address, or `-`. */
  name: string
  /** @throws Error with one line that names the input */
  read: () => Promise<Buffer>
}

/** Attempts to reach an address. */
const ATTEMPTS = 2

/** The standard input as an argument. */
export const STANDARD_INPUT = '-'

/** `photo2.jpg` comes before `photo10.jpg`. */
const { compare } = new Intl.Collator('en', { numeric: true })

/**
 * Finds the inputs that an argument names: a file, all files of a folder and below whose names end as said, those that a pattern
 * such as `photos/*.jpg` matches, an address (`https:`, `http:`), or the standard input (`-`). Hidden files are left out.
 *
 * A file is read when it is asked for. Only a file of this machine may be larger than the limit: what comes from elsewhere may never end.
 *
 * @param extensions how the names of files in a folder end
 * @param limitBytes largest size of an input from an address, the standard input or a pipe
 * @throws Error with one line, if there is no such input
 */
export async function inputsOf (argument: string, extensions: readonly string[], limitBytes: number): Promise<Input[]> {
  if (argument === STANDARD_INPUT) return [{ name: argument, read: async () => await upTo(process.stdin, limitBytes, 'the standard input') }]
  const scheme = schemeOf(argument)
  if (scheme === 'https:' || scheme === 'http:') return [{ name: argument, read: async () => await download(argument, limitBytes) }]
  if (scheme !== null && scheme !== 'file:') throw new Error(`${printable(argument)} is not an input: it must be a file, a folder, a pattern, an https: or http: address, or - for the standard input`)
  const path = scheme === null ? argument : pathOf(argument)
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return await inFolder(path, extensions, limitBytes)
  if (found === null && hasMagic(path, { magicalBraces: true })) return await matching(path, limitBytes)
  return [fileAt(path, limitBytes)]
}

async function inFolder (folder: string, extensions: readonly string[], limitBytes: number): Promise<Input[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter(entry => !entry.isDirectory() && extensions.includes(extname(entry.name).toLowerCase()))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !path.slice(folder.length).split(/[\\/]/).some(part => part.startsWith('.')))
  if (paths.length === 0) throw new Error(`${folder} holds no file for this model; their names end in ${extensions.join(', ')}`)
  return paths.sort(compare).map(path => fileAt(path, limitBytes))
}

async function matching (pattern: string, limitBytes: number): Promise<Input[]> {
  const paths = await glob(pattern, { nodir: true, windowsPathsNoEscape: process.platform === 'win32' })
  if (paths.length === 0) throw new Error(`no file matches ${pattern}`)
  return paths.sort(compare).map(path => fileAt(path, limitBytes))
}

function fileAt (path: string, limitBytes: number): Input {
  return {
    name: path,
    read: async () => {
      const { isFile, isDirectory } = await stat(path).then(found => ({ isFile: found.isFile(), isDirectory: found.isDirectory() }))
      // A pipe or a device may never end.
      return isFile || isDirectory ? await readFile(path) : await upTo(createReadStream(path), limitBytes, path)
    }
  }
}

async function download (address: string, limitBytes: number): Promise<Buffer> {
  const name = printable(address)
  if (!URL.canParse(address)) throw new Error(`${name} is not a URL`)
  try {
    return await attempt(async () => {
      const { bytes } = await openUrl(new URL(address), { offsetBytes: 0, validator: '' })
      return await upTo(bytes, limitBytes, 'its answer')
    }, { attempts: ATTEMPTS })
  } catch (error) {
    throw new Error(`${name}: ${reasonOf(error)}`)
  }
}

async function upTo (pieces: AsyncIterable<Uint8Array>, limitBytes: number, name: string): Promise<Buffer> {
  const all: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > limitBytes) throw new Error(`${name} has more than ${limitBytes} bytes; save it as a file, or raise the limit with --upload-limit`)
    all.push(piece)
  }
  return Buffer.concat(all)
}
