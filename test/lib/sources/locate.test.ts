import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { findFiles } from '../../../lib/card/files.ts'
import { loadConfig } from '../../../lib/config.ts'
import { projectFile } from '../../../lib/project.ts'
import { fetchMissingModel, isElsewhere, locateModel, modelFolder, modelPath } from '../../../lib/sources/locate.ts'
import { servery } from '../../cli/servery.ts'
import { zip } from '../../fixtures/zip.ts'
import { sendFrom, serve } from './server.ts'

t.test("the model's folder is that of MODEL_PATH, from where the process runs, else the one of that name in models/", async t => {
  t.equal(modelPath(loadConfig({ MODEL_NAME: 'iris' })), projectFile('models/iris'))
  t.equal(modelPath(loadConfig({ MODEL_NAME: 'iris', MODEL_PATH: '/srv/mine' })), resolve('/srv/mine'))
  t.equal(modelPath(loadConfig({ MODEL_PATH: 'mine' })), join(process.cwd(), 'mine'))
})

t.test('a model that is there is not fetched', async t => {
  const folder = t.testdir({ 'model.onnx': 'mine' })
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: folder, MODEL_URL }), { onProgress: file => t.fail(`${file} is fetched`) }), true)
  t.equal(readFileSync(join(folder, 'model.onnx'), 'utf8'), 'mine')
})

t.test('without MODEL_URL nothing is fetched', async t => {
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: t.testdir() })), false)
})

t.test('a model that is missing is fetched as the settings say, with its card', async t => {
  const folder = join(t.testdir(), 'new')
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  const files = new Set<string>()
  t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: folder, MODEL_URL }), { onProgress: file => files.add(file) }), true)
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(readFileSync(projectFile('models/iris/model.onnx'))))
  t.same([...files], ['card.json', 'model.onnx'].map(name => join(folder, name)), 'and tells how far it is')
  for (const [setting, message] of [[{ MODEL_SHA256: '0'.repeat(64) }, /MODEL_SHA256/], [{ MODEL_LIMIT: '100' }, /MODEL_LIMIT/]] as const) {
    await t.rejects(fetchMissingModel(loadConfig({ MODEL_PATH: join(folder, 'other'), MODEL_URL, ...setting })), { code: 'SRV_MODEL_UNFETCHED', message })
  }
})

t.test('a model in any layout is there, and a file is no place for a download', async t => {
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  const folders = t.testdir({ mlflow: { MLmodel: '' }, face: { onnx: { 'model.onnx': '' } }, named: { 'wine.onnx': '' }, triton: { iris: { 1: { 'model.onnx': '' } } }, packed: { 'wine.tar.gz': '' }, 'wine.zip': '', 'other.onnx': '' })
  for (const name of ['mlflow', 'face', 'named', 'triton', 'packed', 'wine.zip', 'other.onnx']) {
    t.equal(await fetchMissingModel(loadConfig({ MODEL_PATH: join(folders, name), MODEL_URL }), { onProgress: file => t.fail(`${file} is fetched`) }), true, name)
  }
  for (const name of ['new.onnx', 'new.tar.gz']) {
    await t.rejects(fetchMissingModel(loadConfig({ MODEL_PATH: join(folders, name), MODEL_URL })), { code: 'SRV_CONFIG_INVALID', message: /name a folder to download MODEL_URL to/ }, name)
  }
})

t.test('a file and a folder are found as they are', async t => {
  const folder = t.testdir({ 'wine.onnx': '' })
  for (const path of [folder, join(folder, 'wine.onnx')]) t.equal(await locateModel(loadConfig({ MODEL_PATH: path })), path)
  await t.rejects(locateModel(loadConfig({ MODEL_PATH: join(folder, 'no') })), { code: 'SRV_MODEL_MISSING', message: /^There is no .*no; name an \.onnx file, a folder or an archive/ })
  await t.rejects(locateModel(loadConfig({ MODEL_PATH: join(folder, 'wine.onnx', 'in') })), { code: 'SRV_MODEL_INVALID', message: /cannot be read \(ENOTDIR\); name a file/ })
})

t.test('an archive is unpacked into a folder of its name, elsewhere', async t => {
  const folder = t.testdir()
  for (const name of ['wine.v2.zip', 'WINE.ZIP']) {
    writeFileSync(join(folder, name), zip([{ name: 'in/model.onnx', bytes: Buffer.from('mine') }]))
    const path = await locateModel(loadConfig({ MODEL_PATH: join(folder, name) }))
    t.equal(basename(path), name.slice(0, -4))
    t.equal(readFileSync(join(path, 'model.onnx'), 'utf8'), 'mine')
    t.notOk(path.startsWith(folder))
    t.match(basename(dirname(path)), /^servery-/)
  }
})

