import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'
import { restoreHeapGrowth } from './flags.ts'

/**
 * Compiles a bundle that `npm run build` has made. Its code cache, which lies beside it, spares most of the compilation. If V8 cannot
 * use the cache, because this is another version of Node.js or there is none, the code is compiled as usual.
 *
 * @param file absolute path of a CommonJS file of ASCII characters
 * @see https://nodejs.org/api/vm.html#new-vmscriptcode-options
 */
export function compileBundle (file: string): Script {
  const code = readFileSync(file, 'latin1')
  // The last line may be a comment.
  return new Script(`(function (exports, require, module, __filename, __dirname) {${code}\n})`, { filename: file, cachedData: cacheOf(file) })
}

/** Compiles a bundle as `compileBundle` does, and runs it. Returns what it exports. */
export function loadBundle (file: string): Record<string, () => Promise<unknown>> {
  return run(file, compileBundle(file))
}

/** Loads a bundle, and writes its code cache when the thread ends. The cache holds the functions that have run until then. */
export function loadAndRecord (file: string): Record<string, () => Promise<unknown>> {
  const script = compileBundle(file)
  process.on('exit', () => {
    restoreHeapGrowth()
    writeFileSync(cacheFileOf(file), script.createCachedData())
  })
  return run(file, script)
}

function run (file: string, script: Script): Record<string, () => Promise<unknown>> {
  const module: { exports: Record<string, () => Promise<unknown>> } = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  return module.exports
}

/** Where the code cache of a bundle lies. */
export function cacheFileOf (file: string): string {
  return `${file}.cache`
}

function cacheOf (file: string): Buffer | undefined {
  try {
    return readFileSync(cacheFileOf(file))
  } catch {
    return undefined
  }
}
