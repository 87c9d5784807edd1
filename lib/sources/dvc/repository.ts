import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { errorOf, readText, request, withoutSecrets, type Ask } from '../http.ts'
import type { Network } from '../network.ts'
import { Absent, Final, type SourceSettings } from '../source.ts'
import { decoded } from '../web.ts'
import { mergeConfigs, parseConfig, type DvcConfig } from './config.ts'

/** What lies around a `.dvc` file. */
export interface Repository {
  /** The folder of the file, from the root of the repository on, with `/` between folders; empty for the root. */
  folder: string
  config: DvcConfig
  /** Path of the cache; null for a repository on a server. */
  cache: string | null
  /** The server that sent the configuration, or null for a repository of this machine. */
  server: Server | null
}

/** A server that sent a configuration, which says where to go next as a redirect does. */
export interface Server {
  url: URL
  network: Network
}

/** Largest configuration, and `.dvc` file. */
const TEXT_BYTES = 1024 * 1024

/** How many folders above a `.dvc` file may be the root of its repository. */
const LEVELS = 32

/**
 * Finds the repository of a folder: the first folder upwards that holds a folder `.dvc`. Its configuration comes before that of the
 * user, and the local one before both.
 *
 * @throws Final when there is none
 * @see https://dvc.org/doc/command-reference/config#description
 */
export async function openRepository (folder: string, { environment }: SourceSettings): Promise<Repository> {
  let root = resolve(folder)
  for (let level = 0; !await isFolder(join(root, '.dvc')); level++) {
    if (level === LEVELS || dirname(root) === root) throw new Final('there is no folder .dvc with a configuration beside it or above it; copy .dvc/config too, or run dvc pull and name the file that it brings')
    root = dirname(root)
  }
  const user = environment.DVC_GLOBAL_CONFIG_DIR ?? join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'dvc')
  const configs: DvcConfig[] = []
  for (const path of [join(user, 'config'), join(root, '.dvc', 'config'), join(root, '.dvc', 'config.local')]) {
    const text = await readFileText(path)
    if (text !== null) configs.push(parseConfig(text, other => resolve(dirname(path), other.replace(/^~(?=\/|$)/, homedir()))))
  }
  const config = mergeConfigs(configs)
  return { folder: relative(root, resolve(folder)).replaceAll(sep, '/'), config, cache: config.cache ?? join(root, '.dvc', 'cache'), server: null }
}

/**
 * Finds the repository of a `.dvc` file on a server: the first folder upwards in the path of its URL that has a file
 * `.dvc/config`.
 *
 * @throws Final when there is none, or any other error if another attempt may succeed
 */
export async function openRepositoryAt (url: URL, ask: Ask): Promise<Repository> {
  const folders = url.pathname.split('/').slice(1, -1)
  for (let level = 0; level <= Math.min(folders.length, LEVELS); level++) {
    const at = new URL(url)
    at.pathname = [...folders.slice(0, folders.length - level), '.dvc', 'config'].map(name => `/${name}`).join('')
    const found = await readUrlText(at, ask)
    // Some servers answer whatever they are asked for with a page.
    if (found === null || found.text.trimStart().startsWith('<')) continue
    const folder = folders.slice(folders.length - level).map(decoded).join('/')
    return { folder, config: parseConfig(found.text, path => path), cache: null, server: found.server }
  }
  throw new Final('there is no .dvc/config on the server beside it or above it; give the URL of the file in its repository')
}

/**
 * Reads a small file of this machine.
 *
 * @returns null when there is none
 * @throws Final when it is larger than 1 MiB, or cannot be read
 */
export async function readFileText (path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw new Final(`${path} is no file`)
      if (stats.size > TEXT_BYTES) throw new Final(`${path} has ${stats.size} bytes, over the limit of ${TEXT_BYTES}`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw code === null ? error : new Final(`${path} cannot be read (${String(code)}); give the user that runs servery the right to read it`)
  }
}

/**
 * Reads a small file of a server, and where it came from.
 *
 * @returns null when there is none, or nobody may read it
 * @throws Final when it is larger than 1 MiB, or any other error if another attempt may succeed
 */
export async function readUrlText (url: URL, ask: Ask): Promise<{ text: string, server: Server } | null> {
  const answer = await request(url, ask)
  if (answer.status === 200) {
    return { text: await readText(answer, TEXT_BYTES), server: { url: answer.url, network: answer.network } }
  }
  answer.discard()
  const error = errorOf(answer)
  if (error instanceof Absent) return null
  error.message = `${withoutSecrets(url)}: ${error.message}`
  throw error
}

async function isFolder (path: string): Promise<boolean> {
  return await stat(path).then(found => found.isDirectory(), () => false)
}
