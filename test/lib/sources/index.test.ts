import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { openSource, schemeOf, SCHEMES } from '../../../lib/sources/index.ts'
import { Final } from '../../../lib/sources/source.ts'

const settings = { environment: {} }

t.test('an address is told from a path by its scheme', async t => {
  for (const [address, scheme] of [
    ['https://a.example/model.onnx', 'https:'], ['HTTP://a.example/', 'http:'], ['file:///srv/model.onnx', 'file:'], ['ftp://a.example/', 'ftp:'],
    ['C:\\models\\wine.onnx', null], ['c:/wine.onnx', null], ['./a:b', null], ['run:1', null], ['models/wine', null], ['', null]
  ] as const) t.equal(schemeOf(address), scheme, address)
})

t.test('a file of DVC is one whatever its scheme is', t => {
  for (const address of ['model.onnx.dvc', '/srv/wine.onnx.dvc', 'file:///srv/wine.dvc', 'https://a.example/raw/wine.dvc?token=hush', 's3://bucket/wine.DVC', 'dvc:/srv/wine', 'C:\\wine.dvc']) t.equal(schemeOf(address), 'dvc:', address)
  for (const address of ['.dvc', '/srv/.dvc', 'wine.dvc/model.onnx', 'https://a.example/model.onnx?wine.dvc', 'dvc']) t.not(schemeOf(address), 'dvc:', address)
  t.end()
})

t.test('a path, a file and a URL are opened', async t => {
  const folder = t.testdir({ 'wine.onnx': 'model' })
  for (const address of [join(folder, 'wine.onnx'), pathToFileURL(join(folder, 'wine.onnx')).href]) {
    t.match(await openSource(address, settings), { name: 'wine', address: join(folder, 'wine.onnx') })
  }
  t.match(await openSource('https://a.example/wine.onnx?signature=hush', settings), { name: 'wine', address: 'https://a.example/wine.onnx?…' })
})

t.test('every scheme of the table can be loaded', async t => {
  for (const scheme of SCHEMES) {
    const error = await openSource(`${scheme}//`, settings).then(() => null, (error: unknown) => error)
    t.ok(error === null || error instanceof Final, `${scheme} ${String(error)}`)
  }
})

t.test('an unknown scheme is refused by its name', async t => {
  await t.rejects(openSource('ftp://me:hush@a.example/', settings), { constructor: Final, message: /^the scheme 'ftp:' is not one of https: http: file:/ })
})
