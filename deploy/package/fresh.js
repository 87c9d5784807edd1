// `npm start` runs this before the service: it builds if dist/ is missing or older than anything that it is made from.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What the build reads. A folder counts with all below it: its own time changes when a file in it comes or goes. */
const SOURCES = [
  'server.ts', 'app.ts', 'plugins', 'routes', 'wire', 'lib', 'cli', 'clients/typescript', 'diagram', 'bench', 'deploy/package',
  'package.json', 'tsconfig.json', 'node_modules/.package-lock.json'
]

/** The build writes these last. */
const RESULTS = ['dist/server.js', 'dist/cli/servery.js', 'dist/lib/engine/worker.js']

/** Whether what `npm run build` has made in a folder is newer than its sources. */
export function isFresh (root) {
  const built = Math.min(...RESULTS.map(path => changedMs(join(root, path)) ?? -Infinity))
  return SOURCES.every(path => newestMs(join(root, path)) <= built)
}

function newestMs (path) {
  const own = changedMs(path) ?? -Infinity
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return own
  const below = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !['node_modules', 'dist', 'results'].includes(name))
  return Math.max(own, ...below.map(({ name }) => newestMs(join(path, name))))
}

function changedMs (path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

if (import.meta.url === pathToFileURL(process.argv[1]).href && !isFresh(join(import.meta.dirname, '../..'))) {
  // A shell finds npm on Windows, too.
  const { status } = spawnSync('npm run --silent build', { stdio: 'inherit', shell: true })
  process.exitCode = status ?? 1
}
