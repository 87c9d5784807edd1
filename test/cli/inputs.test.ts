import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { inputsOf } from '../../cli/inputs.ts'

const folder = t.testdir({
  'photo10.jpg': 'ten', 'photo2.JPG': 'two', 'notes.txt': 'no picture', '.hidden.jpg': 'no', below: { 'a.png': 'a', '.git': { 'b.png': 'no' } }, empty: {}, '[1].jpg': 'brackets'
})
const extensions = ['.jpg', '.png']
const names = async (argument: string) => (await inputsOf(argument, extensions, 100)).map(({ name }) => name.replace(`${folder}/`, ''))

t.test('a folder is all files of the right kind in it and below, in the order of people, without hidden ones', async t => {
  t.same(await names(folder), ['[1].jpg', 'below/a.png', 'photo2.JPG', 'photo10.jpg'])
  await t.rejects(inputsOf(join(folder, 'empty'), extensions, 100), { message: `${join(folder, 'empty')} holds no file for this model; their names end in .jpg, .png` })
})

t.test('a file is itself, whatever its name', async t => {
  for (const name of ['notes.txt', '.hidden.jpg', '[1].jpg']) t.same(await names(join(folder, name)), [name])
  const [input] = await inputsOf(`file://${folder}/notes.txt`, extensions, 100)
  t.equal(String(await input?.read()), 'no picture')
})

t.test('a pattern is the files that match it', async t => {
  t.same(await names(join(folder, '*.jpg')), ['[1].jpg', 'photo10.jpg'])
  t.same(await names(join(folder, '**/*.{png,txt}')), ['below/a.png', 'notes.txt'])
  await t.rejects(inputsOf(join(folder, '*.gif'), extensions, 100), { message: `no file matches ${join(folder, '*.gif')}` })
})

t.test('a link to a file of the folder is read, and one that leads nowhere is an error of its own', async t => {
  const linked = t.testdir({})
  mkdirSync(join(linked, 'a'))
  writeFileSync(join(linked, 'a', 'real.jpg'), 'real')
  symlinkSync(join(linked, 'a', 'real.jpg'), join(linked, 'link.jpg'))
  symlinkSync(join(linked, 'nowhere.jpg'), join(linked, 'lost.jpg'))
  const inputs = await inputsOf(linked, extensions, 100)
  t.same(inputs.map(({ name }) => name.replace(`${linked}/`, '')), ['a/real.jpg', 'link.jpg', 'lost.jpg'])
  t.equal(String(await inputs[1]?.read()), 'real')
  await t.rejects(async () => { await inputs[2]?.read() }, { code: 'ENOENT' })
})

t.test('an address is fetched, up to the limit, and an error names it without its secrets', async t => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/photo')) response.end('picture')
    else if (request.url?.startsWith('/endless')) response.end(Buffer.alloc(101))
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const read = async (path: string) => {
    const [input] = await inputsOf(`${origin}${path}`, extensions, 100)
    return String(await input?.read())
  }
  t.equal(await read('/photo.jpg?signature=hush'), 'picture')
  await t.rejects(read('/nothing.jpg?signature=hush'), { message: `${origin}/nothing.jpg?…: the server answered 404 Not Found` })
  await t.rejects(read('/endless'), { message: `${origin}/endless: its answer has more than 100 bytes; save it as a file, or raise the limit with --upload-limit` })
})

t.test('what no input can be is refused', async t => {
  await t.rejects(inputsOf('s3://bucket/photo.jpg', extensions, 100), { message: /^s3:\/\/bucket\/photo\.jpg is not an input: / })
  await t.rejects(inputsOf('ftp://host/photo.jpg', extensions, 100), { message: /is not an input/ })
  const [missing] = await inputsOf(join(folder, 'nothing.jpg'), extensions, 100)
  await t.rejects(async () => { await missing?.read() }, { code: 'ENOENT' })
  const [malformed] = await inputsOf('http://', extensions, 100)
  await t.rejects(async () => { await malformed?.read() }, { message: 'http:// is not a URL' })
})
