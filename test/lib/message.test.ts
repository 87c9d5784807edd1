import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { messageOf } from '../../lib/message.ts'

const messageFrom = async (work: Promise<unknown>) => await work.then(() => 'no error', messageOf)

t.test('errors of files name the file', async t => {
  const folder = t.testdir({ 'a.txt': '' })
  t.equal(await messageFrom(readFile(join(folder, 'none.png'))), `${join(folder, 'none.png')}: there is no such file or folder`)
  t.match(await messageFrom(readFile(folder)), / is a folder, not a file$/)
  t.equal(await messageFrom(readFile(join(folder, 'a.txt', 'b'))), `${join(folder, 'a.txt', 'b')}: a part of this path is a file, not a folder`)
})

t.test('a port in use is named, with the remedy', async t => {
  const first = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { first.close() })
  await once(first, 'listening')
  const address = first.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error')
  t.equal(messageOf(error), `the port ${port} is in use; choose another with --port`)
})

t.test('all other errors keep their message', async t => {
  t.equal(messageOf(new Error('no')), 'no')
  t.equal(messageOf('text'), 'text')
})
