import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { create } from 'tar'
import t from 'tap'
import { ConfigSchema, loadConfig } from '../lib/config.ts'
import { projectFile } from '../lib/project.ts'
import { environment } from './e2e/process.ts'
import { build } from './helper.ts'
import { serveHub } from './lib/sources/hub.ts'
import { sendFrom, serve } from './lib/sources/server.ts'

/** The files of a model, wherever it lives. */
const FILES = Object.fromEntries(['model.onnx', 'card.json'].map(name => [name, readFileSync(projectFile(`models/iris/${name}`))]))
const RUN = '091cd0bd87174fe488524c850f11f82e'
const MLFLOW = '/api/2.0/mlflow'
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts'

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const [, block = ''] = /<!-- tested elsewhere: test\/docs.test.ts serves each line -->\n```sh\n([^]*?)```/.exec(readFileSync(projectFile('docs/models.md'), 'utf8')) ?? []
const addresses = [...block.matchAll(/^servery (\S+) +# /gm)].map(([, address = '']) => address)

/** Whether a setting with this value is as if it were not set. A setting that may be missing has a value that means so. */
function isDefault (name: string, value: string): boolean {
  const [usual, set] = [loadConfig({}), loadConfig({ [name]: value })].map(config => Object.entries(config).find(([key]) => key === name)?.[1])
  return isDeepStrictEqual(set, usual) || (usual === undefined && set === '0')
}

t.test('the manual has a row for each setting, and for no other', async t => {
  const rows = [...readFileSync(projectFile('docs/configuration.md'), 'utf8').matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
  t.same(rows.toSorted(), Object.keys(ConfigSchema.properties).toSorted())
})

t.test('env.sh has a line for each setting, with its default', async t => {
  const lines = [...readFileSync(projectFile('env.sh'), 'utf8').matchAll(/^(?:# )?export (\w+)=(\S*)/gm)].map(([, name = '', value = '']) => [name, value] as const)
  const settings = lines.filter(([name]) => name in ConfigSchema.properties)
  t.same(settings.map(([name]) => name).toSorted(), Object.keys(ConfigSchema.properties).toSorted())
  for (const [name, value] of settings) {
    const written = value.replace(/^"\$\{\w+:-(.*)\}"$/, '$1')
    if (written !== '') t.ok(isDefault(name, written), `${name}=${written}`)
  }
})

t.test('the manual has the default of each setting that is a number', async t => {
  const rows = [...readFileSync(projectFile('docs/configuration.md'), 'utf8').matchAll(/^\| `(\w+)` \| `(\d+)` \|/gm)]
  t.ok(rows.length > 5)
  for (const [, name = '', value = ''] of rows) t.ok(isDefault(name, value), name)
})

t.test('the manual names each metric of the service', async t => {
  const app = await build(t)
  const { body } = await app.inject('/metrics')
  const names = [...body.matchAll(/^# TYPE (servery_\w+)/gm)].map(([, name = '']) => name)
  t.ok(names.length > 10)
  const manual = readFileSync(projectFile('docs/metrics.md'), 'utf8')
  for (const name of names) t.ok(new RegExp(`\`${name}[{\`]`).test(manual), name)
})

t.test('every document of the manual is in its contents', async t => {
  const contents = readFileSync(projectFile('docs/README.md'), 'utf8')
  const files = readdirSync(projectFile('docs'), { recursive: true }).map(name => String(name).replaceAll('\\', '/'))
  for (const name of files.filter(name => name.endsWith('.md') && !/^README\.md$|^decisions\/\d/.test(name))) t.ok(contents.includes(`](${name})`), `docs/README.md lists ${name}`)
})

t.test('the README is a front page: it shows pictures, and no table of settings, errors or metrics', async t => {
  const readme = readFileSync(projectFile('README.md'), 'utf8')
  t.ok(readme.split('\n').length <= 230, `${readme.split('\n').length} lines`)
  t.ok(readme.indexOf('## Your model in three steps') < readme.length / 4, 'one\'s own model comes early')
  for (const table of [/^\| `MODEL_PATH`/m, /^\| 4\d\d/m, /^\| `servery_/m]) t.notMatch(readme, table)
})

t.test('the page has a line for each kind of source', async t => {
  t.equal(addresses.length, block.trim().split('\n').length)
  for (const kind of [/^[\w.]+$/, /^https:.*\.onnx$/, /^https:.*\.gz$/, /^s3:/, /^gs:/, /^hf:/, /^runs:/, /^models:/, /\.dvc$/]) t.equal(addresses.filter(address => kind.test(address)).length, 1, String(kind))
})

t.test('each line of where models live serves the model that lives there', async t => {
  const folder = t.testdir()
  await create({ gzip: true, file: join(folder, 'iris.tar.gz'), cwd: projectFile('models/iris') }, Object.keys(FILES))
  const archive = readFileSync(join(folder, 'iris.tar.gz'))

  // DVC 3, with a remote in a folder, as `dvc add` and `dvc push` leave it.
  const onnx = FILES['model.onnx']!
  const hash = md5(onnx)
  mkdirSync(join(folder, 'models/iris'), { recursive: true })
  mkdirSync(join(folder, '.dvc'))
  mkdirSync(join(folder, 'store/files/md5', hash.slice(0, 2)), { recursive: true })
  writeFileSync(join(folder, 'store/files/md5', hash.slice(0, 2), hash.slice(2)), onnx)
  writeFileSync(join(folder, '.dvc/config'), "[core]\n    remote = store\n['remote \"store\"']\n    url = ../store\n")
  writeFileSync(join(folder, 'models/iris/model.onnx.dvc'), `outs:\n- md5: ${hash}\n  size: ${onnx.length}\n  hash: md5\n  path: model.onnx\n`)
  cpSync(projectFile('models/iris/card.json'), join(folder, 'models/iris/card.json'))

  const hub = await serveHub(t, { 'acme/iris': FILES })
  const names = Object.keys(FILES)
  const { origin } = await serve(t, (request, response) => {
    const url = new URL(request.url ?? '', 'http://store')
    const path = decodeURIComponent(url.pathname)
    const bytes = path === '/iris.tar.gz' ? archive : FILES[path.split('/').at(-1) ?? '']
    if (path === '/models' || path === '/models/') {
      const objects = names.map(name => `<Contents><Key>team/iris/${name}</Key><Size>${FILES[name]!.length}</Size><ETag>"${md5(FILES[name]!)}"</ETag></Contents>`)
      return response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${url.searchParams.get('prefix')?.startsWith('team/iris') ? objects.join('') : ''}</ListBucketResult>`)
    }
    if (path === '/storage/v1/b/models/o') {
      const items = names.map(name => ({ name: `team/iris/${name}`, size: String(FILES[name]!.length), generation: '1', md5Hash: createHash('md5').update(FILES[name]!).digest('base64') }))
      return response.end(JSON.stringify({ items }))
    }
    if (path === `${MLFLOW}/runs/get`) return response.end(JSON.stringify({ run: { info: { run_id: RUN, status: 'FINISHED', end_time: 1, artifact_uri: `mlflow-artifacts:/1/${RUN}/artifacts` } } }))
    if (path === `${MLFLOW}/registered-models/alias`) return response.end(JSON.stringify({ model_version: { name: 'iris', version: '1' } }))
    if (path === `${MLFLOW}/model-versions/get-download-uri`) return response.end(JSON.stringify({ artifact_uri: `mlflow-artifacts:/1/${RUN}/artifacts/model` }))
    if (path === ARTIFACTS) return response.end(JSON.stringify({ files: names.map(name => ({ path: name, is_dir: false, file_size: String(FILES[name]!.length) })) }))
    if (!bytes || (path.startsWith('/models/') && !request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))) return response.writeHead(404).end('{}')
    sendFrom(request, response, bytes, { etag: `"${md5(bytes)}"` })
  })

  for (const address of addresses) {
    const { stdout } = await promisify(execFile)(process.execPath, [projectFile('dist/cli/servery.js'), 'check', address.replace('https://models.example.org', origin)], {
      cwd: folder,
      env: environment({
        MODEL_CACHE: join(folder, 'cache'), AWS_ENDPOINT_URL: origin, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', STORAGE_EMULATOR_HOST: origin, HF_ENDPOINT: hub.origin, HF_TOKEN_PATH: join(folder, 'none'), MLFLOW_TRACKING_URI: origin
      })
    }).catch((error: Error & { stderr?: string }) => ({ stdout: error.stderr ?? error.message }))
    t.match(stdout, /^iris 1: in order \(\d+ golden samples\)/, address)
  }
})
