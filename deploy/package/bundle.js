// The last step of `npm run build`: makes one file of each entry point with all that it imports, and V8's code cache beside it, because
// to find, read and compile hundreds of modules takes most of a start. The entry points that tsc has written are replaced by loaders.
import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { cacheFileOf, compileBundle } from '../../dist/lib/bundle.js'

/** A start that records what it has compiled may take this long. */
const RECORD_MS = 60_000

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')

/** The bundles in dist/. Each module in one is run when an entry point asks for it; a worker has its own, which is smaller. */
const BUNDLES = {
  'servery.cjs': "export const server = () => import('./server.ts')\nexport const command = () => import('./cli/servery.ts')",
  'worker.cjs': "export const worker = () => import('./lib/engine/worker.ts')"
}

/** The files that Node.js is given, which load a bundle and run an entry point in it. */
const LOADERS = {
  'server.js': { bundle: 'servery.cjs', run: 'export const { started } = await bundle.server()' },
  'cli/servery.js': { bundle: 'servery.cjs', run: 'await bundle.command()', first: '#!/usr/bin/env node\n' },
  'lib/engine/worker.js': { bundle: 'worker.cjs', run: 'await bundle.worker()' }
}

/** Packages that find their own files by their path, or are loaded only when something needs them. */
const OUTSIDE = ['onnxruntime-node', 'sharp', '@grpc/grpc-js', 'pino-pretty', 'highlight.js', 'glob', 'tar', 'yauzl']

/** What a module reads beside itself. */
const EXAMPLE = 'lib/modalities/image/example.jpg'

/** In a bundle, a module still lies where tsc has put it: paths that are made from its own lead to the same files. */
const places = {
  name: 'places',
  setup (esbuild) {
    // The files of Swagger UI stay in its package.
    esbuild.onLoad({ filter: /@fastify[\\/]swagger-ui[\\/](index|lib[\\/]routes)\.js$/ }, async ({ path }) => {
      const own = 'require("node:module").createRequire(__filename).resolve("@fastify/swagger-ui")'
      return { contents: (await readFile(path, 'utf8')).replaceAll('__dirname', `path.join(${own}, '${path.endsWith('index.js') ? '..' : '../lib'}')`) }
    })
    esbuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return null
      const file = `require('node:path').join(__dirname, ${JSON.stringify(relative(root, path).split(sep).join('/').replace(/ts$/, 'js'))})`
      const code = (await readFile(path, 'utf8'))
        .replace(/^#!.*/, '')
        .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${file}).href`)
        .replaceAll('import.meta.dirname', `require('node:path').dirname(${file})`)
        .replaceAll('import.meta.filename', file)
      return { contents: code, loader: 'ts' }
    })
  }
}

copyFileSync(join(root, EXAMPLE), join(dist, EXAMPLE))
await Promise.all(Object.entries(BUNDLES).map(async ([name, contents]) => {
  const { outputFiles: [{ path, text }] } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    outfile: join(dist, name),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Code from a cache cannot import; it can require.
    supported: { 'dynamic-import': false },
    charset: 'ascii',
    // The licences of the packages stay beside their code.
    legalComments: 'inline',
    // Its other entry point requires its parts by a name that no bundler sees.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    external: OUTSIDE,
    plugins: [places],
    write: false,
    logLevel: 'warning'
  })
  if (isSame(path, text)) return
  rmSync(cacheFileOf(path), { force: true })
  writeFileSync(path, text)
}))
if (!Object.keys(BUNDLES).every(name => compileBundle(join(dist, name)).cachedDataRejected === false)) {
  writeLoaders({ records: true })
  await record()
}
writeLoaders({ records: false })

function isSame (path, text) {
  try {
    return readFileSync(path, 'utf8') === text
  } catch {
    return false
  }
}

/** Those that record also write the code cache when their thread ends. */
function writeLoaders ({ records }) {
  const load = records ? 'loadAndRecord' : 'loadBundle'
  for (const [name, { bundle, run, first = '' }] of Object.entries(LOADERS)) {
    const up = '../'.repeat(name.split('/').length - 1) || './'
    writeFileSync(join(dist, name), `${first}import { join } from 'node:path'
import { ${load} } from '${up}lib/bundle.js'

const bundle = ${load}(join(import.meta.dirname, '${up}${bundle}'))
${run}
`)
  }
}

/** Starts and stops the service once, so that its code caches hold what a start runs. Without them, it starts more slowly. */
async function record () {
  const environment = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', WORKERS: '1', THREADS: '1', MAX_BATCH: '1', LOG_LEVEL: 'info' }
  const service = spawn(process.execPath, [join(dist, 'server.js')], { env: environment, stdio: ['ignore', 'pipe', 'inherit'], timeout: RECORD_MS })
  service.stdout.on('data', data => { if (String(data).includes('"Ready"')) service.kill('SIGTERM') })
  const code = await new Promise(resolve => service.on('exit', resolve))
  if (code !== 0) process.stderr.write('The start that fills the code cache failed; the service will start more slowly.\n')
}
