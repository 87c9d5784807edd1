import t from 'tap'
import { Absent, Final, type Entry, type Source } from '../../../lib/sources/source.ts'
import { authorizationOf, decoded, openWeb } from '../../../lib/sources/web.ts'
import { serve } from './server.ts'

const NOTHING = { offsetBytes: 0, validator: '' }

async function entriesOf (source: Source): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  return entries
}

t.test('an ONNX file may have a card and external data beside it, and keeps its query', async t => {
  const { origin, requests } = await serve(t, (_request, response) => { response.end('model') })
  const source = await openWeb(`${origin}/a%20b/wine.onnx?X-Amz-Signature=hush&b=%2F`, { environment: {} })
  t.match(source, { name: 'wine', address: `${origin}/a%20b/wine.onnx?…` })
  const entries = await entriesOf(source)
  t.same(entries.map(({ path, isOptional = false }) => [path, isOptional]), [['model.onnx', false], ['card.json', true], ['wine.onnx.data', true], ['wine.onnx_data', true]])
  for (const entry of entries) for await (const piece of (await source.open(entry, NOTHING)).bytes) t.equal(Buffer.from(piece).toString(), 'model')
  t.same(requests.map(({ url }) => url), ['wine.onnx', 'card.json', 'wine.onnx.data', 'wine.onnx_data'].map(name => `/a%20b/${name}?X-Amz-Signature=hush&b=%2F`))
})

t.test('a file without the ending of ONNX is a model, too, and an archive is itself', async t => {
  const paths = async (address: string) => (await entriesOf(await openWeb(address, { environment: {} }))).map(({ path }) => path)
  t.same(await paths('https://a.example/models/download?id=3'), ['model.onnx', 'card.json'])
  t.same(await paths('https://a.example/'), ['model.onnx', 'card.json'])
  t.same(await paths('https://a.example/wine.tar.gz?signature=1'), ['wine.tar.gz'])
  t.same(await paths('https://a.example/%zz.onnx'), ['model.onnx', 'card.json', '%zz.onnx.data', '%zz.onnx_data'])
})

t.test('a token is sent as the header wants it', async t => {
  const { origin, requests } = await serve(t, (_request, response) => { response.end('model') })
  for (const token of ['hush', 'Bearer hush', undefined]) {
    const source = await openWeb(`${origin}/wine.onnx`, { token, environment: {} })
    await source.open({ path: 'model.onnx', bytes: null, version: null }, NOTHING)
  }
  t.same(requests.map(({ headers }) => headers.authorization), ['token hush', 'Bearer hush', undefined])
  t.equal(authorizationOf('hush'), 'token hush')
})

t.test('credentials in a URL are refused, and not repeated', async t => {
  const error = await openWeb('https://me:hush@a.example/', { environment: {} }).catch((error: unknown) => error)
  t.match(error, { constructor: Final, message: 'credentials in the URL are not sent; use MODEL_TOKEN' })
  await t.rejects(openWeb('https://', { environment: {} }), { constructor: Final, message: 'it is not a URL' })
})

t.test('what is no file says what to do', async t => {
  const { origin } = await serve(t, ({ url = '' }, response) => {
    const [status = '', type = ''] = url.slice(1).split('.')[0]!.split('-')
    response.writeHead(Number(status), type ? { 'content-type': `text/${type}; charset=utf-8` } : {}).end('<html>')
  })
  const opened = async (path: string, token?: string) => await (await openWeb(`${origin}/${path}.onnx`, { token, environment: {} })).open({ path: 'model.onnx', bytes: null, version: null }, NOTHING)
  for (const [path, token, message] of [
    ['200-html', undefined, 'the server sends a web page and no file; name the URL that a browser downloads the file from'],
    ['404-html', undefined, 'the server answered 404 Not Found; check the address'],
    ['401', undefined, 'the server answered 401 Unauthorized; set MODEL_TOKEN, or get a new URL if it is a signed one'],
    ['403', 'hush', 'the server answered 403 Forbidden; check what MODEL_TOKEN may read, or get a new URL if it is a signed one']
  ] as const) await t.rejects(opened(path, token), { constructor: Absent, message })
  await t.resolves(opened('200-plain'))
})

t.test('a part of a URL is read as people do', t => {
  t.equal(decoded('a%20b'), 'a b')
  t.equal(decoded('%ff'), '%ff')
  t.end()
})
