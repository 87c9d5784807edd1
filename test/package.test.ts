import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import dockerignore from '@balena/dockerignore'
import { lexer, walkTokens } from 'marked'
import t from 'tap'
import { projectFile } from '../lib/project.ts'
import { environment } from './e2e/process.ts'

const run = promisify(execFile)

/** The package as npm makes it of what is built, unpacked beside nothing but the dependencies that it declares. */
const folder = t.testdir()
const installed = join(folder, 'node_modules/servery')
const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: projectFile('.'), env: environment() })
const [{ filename, files }]: [{ filename: string, files: Array<{ path: string }> }] = JSON.parse(stdout)
const paths = files.map(({ path }) => path)
await mkdir(installed, { recursive: true })
await run('tar', ['--extract', '--file', join(folder, filename), '--strip-components', '1', '--directory', installed])
const { bin, dependencies }: { bin: { servery: string }, dependencies: Record<string, string> } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
for (const name of Object.keys(dependencies)) {
  const link = join(folder, 'node_modules', name)
  await mkdir(dirname(link), { recursive: true })
  await symlink(projectFile(join('node_modules', name)), link, 'junction')
}

const servery = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [join(installed, bin.servery), ...args], { cwd: folder, env: environment() })
  return stdout
}

t.test('the package holds what runs, and neither tests, sources, benchmarks nor training, but for the manual', async t => {
  for (const path of ['dist/server.js', 'dist/lib/pixels/simd/simd.wasm', 'web/style.css', 'README.md', 'CHANGELOG.md', 'LICENSE', 'env.sh']) {
    t.ok(paths.includes(path), path)
  }
  for (const model of ['tensorfood', 'food101', 'fashion-mnist', 'iris']) {
    for (const file of ['card.json', 'model.onnx', 'README.md', 'confusion.png']) t.ok(paths.includes(`models/${model}/${file}`), `${model}/${file}`)
  }
  t.ok(paths.includes('models/tensorfood/samples/chips.png'))
  t.same(paths.filter(path => !/\.(?:png|md)$/.test(path) && /\.tsx?$|\.py$|\.npz$|tsbuildinfo|requirements\.txt|^test\/|^(?:dist\/)?(?:test|bench|clients|diagram|deploy)\/|models\/training/.test(path)), [])
})

/** What stays in the repository: documents may link it, and where it is not at hand /docs shows such a link as its text. */
const REPOSITORY_ONLY = ['.ci', '.github', '.gitlab-ci.yml', 'CONTRIBUTING.md', 'bench', 'clients', 'deploy', 'lib', 'plugins', 'routes', 'test', 'wire']

t.test('what a document in the package shows is in the package, and what it links is there or stays in the repository', async t => {
  const documents = paths.filter(path => path.endsWith('.md'))
  for (const document of ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/README.md', 'docs/configuration.md', 'clients/python/README.md', 'models/tensorfood/README.md', 'models/iris/README.md']) t.ok(documents.includes(document), document)
  for (const document of documents) {
    const { pictures, links } = await references(document)
    if (/^(?:models\/[\w-]+\/)?README\.md$/.test(document)) t.ok(pictures.length > 0, `${document} shows pictures`)
    for (const picture of pictures) t.ok(paths.includes(picture), `${document} shows ${picture}`)
    for (const link of links) {
      await t.resolves(access(projectFile(link)), `${document} links ${link}`)
      const packed = paths.some(path => path === link || path.startsWith(`${link}/`))
      t.ok(packed || REPOSITORY_ONLY.includes(link.split('/')[0]!), `${document} links ${link}: in the package, or known to stay in the repository`)
    }
  }
})

t.test('what a document of the repository links is there', async t => {
  const decisions = (await readdir(projectFile('docs/decisions'))).map(name => `docs/decisions/${name}`)
  t.ok(decisions.includes('docs/decisions/README.md'))
  const { links: listed } = await references('docs/decisions/README.md')
  for (const decision of decisions.filter(path => /\/\d{4}-/.test(path))) t.ok(listed.includes(decision), `the index lists ${decision}`)
  for (const document of ['CONTRIBUTING.md', ...['plugins', 'routes', 'wire', 'lib', 'test'].map(folder => `${folder}/README.md`), ...decisions]) {
    for (const link of (await references(document)).links) await t.resolves(access(projectFile(link)), `${document} links ${link}`)
  }
})

t.test('the build context of the image holds what the package is made of', async t => {
  const context = dockerignore.default().add(await readFile(projectFile('.dockerignore'), 'utf8'))
  // Built from what is beside it there: dist/lib/simd.wasm from lib/, dist/app.js from app.ts. A script makes the bundles.
  const sources = paths.map(path => path.replace(/^dist\/[^/]+\.cjs(?:\.cache)?$/, 'deploy/package/bundle.js').replace(/^dist\/(.+)\.js$/, '$1.ts').replace(/^dist\/(.+)\/[^/]+\.wasm$/, '$1').replace(/^dist\/(.+\.jpg)$/, '$1'))
  for (const path of [...new Set(sources), 'package-lock.json', '.npmrc', 'tsconfig.json']) t.notOk(context.ignores(path), path)
  for (const path of ['node_modules/fastify/package.json', '.env', '.git/config', 'dist/app.js', 'test/helper.ts', 'bench/run.ts']) t.ok(context.ignores(path), path)
})

/** The pictures and links of a document that are relative, as paths from the root. */
async function references (document: string): Promise<{ pictures: string[], links: string[] }> {
  const found: Record<'image' | 'link', string[]> = { image: [], link: [] }
  walkTokens(lexer(await readFile(projectFile(document), 'utf8')), token => {
    if ((token.type !== 'image' && token.type !== 'link') || /^([a-z]+:|#)/i.test(token.href)) return
    found[token.type].push(posix.join(posix.dirname(document), token.href.split('#', 1)[0]))
  })
  return { pictures: found.image, links: found.link }
}

t.test('servery --help and --version answer from the package', async t => {
  t.match(await servery('--help'), /^Usage: servery \[serve\] \[MODEL\]/)
  const { version } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'))
  t.equal(await servery('--version'), `${version}\n`)
})

t.test('servery predict gives the answer of the card, with the declared dependencies alone', async t => {
  const photo = join(installed, 'models/tensorfood/samples/chips.png')
  // As where the model was trained.
  const { samples }: { samples: Array<{ file: string, probability: number }> } = JSON.parse(await readFile(join(installed, 'models/tensorfood/card.json'), 'utf8'))
  const { label, probability }: { label: string, probability: number } = JSON.parse(await servery('predict', photo))
  t.equal(label, 'french_fries')
  const sample = samples.find(({ file }) => file === 'samples/chips.png')
  t.ok(sample && Math.abs(probability - sample.probability) < 0.01, String(probability))
})
