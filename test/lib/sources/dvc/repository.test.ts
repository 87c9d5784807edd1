import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openRepository, openRepositoryAt, readFileText, readUrlText } from '../../../../lib/sources/dvc/repository.ts'
import { Absent, Final } from '../../../../lib/sources/source.ts'
import { serve } from '../server.ts'

const CONFIG = '[core]\nremote = a\n[\'remote "a"\']\nurl = ../../store\n'

t.test('the repository of a folder is above it, and its own configuration comes first', async t => {
  const root = t.testdir({
    user: { config: "['remote \"a\"']\nuser = user\npassword = from-user\nurl = nowhere" },
    repository: {
      '.dvc': { config: CONFIG, 'config.local': "['remote \"a\"']\nuser = local" },
      models: { iris: {} }
    }
  })
  const { folder, config, cache, server } = await openRepository(join(root, 'repository', 'models', 'iris'), { environment: { DVC_GLOBAL_CONFIG_DIR: join(root, 'user') } })
  t.same([folder, cache, server], ['models/iris', join(root, 'repository', '.dvc', 'cache'), null])
  t.same(Object.fromEntries(config.remotes.get('a') ?? []), { user: 'local', password: 'from-user', url: join(root, 'store') })
})

t.test('the configuration of the user is in XDG_CONFIG_HOME, and a cache may be elsewhere', async t => {
  const root = t.testdir({ user: { dvc: { config: '[cache]\ndir = elsewhere' } }, '.dvc': {} })
  const { folder, cache } = await openRepository(root, { environment: { XDG_CONFIG_HOME: join(root, 'user') } })
  t.same([folder, cache], ['', join(root, 'user', 'dvc', 'elsewhere')])
})

t.test('no repository is an error that says what to do', async t => {
  // A file is no folder of a repository.
  await t.rejects(openRepository('/nowhere', { environment: {} }), { constructor: Final, message: /no folder \.dvc .* copy \.dvc\/config too, or run dvc pull/ })
  const root = t.testdir({ '.dvc': { config: Buffer.alloc(1024 * 1024 + 1, '#').toString() } })
  await t.rejects(openRepository(root, { environment: {} }), { constructor: Final, message: /over the limit of 1048576/ })
})

t.test('a file is read, or is not there, or may not be read', async t => {
  const root = t.testdir({ file: 'text', folder: {} })
  t.equal(await readFileText(join(root, 'file')), 'text')
  t.equal(await readFileText(join(root, 'other')), null)
  t.equal(await readFileText(join(root, 'file', 'other')), null)
  await t.rejects(readFileText(join(root, 'folder')), { constructor: Final, message: /is no file/ })
  writeFileSync(join(root, 'secret'), '')
  chmodSync(join(root, 'secret'), 0)
  if (process.getuid?.() !== 0) await t.rejects(readFileText(join(root, 'secret')), { constructor: Final, message: /EACCES/ })
  let deep = root
  for (let level = 0; level < 40; level++) deep = join(deep, 'a')
  mkdirSync(join(root, '.dvc'))
  mkdirSync(deep, { recursive: true })
  await t.rejects(openRepository(deep, { environment: {} }), { constructor: Final, message: /no folder \.dvc/ }, 'not so far up')
})

t.test('the repository of a URL is above it', async t => {
  const { origin, requests } = await serve(t, (request, response) => {
    if (request.url === '/org/my%20repo/raw/.dvc/config?token=hush') return response.end(CONFIG)
    if (request.url?.startsWith('/org/my%20repo/raw/models/.dvc')) return response.end('\n<!doctype html>')
    response.writeHead(request.url?.includes('iris/.dvc') ? 403 : 404).end()
  })
  const url = new URL(`${origin}/org/my%20repo/raw/models/the%20iris/model.onnx.dvc?token=hush`)
  const { folder, config, cache, server } = await openRepositoryAt(url, { secrets: { authorization: 'token hush' } })
  t.same([folder, cache, server?.network, server?.url.origin], ['models/the iris', null, 'loopback', origin])
  t.equal(config.remotes.get('a')?.get('url'), '../../store', 'a path stays as it is')
  t.same(requests.map(request => request.headers.authorization), ['token hush', 'token hush', 'token hush'])
})

t.test('a URL without a repository asks no more than its folders, and 32 at most', async t => {
  const { origin, requests } = await serve(t, (_request, response) => response.writeHead(404).end())
  await t.rejects(openRepositoryAt(new URL(`${origin}/a/b/model.onnx.dvc`), {}), { constructor: Final, message: /no \.dvc\/config on the server/ })
  t.same(requests.map(request => request.url), ['/a/b/.dvc/config', '/a/.dvc/config', '/.dvc/config'])
  requests.length = 0
  await t.rejects(openRepositoryAt(new URL(`${origin}/${'a/'.repeat(100)}model.onnx.dvc`), {}), { constructor: Final, message: /no \.dvc\/config/ })
  t.equal(requests.length, 33)
})

t.test('a text of a server is small, absent, or fails with its address but without its query', async t => {
  const { origin } = await serve(t, (request, response) => {
    if (request.url?.startsWith('/500')) return response.writeHead(500).end()
    if (request.url === '/large') return response.end(Buffer.alloc(1024 * 1024 + 1))
    response.writeHead(410).end()
  })
  t.equal(await readUrlText(new URL(`${origin}/gone`), {}), null)
  await t.rejects(readUrlText(new URL(`${origin}/large`), {}), { constructor: Final, message: /limit of 1048576/ })
  const error = await readUrlText(new URL(`${origin}/500?sig=hush`), {}).then(() => null, (error: unknown) => error)
  t.match(error, { message: /\/500\?…: the server answered 500/ })
  t.notOk(error instanceof Final || error instanceof Absent, 'another attempt may succeed')
})
