import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { environment, start } from '../e2e/process.ts'
import { servery } from './servery.ts'

const files = new Map(['model.onnx', 'card.json', 'README.md'].map(name => [`/${name}`, readFileSync(projectFile(`models/iris/${name}`))]))
const offsets: number[] = []
let slow = true

/** Sends the model's first half at once, and the rest when it is no longer slow. */
const server = createServer((request, response) => {
  const file = files.get(String(request.url).split('?', 1).join(''))
  if (!file || request.headers.authorization !== 'token hush-hush') return response.writeHead(404).end()
  const offset = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const model = request.url?.startsWith('/model')
  if (model) offsets.push(offset)
  response.writeHead(offset ? 206 : 200, {
    etag: '"iris"', 'content-length': file.length - offset, ...offset > 0 && { 'content-range': `bytes ${offset}-${file.length - 1}/${file.length}` }
  })
  if (model && slow) response.write(file.subarray(offset, file.length >> 1))
  else response.end(file.subarray(offset))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => { server.closeAllConnections(); server.close() })
const address = server.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/model.onnx?signature=hush-hush`

t.test('a download that was killed half-way is finished by the next, and the service starts with what came', async t => {
  const folder = t.testdir()
  const settings = { MODEL_URL: url, MODEL_TOKEN: 'hush-hush', MODEL_PATH: folder }
  const killed = spawn(process.execPath, [projectFile('dist/cli/servery.js'), 'fetch'], { env: environment(settings) })
  while (!readdirSync(folder).some(name => name.endsWith('.part'))) await new Promise(resolve => setTimeout(resolve, 20))
  await new Promise(resolve => setTimeout(resolve, 100))
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  t.notOk(readdirSync(folder).includes('model.onnx'), 'no half file under the name of the model')

  slow = false
  const { code, stdout } = await servery(['fetch'], settings)
  t.equal(code, 0)
  t.equal(stdout, `${folder}\n`)
  t.same(offsets, [0, files.get('/model.onnx')!.length >> 1])
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(files.get('/model.onnx')!))
})

for (const command of [['fetch'], []]) {
  t.test(`a download of ${command[0] ?? 'the start'} that Ctrl-C ends leaves no half file, and goes on the next time`, async t => {
    const MODEL_CACHE = t.testdir()
    const names = () => readdirSync(MODEL_CACHE, { recursive: true }).map(name => basename(String(name)))
    const settings = { MODEL_TOKEN: 'hush-hush', MODEL_CACHE, PORT: '0', HOST: '127.0.0.1' }
    slow = true
    offsets.length = 0
    const stopped = spawn(process.execPath, [projectFile('dist/cli/servery.js'), ...command, url], { env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [stopped.stdout, stopped.stderr]) stream.on('data', text => { said += String(text) })
    while (!names().some(name => name.startsWith('model.onnx.'))) await new Promise(resolve => setTimeout(resolve, 20))
    await new Promise(resolve => setTimeout(resolve, 200))
    stopped.kill('SIGINT')
    t.same(await once(stopped, 'exit'), [null, 'SIGINT'])
    t.notOk(names().includes('model.onnx'))
    t.notOk(names().includes('complete.json'))

    slow = false
    const { code, stdout, stderr } = await servery(['fetch', url], settings)
    t.equal(code, 0, stderr)
    t.same(offsets, [0, 0, 0, files.get('/model.onnx')!.length >> 1], 'the source is asked what it has before each download')
    t.ok(readFileSync(join(stdout.trim(), 'model.onnx')).equals(files.get('/model.onnx')!))
    t.same(readdirSync(stdout.trim()).sort(), ['card.json', 'model.onnx'])
    t.notMatch(`${said} ${stdout} ${stderr} ${names().join(' ')} ${readFileSync(join(stdout.trim(), '../../complete.json'), 'utf8')}`, 'hush')
  })
}

t.test('a service without a model fetches it at its start, and says nothing of the secrets', async t => {
  const folder = t.testdir()
  const service = await start(t, { MODEL_URL: url, MODEL_TOKEN: 'hush-hush', MODEL_PATH: folder, LOG_LEVEL: 'trace' })
  t.match(await (await fetch(`${service.url}/info`)).json(), { model: 'iris' })
  t.notMatch(JSON.stringify(service.lines), 'hush')
  t.equal(await service.stop(), 0)
})

t.test('a service waits for its model for longer than any plugin usually may', async t => {
  const folder = t.testdir()
  slow = true
  const starting = start(t, { MODEL_URL: url, MODEL_TOKEN: 'hush-hush', MODEL_PATH: folder })
  setTimeout(() => {
    slow = false
    server.closeAllConnections()
  }, 12_000)
  const service = await starting
  t.match(await (await fetch(`${service.url}/info`)).json(), { model: 'iris' })
  t.equal(await service.stop(), 0)
})

t.test('two processes that fetch at once both end well, with one whole model', async t => {
  const folder = t.testdir()
  const settings = { MODEL_URL: url, MODEL_TOKEN: 'hush-hush', MODEL_PATH: folder, MODEL_SHA256: createHash('sha256').update(files.get('/model.onnx')!).digest('hex') }
  slow = true
  const both = [servery(['fetch'], settings), servery(['fetch'], settings)]
  while (readdirSync(folder).filter(name => name.startsWith('model.onnx.')).length < 2) await new Promise(resolve => setTimeout(resolve, 20))
  slow = false
  server.closeAllConnections()
  t.match(await Promise.all(both), [{ code: 0, stderr: /^(?!.*Could not)/ }, { code: 0 }])
  t.ok(readFileSync(join(folder, 'model.onnx')).equals(files.get('/model.onnx')!))
  t.same(readdirSync(folder).sort(), ['card.json', 'model.onnx'])
})

t.test('what cannot be fetched is one line on stderr', async t => {
  const { code, stderr } = await servery(['fetch'], { MODEL_URL: url, MODEL_PATH: t.testdir() })
  t.equal(code, 1)
  t.match(stderr, /^servery: Could not fetch http:\/\/127\.0\.0\.1:\d+\/model\.onnx\?…: the server answered 404 Not Found; check the address\.\n$/)
  t.match(await servery(['fetch'], { MODEL_PATH: t.testdir() }), { code: 1, stderr: /there is no model in .*, and MODEL_URL is not set/ })
})