t.test('the only archive of a folder without a model is unpacked elsewhere', async t => {
  const bytes = zip([{ name: 'in/model.onnx', bytes: Buffer.from('mine') }])
  const folder = t.testdir({ one: { 'README.md': '' }, model: { 'model.onnx': '' }, two: {}, link: {} })
  for (const path of ['one/wine.zip', 'model/wine.zip', 'two/a.zip', 'two/b.zip']) writeFileSync(join(folder, path), bytes)
  symlinkSync('../one/wine.zip', join(folder, 'link/wine.zip'))
  const path = await locateModel(loadConfig({ MODEL_PATH: join(folder, 'one') }))
  t.equal(basename(path), 'wine')
  t.equal(readFileSync(join(path, 'model.onnx'), 'utf8'), 'mine')
  t.same(readdirSync(join(folder, 'one')).sort(), ['README.md', 'wine.zip'])
  for (const name of ['model', 'two', 'link']) t.equal(await locateModel(loadConfig({ MODEL_PATH: join(folder, name) })), join(folder, name), name)
})

// Only root may give another process a root folder of its own.
t.test("a folder in the root folder of another process is copied, as KServe's modelcars need it", { skip: process.getuid?.() !== 0 || process.platform !== 'linux' }, async t => {
  const folder = t.testdir({ root: {}, mnt: {} })
  // The shell itself stays: after pivot_root, nothing else could be started.
  const script = 'mount -t tmpfs none "$1" && cd "$1" && mkdir models old && echo mine > models/model.onnx && ln -s /etc/hostname models/labels.txt && pivot_root . old && echo "$$" && read _'
  const other = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', join(folder, 'root')], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => other.kill('SIGKILL'))
  const [pid] = await Promise.race([once(other.stdout.setEncoding('utf8'), 'data'), once(other, 'exit')])
  if (typeof pid !== 'string') return t.comment('a container does not let root do this')
  const mounted = join(folder, 'mnt/models')
  symlinkSync(`/proc/${String(pid).trim()}/root/models`, mounted)
  const config = loadConfig({ MODEL_PATH: mounted, MODEL_URL: 'https://127.0.0.1:1/model.onnx' })
  t.equal(await fetchMissingModel(config), true)
  const path = await locateModel(config)
  t.equal(basename(path), 'models')
  t.equal(readFileSync(join(path, 'model.onnx'), 'utf8'), 'mine\n')
  await t.rejects((await findFiles(path)).read('labels.txt'), { code: 'SRV_MODEL_INVALID' }, 'a link out of the folder is still one')
})

t.test('an unpacked archive is removed when the process ends', async t => {
  const folder = t.testdir({ temporary: {} })
  writeFileSync(join(folder, 'a.zip'), zip([{ name: 'model.onnx', bytes: Buffer.from('no ONNX at all') }]))
  const { stderr } = await servery(['inspect', join(folder, 'a.zip')], { TMPDIR: join(folder, 'temporary') })
  const [, path = ''] = /^servery: (\S+)\/model\.onnx: /.exec(stderr) ?? []
  t.match(path, /servery-\w+\/a$/, stderr)
  t.notOk(existsSync(dirname(path)))
  t.same(readdirSync(join(folder, 'temporary')), [])
})

t.test('an archive that is damaged, or has no room, is refused with its name', async t => {
  const folder = t.testdir({ 'a.zip': 'no archive' })
  await t.rejects(locateModel(loadConfig({ MODEL_PATH: join(folder, 'a.zip') })), { code: 'SRV_MODEL_INVALID', message: /a\.zip: it is not an archive/ })
  writeFileSync(join(folder, 'b.zip'), zip([{ name: 'model.onnx', bytes: Buffer.alloc(100) }]))
  await t.rejects(locateModel(loadConfig({ MODEL_PATH: join(folder, 'b.zip'), MODEL_LIMIT: '10' })), { message: /b\.zip: .*over|b\.zip: .*limit of 10 \(MODEL_LIMIT\)/ })
  const { code, stderr } = await servery(['inspect', join(folder, 'b.zip')], { TMPDIR: join(folder, 'nowhere') })
  t.equal(code, 1)
  t.match(stderr, /^servery: .*b\.zip: cannot be unpacked: ENOENT.*; set TMPDIR to a folder with room for it/)
})

t.test('an address of this machine is a path, and one of elsewhere is told without its secrets', async t => {
  const path = projectFile('models/iris')
  t.equal(modelPath(loadConfig({ MODEL_PATH: pathToFileURL(path).href })), path)
  t.notOk(await isElsewhere(loadConfig({ MODEL_PATH: pathToFileURL(path).href })))
  t.notOk(await isElsewhere(loadConfig({})))
  const config = loadConfig({ MODEL_PATH: 'https://me:hush@a.example/wine.onnx?signature=hush' })
  t.ok(await isElsewhere(config))
  t.equal(modelPath(config), 'https://a.example/wine.onnx?…')
  t.throws(() => modelPath(loadConfig({ MODEL_PATH: 'file://elsewhere/wine.onnx' })), { code: 'SRV_CONFIG_INVALID', message: /^MODEL_PATH=file:\/\/elsewhere\/wine\.onnx: it is not a URL of a file of this machine/ })
})

