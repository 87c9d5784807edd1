import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
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

t.test('the package holds what runs, and neither tests, sources, benchmarks nor training, but for the README\'s pictures', async t => {
  for (const path of ['dist/server.js', 'dist/lib/pixels/simd/simd.wasm', 'web/style.css', 'README.md', 'CHANGELOG.md', 'LICENSE', 'env.sh']) {
    t.ok(paths.includes(path), path)
  }
  for (const model of ['tensorfood', 'food101', 'fashion-mnist', 'iris']) {
    for (const file of ['card.json', 'model.onnx', 'README.md', 'confusion.png']) t.ok(paths.includes(`models/${model}/${file}`), `${model}/${file}`)
  }
  t.ok(paths.includes('models/tensorfood/samples/chips.png'))
  t.same(paths.filter(path => !path.endsWith('.png') && /\.tsx?$|\.py$|\.npz$|tsbuildinfo|requirements\.txt|^test\/|^(?:dist\/)?(?:test|bench|clients|diagram|deploy)\/|models\/training/.test(path)), [])
})

t.test('every picture that a README in the package shows is in the package', async t => {
  for (const readme of paths.filter(path => path.endsWith('README.md'))) {
    const markdown = await readFile(join(installed, readme), 'utf8')
    for (const [, picture = ''] of markdown.matchAll(/!\[[^\]]*\]\((?!https?:)([^)\s]+)/g)) {
      t.ok(paths.includes(join(dirname(readme), picture).replaceAll('\\', '/')), `${readme}: ${picture}`)
    }
  }
})

t.test('servery --help and --version answer from the package', async t => {
  t.match(await servery('--help'), /^Usage: servery \[command\]/)
  const { version } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'))
  t.equal(await servery('--version'), `${version}\n`)
})

t.test('servery predict gives the answer of the card, with the declared dependencies alone', async t => {
  const photo = join(installed, 'models/tensorfood/samples/chips.png')
  // As where the model was trained.
  const { samples }: { samples: Array<{ probability: number }> } = JSON.parse(await readFile(join(installed, 'models/tensorfood/card.json'), 'utf8'))
  const [, label, probability] = /: (\w+) ([\d.]+)\n$/.exec(await servery('predict', photo)) ?? []
  t.equal(label, 'french_fries')
  t.ok(Math.abs(Number(probability) - samples[0]!.probability) < 0.01, String(probability))
})
