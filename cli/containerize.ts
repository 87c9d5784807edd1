import { cp, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { isInside, kindOf } from '../lib/card/inside.ts'
import { resolveModel, type Resolved } from '../lib/card/resolve.ts'
import { parseTritonConfig, TRITON_CONFIG } from '../lib/card/triton.ts'
import { loadConfig } from '../lib/config.ts'
import { VERSION } from '../lib/project.ts'
import { isArchive } from '../lib/sources/archive.ts'
import { isCompanion } from '../lib/sources/companions.ts'
import { fetchMissingModel, isElsewhere, locateModel, modelPath } from '../lib/sources/locate.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags, Usage } from './flags.ts'
import { watchOn } from './watch.ts'

/** What `/docs` and the page show of a model's folder, beside the pictures of its README. */
const SHOWN = ['README.md', 'confusion.png', 'confusion.json']

/** Where the copy of a model is, in the folder of --out. */
const COPY = 'model'

/**
 * `servery containerize MODEL`: writes a Dockerfile and a `.dockerignore` beside the model, for an image that holds Servery and the
 * files of this model alone. With --out, the files are copied there, and so may come from an archive or an address.
 *
 * @returns the exit code
 */
export async function containerize (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = readFlags(args, COMMANDS.containerize.options, 'containerize')
  const isNamed = environment['MODEL_PATH'] ?? environment['MODEL_NAME']
  if (positionals.length === 0 && !isNamed) throw new Usage('name the model: servery containerize wine.onnx')
  const config = loadConfig({ ...environment, ...modelOf(positionals) })
  await fetchMissingModel(config, watchOn(process.stderr))
  const path = modelPath(config)
  const isFetched = await isElsewhere(config)
  if (values.out === undefined && (isArchive(path) || isFetched)) throw new Usage(`${path} is ${isFetched ? 'elsewhere' : 'an archive'}; say with --out DIR where to put a copy of the model`)

  const located = await locateModel(config)
  const resolved = await resolveModel(located)
  const { card, files: { root, model } } = resolved
  const files = await filesOf(resolved)
  const folder = values.out === undefined ? root : resolve(values.out)
  const targets = ['Dockerfile', '.dockerignore'].map(name => join(folder, name))
  for (const target of targets) if (!values.force && await kindOf(target) !== null) throw new Error(`${target} is there; replace it with --force, or write to another folder with --out DIR`)

  if (values.out !== undefined) for (const file of files) await copy(join(root, file), join(folder, COPY, file))
  const name = nameFor(config.SERVED_NAME ?? card.name)
  const isFile = (await stat(located)).isFile()
  const [dockerfile = '', ignored = ''] = targets
  await mkdir(folder, { recursive: true })
  await writeFile(dockerfile, dockerfileFor({ name, from: values.out === undefined ? '.' : COPY, file: isFile ? slashed(relative(root, model)) : '', version: config.MODEL_VERSION }))
  await writeFile(ignored, `# What is not named here stays out of the image.\n*\n${(values.out === undefined ? files : [COPY]).map(file => `!${escaped(file)}\n`).join('')}`)
  process.stdout.write(targets.map(target => `${target}\n`).join(''))
  const here = relative(process.cwd(), folder) || '.'
  process.stderr.write(`Build it:  docker build --tag ${name.toLowerCase()} ${/[\s'"$\\]/.test(here) ? JSON.stringify(here) : here}\nRun it:    docker run --init --publish 8000:8000 ${name.toLowerCase()}\n`)
  return 0
}

/** The files of a model that the service reads, by their paths below its root: none beside it that only happens to be there. */
async function filesOf ({ card, files: { root, model, read }, graph }: Resolved): Promise<string[]> {
  const { labels } = parseTritonConfig((await read(TRITON_CONFIG))?.toString('utf8') ?? '')
  const found = [model, ...graph.externalFiles.map(file => join(dirname(model), file))]
  for (let folder = dirname(model); isInside(root, folder); folder = dirname(folder)) {
    const names = await readdir(folder)
    found.push(...names.filter(name => isCompanion(name) || name.toLowerCase() === labels?.toLowerCase()).map(name => join(folder, name)))
    if (folder === root) break
  }
  const named = (card.samples ?? []).flatMap(sample => 'file' in sample ? [sample.file] : [])
  const tokenizer = 'tokenizer' in card.input ? card.input.tokenizer?.file : undefined
  found.push(...[...SHOWN, ...named, ...tokenizer === undefined ? [] : [tokenizer], ...await picturesOf(join(root, 'README.md'))].map(file => join(root, file)))
  const own: string[] = []
  for (const file of new Set(found)) if (await kindOf(file) === 'file' && isInside(root, await realpath(file))) own.push(slashed(relative(root, file)))
  return own.sort()
}

/** The relative paths of the pictures that a README shows. */
async function picturesOf (readme: string): Promise<string[]> {
  const text = await readFile(readme, 'utf8').catch(() => '')
  return [...text.matchAll(/!\[[^\]\n]*\]\(([^)\s:]+)/g)].flatMap(([, path]) => path === undefined ? [] : [path])
}

async function copy (from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await cp(from, to, { dereference: true })
}

function slashed (path: string): string {
  return path.replaceAll(sep, '/')
}

/** A name that may stand in a path and in the tag of an image. */
function nameFor (name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|[._-]+$/g, '') || 'model'
}

/** A path in `.dockerignore`, whose lines are patterns. */
function escaped (path: string): string {
  return path.replaceAll(/[\\*?[\]]/g, '\\$&')
}

/** What a Dockerfile is made of. */
interface Image {
  name: string
  /** The folder of the model in the build context. */
  from: string
  /** The ONNX file below that folder, or an empty text if the folder itself was named. */
  file: string
  version: string | undefined
}

function dockerfileFor ({ name, from, file, version }: Image): string {
  const folder = `/models/${name}`
  const settings = ['NODE_ENV=production', 'MALLOC_ARENA_MAX=2', `MODEL_PATH=${JSON.stringify(posix.join(folder, file))}`, `SERVED_NAME=${name}`, ...version === undefined ? [] : [`MODEL_VERSION=${version}`]]
  return `# syntax=docker/dockerfile:1

# Serves the model ${name} with Servery ${VERSION}. \`servery containerize\` wrote it, and it is yours to change.
ARG NODE_IMAGE=node:24-trixie-slim

FROM \${NODE_IMAGE} AS servery
WORKDIR /app
# A version of the npm package, or the address of a package that \`npm pack\` has made.
ARG SERVERY=servery@${VERSION}
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund "\${SERVERY}" \\
    # The package of ONNX Runtime holds the libraries of every platform, which take 280 MB.
    && find node_modules/onnxruntime-node/bin/napi-v* -mindepth 2 -maxdepth 2 \\
        ! -path "*/linux/$(node --print process.arch)" -exec rm -r {} +

FROM \${NODE_IMAGE}
WORKDIR /app
COPY --from=servery /app/node_modules node_modules
# The files that .dockerignore names.
COPY --chmod=755 ${from} ${folder}/
ENV ${settings.join(' \\\n    ')}
# A user without a name and a home, who may write no file. Any other number works as well.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \\
    CMD ["node", "--eval", "fetch(\`http://127.0.0.1:\${process.env.PORT || 8000}/readyz\`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "node_modules/servery/dist/cli/servery.js"]
CMD ["serve"]
`
}