t.test('a model whose path is an address is fetched into the cache, once for a start', async t => {
  const bytes = readFileSync(projectFile('models/iris/model.onnx'))
  const { origin, requests } = await serve(t, (request, response) => {
    if (request.url?.startsWith('/wine.onnx?')) sendFrom(request, response, bytes)
    else response.writeHead(404).end()
  })
  const cache = t.testdir()
  const settings = { MODEL_PATH: `${origin}/wine.onnx?signature=hush`, MODEL_CACHE: cache }
  const config = loadConfig(settings)
  const files = new Set<string>()
  t.equal(await fetchMissingModel(config, { onProgress: file => files.add(file) }), true)
  const count = requests.length
  const folder = await locateModel(config)
  t.equal(await modelFolder(config), folder)
  t.equal(requests.length, count, 'nothing is asked for again')
  t.equal(basename(folder), 'wine')
  t.ok(folder.startsWith(cache))
  t.same([...files], [join(folder, 'model.onnx')])
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(bytes))
  t.equal(await locateModel(loadConfig(settings)), folder, 'the next start takes the copy')
  await t.rejects(fetchMissingModel(loadConfig({ ...settings, MODEL_URL: `${origin}/wine.onnx` })), { code: 'SRV_CONFIG_INVALID', message: /set one of them/ })
  await t.rejects(locateModel(loadConfig({ ...settings, MODEL_PATH: `${origin}/no.onnx?signature=hush` })), { code: 'SRV_MODEL_UNFETCHED', message: /no\.onnx\?…: the server answered 404/ })
})

t.test('without a cache, a model from elsewhere lies in a temporary folder until the process ends', async t => {
  const { origin } = await serve(t, (request, response) => {
    if (request.url === '/wine.onnx') response.end('no ONNX at all')
    else response.writeHead(404).end()
  })
  const folder = t.testdir({ temporary: {}, file: '' })
  const { stderr } = await servery(['inspect', `${origin}/wine.onnx`], { TMPDIR: join(folder, 'temporary'), MODEL_CACHE: join(folder, 'file', 'cache') })
  t.match(stderr, /servery: .*\/temporary\/servery-\w+\/wine\/model\.onnx: /)
  t.same(readdirSync(join(folder, 'temporary')), [])
})

t.test('a model that DVC tracks is fetched into the cache: by its .dvc file, by the path that it would have, and in a folder', async t => {
  const bytes = readFileSync(projectFile('models/iris/model.onnx'))
  const md5 = createHash('md5').update(bytes).digest('hex')
  const root = t.testdir({
    '.dvc': { config: '', cache: { files: { md5: { [md5.slice(0, 2)]: { [md5.slice(2)]: bytes } } } } },
    iris: { 'model.onnx.dvc': `outs:\n- md5: ${md5}\n  hash: md5\n  path: model.onnx\n`, 'card.json': '{}' },
    cache: {}
  })
  const settings = { MODEL_CACHE: join(root, 'cache') }
  const folders = new Set<string>()
  for (const name of ['iris/model.onnx.dvc', 'iris/model.onnx', 'iris']) {
    t.ok(await isElsewhere(loadConfig({ ...settings, MODEL_PATH: join(root, name) })), 'so that no command writes beside it')
    for (const MODEL_PATH of [join(root, name), relative(process.cwd(), join(root, name))]) {
      const config = loadConfig({ ...settings, MODEL_PATH })
      t.equal(await fetchMissingModel(config), true, MODEL_PATH)
      const folder = await locateModel(config)
      t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
      t.equal(basename(folder), 'iris')
      folders.add(folder)
    }
  }
  t.equal(folders.size, 2, 'once for the file, and once for the folder')
  t.same(readdirSync(join(root, 'iris')).sort(), ['card.json', 'model.onnx.dvc'], 'and nothing is written beside it')
  await t.rejects(locateModel(loadConfig({ ...settings, MODEL_PATH: 's3://bucket/model.onnx.dvc' })), { code: 'SRV_MODEL_UNFETCHED', message: /read from a path or from a URL/ })
  const MODEL_URL = pathToFileURL(projectFile('models/iris/model.onnx')).href
  t.equal(await fetchMissingModel(loadConfig({ ...settings, MODEL_PATH: join(root, 'iris'), MODEL_URL })), true)
  t.ok(existsSync(join(root, 'iris', 'model.onnx')), 'MODEL_URL comes first')
})
