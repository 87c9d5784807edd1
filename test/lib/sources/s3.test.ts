import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { objectUrl, openBucket, openS3, readAddress } from '../../../lib/sources/s3.ts'
import { Absent, Final, type Entry, type Piece } from '../../../lib/sources/source.ts'
import { serve } from './server.ts'
import { claimOf, signatureOf } from './sigv4.ts'

const KEY = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const TOKEN = 'FwoGZXIvYXdzEXAMPLETOKEN'
const START = { offsetBytes: 0, validator: '' }
const NO_FILES = { AWS_CONFIG_FILE: '/nonexistent/config', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials' }
const SIGNED = { ...NO_FILES, AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'eu-west-1' }

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function refuse (response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}, more = '') {
  // As S3 does, with what was signed, which may hold secrets.
  response.writeHead(status, headers).end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>of ${SECRET}</Message><StringToSign>x-amz-security-token:${TOKEN}</StringToSign>${more}</Error>`)
}

/** A page of a listing, as S3 writes it: names are encoded as in forms. */
function page (objects: Record<string, string>, next = '') {
  const contents = Object.entries(objects).map(([key, text]) => `<Contents><Key>${encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;${md5(text)}&quot;</ETag><Size>${Buffer.byteLength(text)}</Size><Owner><ID>1</ID></Owner></Contents>`)
  const more = next ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${xml(next)}</NextContinuationToken>` : '<IsTruncated>false</IsTruncated>'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>models</Name>${more}${contents.join('')}<EncodingType>url</EncodingType></ListBucketResult>`
}

/** A small S3: one bucket, which checks the signature of each request, and sends two objects on a page. */
async function store (t: Test, objects: Record<string, string>, answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const served = await serve(t, (request, response) => {
    if (answer(request, response)) return
    const claim = claimOf(request)
    if (!claim) return refuse(response, 403, 'AccessDenied')
    if (claim.accessKeyId !== KEY) return refuse(response, 403, 'InvalidAccessKeyId')
    if (claim.signature !== signatureOf(request, claim, SECRET)) return refuse(response, 403, 'SignatureDoesNotMatch')
    if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every(name => claim.signedHeaders.includes(name))) return refuse(response, 400, 'AccessDenied')
    const url = new URL(request.url ?? '', 'http://store')
    const key = decodeURIComponent(url.pathname).replace(/^\/models\/?/, '')
    if (key === '') {
      const [prefix, token] = ['prefix', 'continuation-token'].map(name => url.searchParams.get(name) ?? '')
      const keys = Object.keys(objects).filter(key => key.startsWith(prefix!)).sort()
      const start = token === '' ? 0 : Number(/^next (\d+)\/\+=&$/.exec(token!)![1])
      const shown = keys.slice(start, start + 2)
      return response.end(page(Object.fromEntries(shown.map(key => [key, objects[key]!])), start + 2 < keys.length ? `next ${start + 2}/+=&` : ''))
    }
    const text = objects[key]
    if (text === undefined) return refuse(response, 404, 'NoSuchKey')
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const part = Buffer.from(text).subarray(Number(first), last === '' ? undefined : Number(last) + 1)
    const isPart = request.headers.range !== undefined
    response.writeHead(isPart ? 206 : 200, {
      etag: `"${md5(text)}"`, 'content-length': part.length, ...isPart && { 'content-range': `bytes ${first}-${Number(first) + part.length - 1}/${Buffer.byteLength(text)}` }
    }).end(part)
  })
  return { ...served, environment: { ...SIGNED, AWS_ENDPOINT_URL_S3: served.origin } }
}

async function listOf (address: string, environment: Record<string, string>): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of (await openS3(address, { environment })).list()) entries.push(entry)
  return entries
}

async function textOf ({ bytes }: Piece): Promise<string> {
  let text = ''
  for await (const piece of bytes) text += Buffer.from(piece).toString()
  return text
}

/** Expects an error without any secret in it. */
async function refused (t: Test, action: Promise<unknown>, message: RegExp, type: new (...args: never[]) => Error = Final) {
  const error = await action.then(() => null, (error: unknown) => error)
  if (!(error instanceof Error)) return t.fail(`no error ${message}`)
  t.match(error.message, message)
  t.ok(error instanceof type, error.message)
  const shown = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n')
  for (const secret of [SECRET, TOKEN, KEY]) t.notOk(shown.includes(secret), `${secret} is not in: ${error.message}`)
}

t.test("the check of signatures gives those of AWS's examples", async t => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const headers = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-content-sha256': empty, 'x-amz-date': '20130524T000000Z' }
  const claim = { accessKeyId: KEY, region: 'us-east-1', service: 's3', signature: '', signedHeaders: ['host', 'x-amz-content-sha256', 'x-amz-date'] }
  t.equal(signatureOf({ method: 'GET', url: '/?max-keys=2&prefix=J', headers }, claim, SECRET), '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7')
  t.equal(signatureOf({ method: 'GET', url: '/test.txt', headers: { ...headers, range: 'bytes=0-9' } }, { ...claim, signedHeaders: ['host', 'range', 'x-amz-content-sha256', 'x-amz-date'] }, SECRET), 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
})

t.test('all objects below a prefix are listed, page by page, and read', async t => {
  const names = ['model.onnx', 'card.json', 'onnx/a b+c.bin', "quote'(!)*~.txt", 'ünï/文字&<.txt', 'hash#question?%41.txt']
  const objects = Object.fromEntries(names.map(name => [`team/iris/${name}`, `the text of ${name}`]))
  const { requests, environment } = await store(t, { ...objects, 'team/iris/': '', 'team/iris/onnx/': '', 'team/iris2/model.onnx': 'another', other: '1' })
  for (const address of ['s3://models/team/iris', 's3://models/team/iris/']) {
    const source = await openS3(address, { environment })
    t.same([source.name, source.address], ['iris', address])
    const entries: Entry[] = []
    for await (const entry of source.list()) entries.push(entry)
    t.same(entries.map(({ path }) => path).sort(), [...names].sort(), 'without markers of folders, and without a neighbour')
    for (const entry of entries) {
      const text = objects[`team/iris/${entry.path}`]!
      t.same([entry.bytes, entry.version], [Buffer.byteLength(text), `"${md5(text)}"`])
      const piece = await source.open(entry, START)
      t.same([await textOf(piece), piece.digest], [text, { algorithm: 'md5', hex: md5(text) }])
    }
  }
  t.ok(requests.every(request => request.headers['accept-encoding'] === 'identity'))
  t.equal((await listOf('s3://models', environment)).length, names.length + 2, 'a whole bucket')
})

t.test('an object comes with its card and its external data, and nothing else beside it', async t => {
  const { environment } = await store(t, { 'a/wine.onnx': '1', 'a/wine.onnx.data': '22', 'a/card.json': '{}', 'a/beer.onnx': '3', 'a/iris.zip': '4' })
  const source = await openS3('s3://models/a/wine.onnx', { environment })
  t.equal(source.name, 'wine')
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  t.same(entries.map(({ path, bytes }) => [path, bytes]), [['card.json', 2], ['wine.onnx.data', 2], ['wine.onnx', 1]])
  const opened = await openS3('s3://models/a/wine.onnx', { environment })
  t.equal(await textOf(await opened.open(entries[1]!, START)), '22', 'without a listing before it')
  t.same((await listOf('s3://models/a/iris.zip', environment)).map(({ path }) => path), ['iris.zip'])
  await refused(t, listOf('s3://models/b', environment), /there is no object "b", and none below it/, Absent)
})

t.test('a download continues where it stopped, and starts again if the object has changed', async t => {
  const { environment, requests } = await store(t, { 'model.onnx': '0123456789' })
  const bucket = await openBucket('models', { environment })
  const validator = `"${md5('0123456789')}"`
  const rest = await bucket.open('model.onnx', { offsetBytes: 4, validator })
  t.same([rest.offsetBytes, rest.totalBytes, await textOf(rest)], [4, 10, '456789'])
  t.same([requests.at(-1)?.headers.range, requests.at(-1)?.headers['if-range']], ['bytes=4-', validator])
  const changed = await bucket.open('model.onnx', { offsetBytes: 4, validator: '"another"' })
  t.same([changed.offsetBytes, await textOf(changed)], [0, '0123456789'])
})

t.test('a version is asked for by its name', async t => {
  const { environment, requests } = await store(t, { model: '1' })
  const bucket = await openBucket('models', { environment })
  t.same(await bucket.find('model', 'a+b/c='), { key: 'model', bytes: 1, etag: `"${md5('1')}"` })
  t.equal(await textOf(await bucket.open('model', START, 'a+b/c=')), '1')
  t.same(requests.map(({ url }) => url), Array(2).fill('/models/model?versionId=a%2Bb%2Fc%3D'))
  t.equal(await bucket.find('nothing'), null)
})

t.test('an ETag is an MD5 only where nothing was uploaded in parts, or encrypted by a key of its own', async t => {
  const digest = '0123456789abcdef0123456789abcdef'
  const cases: Array<[headers: Record<string, string>, isDigest: boolean]> = [
    [{ etag: `"${digest}"` }, true],
    [{ etag: `"${digest}"`, 'x-amz-server-side-encryption': 'AES256' }, true],
    [{ etag: `"${digest}-3"` }, false],
    [{ etag: `W/"${digest}"` }, false],
    [{ etag: `"${digest}"`, 'x-amz-server-side-encryption': 'aws:kms' }, false],
    [{ etag: `"${digest}"`, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, false]
  ]
  for (const [headers, isDigest] of cases) {
    const { environment } = await store(t, {}, (_, response) => { response.writeHead(200, headers).end('1'); return true })
    const piece = await (await openBucket('models', { environment })).open('model', START)
    t.same(piece.digest, isDigest ? { algorithm: 'md5', hex: digest } : undefined, JSON.stringify(headers))
    await textOf(piece)
  }
})

t.test('requests are signed for the region that the store names', async t => {
  for (const status of [301, 307, 400]) {
    const { environment, requests } = await store(t, { 'a/b': '1' }, (request, response) => {
      if (claimOf(request)?.region === 'ap-south-2') return false
      const headers: Record<string, string> = status === 400 ? {} : { 'x-amz-bucket-region': 'ap-south-2' }
      refuse(response, status, 'Elsewhere', { ...headers, location: 'http://169.254.169.254/' }, '<Region>ap-south-2</Region>')
      return true
    })
    t.equal((await listOf('s3://models/a', environment)).length, 1)
    t.equal(requests.filter(request => claimOf(request)?.region !== 'ap-south-2').length, 1, 'and then stays there')
  }
  const { environment, requests } = await store(t, {}, (_, response) => { refuse(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': `r-${requests.length}` }); return true })
  await refused(t, listOf('s3://models/a/', environment), /301 PermanentRedirect: the bucket is in another region/)
  t.equal(requests.length, 3, 'a store that sends on and on is given up')
  const strange = await store(t, {}, (_, response) => { refuse(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'evil.example/' }); return true })
  await refused(t, listOf('s3://models/a/', strange.environment), /another region/)
  t.equal(strange.requests.length, 1, 'what is no name of a region goes into no host')
})

t.test('temporary keys send their token, and requests without keys are not signed', async t => {
  const { environment, requests } = await store(t, { 'a/b': '1' })
  await listOf('s3://models/a/', { ...environment, AWS_SESSION_TOKEN: TOKEN })
  t.equal(requests[0]?.headers['x-amz-security-token'], TOKEN)
  t.ok(claimOf(requests[0]!)?.signedHeaders.includes('x-amz-security-token'))
  const anonymous = await store(t, {}, (_, response) => { response.end(page({ 'a/b': '1' })); return true })
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...nobody } = anonymous.environment
  t.equal((await listOf('s3://models/a/', nobody)).length, 1)
  t.equal((await listOf('s3://models/a/', { ...anonymous.environment, AWS_NO_SIGN_REQUEST: 'true' })).length, 1)
  t.ok(anonymous.requests.every(({ headers }) => headers.authorization === undefined && !Object.keys(headers).some(name => name.startsWith('x-amz'))))
})

t.test('what S3 refuses says what to do, and no secret', async t => {
  const codes: Array<[status: number, code: string, message: RegExp, type?: typeof Absent]> = [
    [403, 'AccessDenied', /access is denied to these credentials; allow s3:GetObject/, Absent],
    [404, 'NoSuchBucket', /there is no such bucket; check its name/],
    [403, 'SignatureDoesNotMatch', /check AWS_SECRET_ACCESS_KEY/],
    [403, 'InvalidAccessKeyId', /check AWS_ACCESS_KEY_ID/],
    [400, 'ExpiredToken', /the session token has expired; get a new one/],
    [400, 'InvalidToken', /set AWS_SESSION_TOKEN/],
    [403, 'RequestTimeTooSkewed', /set the clock/],
    [403, 'InvalidObjectState', /archived; restore it/],
    [400, `Evil ${SECRET}`, /^the store answered 400$/],
    [400, 'constructor', /^the store answered 400 constructor$/]
  ]
  for (const [status, code, message, type] of codes) {
    const { environment } = await store(t, {}, (_, response) => { refuse(response, status, code); return true })
    await refused(t, listOf('s3://models/a/', { ...environment, AWS_SESSION_TOKEN: TOKEN }), message, type)
    await refused(t, (await openS3('s3://models/a/', { environment })).open({ path: 'b', bytes: null, version: null }, START), message, type)
  }
  for (const [status, code] of [[503, 'SlowDown'], [500, 'InternalError'], [400, 'RequestTimeout'], [429, 'TooManyRequests']] as const) {
    const { environment } = await store(t, {}, (_, response) => { refuse(response, status, code); return true })
    const error = await listOf('s3://models/a/', environment).then(() => null, (error: unknown) => error)
    t.ok(error instanceof Error && !(error instanceof Final), `${code} may pass`)
  }
  const wrong = await store(t, { 'a/b': '1' })
  await refused(t, listOf('s3://models/a/', { ...wrong.environment, AWS_SECRET_ACCESS_KEY: `${SECRET}1` }), /SignatureDoesNotMatch/)
  const page = await store(t, {}, (_, response) => { response.writeHead(403, { 'content-type': 'text/html' }).end(`<html><p>${SECRET}<br>`); return true })
  await refused(t, listOf('s3://models/a/', page.environment), /^the store answered 403$/)
})

t.test('a redirect of the store is not followed, so that no signature goes elsewhere', async t => {
  const elsewhere = await serve(t, (_, response) => { response.end(page({ 'a/b': '1' })) })
  const { environment } = await store(t, {}, (_, response) => { response.writeHead(302, { location: elsewhere.origin }).end(); return true })
  await refused(t, listOf('s3://models/a/', environment), /the store answered 302/)
  t.equal(elsewhere.requests.length, 0)
})

t.test('hostile listings end', async t => {
  const answered = async (body: string | ((count: number) => string)) => {
    const served = await store(t, {}, (_, response) => { response.end(typeof body === 'string' ? body : body(served.requests.length)); return true })
    return served
  }
  const same = await answered(page({ 'a/b': '1' }, 'again'))
  await refused(t, listOf('s3://models/a/', same.environment), /repeats a page/)
  const empty = await answered(count => page({}, `token ${count}`))
  await refused(t, listOf('s3://models/a/', empty.environment), /more than 100 empty pages/)
  const markers = await answered(count => page({ 'a/b/': '' }, `token ${count}`))
  await refused(t, listOf('s3://models/a/', markers.environment), /more than 100 empty pages/)
  const sizeless = await answered(page({ 'a/b': '1' }).replace(/<Size>.*<\/Size>/, ''))
  await refused(t, listOf('s3://models/a/', sizeless.environment), /an object without its size/)
  t.equal(empty.requests.length, 101)
  const outside = await answered(page({ 'b/c': '1' }))
  await refused(t, listOf('s3://models/a/', outside.environment), /not below the prefix/)
  for (const [body, message] of [
    ['<html><body>hello</body></html>', /no listing of S3/],
    ['{}', /not XML/],
    ['<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>', /not where/],
    ['<ListBucketResult><Contents><Key>%ff</Key><Size>1</Size></Contents><EncodingType>url</EncodingType></ListBucketResult>', /not encoded as it says/],
    ['<!DOCTYPE x [<!ENTITY a "aaaa">]><ListBucketResult>&a;</ListBucketResult>', /document type/],
    ['<ListBucketResult><Prefix>&xxe;</Prefix></ListBucketResult>', /not XML/],
    [`<ListBucketResult>${'<a>'.repeat(100_000)}`, /more than 16 elements/],
    [`<ListBucketResult><Key>${'k'.repeat(200_000)}</Key>`, /more than 16384 characters/],
    [`<ListBucketResult>${'<a></a>'.repeat(1_300_000)}`, /more bytes than the limit of 8388608/]
  ] as const) await refused(t, listOf('s3://models/a/', (await answered(body)).environment), message)
})

t.test('a listing of 100,000 objects comes page by page, for a caller who stops', async t => {
  const { environment, requests } = await store(t, {}, (request, response) => {
    const start = Number(new URL(request.url!, 'http://store').searchParams.get('continuation-token'))
    response.end(page(Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`a/${start + at}`, '1'])), start < 99_000 ? `${start + 1000}` : ''))
    return true
  })
  let count = 0
  for await (const { bytes } of (await openS3('s3://models/a/', { environment })).list()) {
    count += bytes!
    if (count > 10_000) break
  }
  t.equal(requests.length, 11)
})

t.test('keys that climb out of their folder are listed as they are, and never asked for', async t => {
  const { environment, requests } = await store(t, { 'a/../../etc/passwd': '1' })
  const source = await openS3('s3://models/a/', { environment })
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  t.equal(entries[0]?.path, '../../etc/passwd', 'the rules for paths see it')
  const asked = requests.length
  await refused(t, source.open(entries[0]!, START), /the part '\.' or '\.\.'/)
  t.equal(requests.length, asked)
})

t.test('objects have the URLs of AWS, or those of a store of one\'s own', async t => {
  const aws = { endpoint: null, isVirtualHost: false, region: 'eu-west-1' }
  t.equal(objectUrl(aws, 'models', 'a b/ü+?#.onnx').href, 'https://models.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%3F%23.onnx')
  t.equal(objectUrl(aws, 'my.models', 'a').href, 'https://s3.eu-west-1.amazonaws.com/my.models/a', 'a name with dots fits no certificate')
  t.equal(objectUrl({ ...aws, region: 'cn-north-1' }, 'models', '').href, 'https://models.s3.cn-north-1.amazonaws.com.cn/')
  const own = { ...aws, endpoint: new URL('http://10.0.0.5:9000/storage/v1/s3/') }
  t.equal(objectUrl(own, 'models', 'a//b', 'x=1').href, 'http://10.0.0.5:9000/storage/v1/s3/models/a//b?x=1')
  t.equal(objectUrl({ ...aws, endpoint: new URL('https://store.example'), isVirtualHost: true }, 'models', 'a').href, 'https://models.store.example/a')
})

t.test('an address names a bucket and a key', async t => {
  t.same(readAddress('s3://models/a%20b/c?d#e/'), { bucket: 'models', key: 'a%20b/c?d#e/' })
  t.same(readAddress('S3://models'), { bucket: 'models', key: '' })
  for (const address of ['s3://', 's3:///a', 's3://a..b/c', 's3://arn:aws:s3:eu-west-1:1:accesspoint/x/c', 's3://-a/b', 's3://a/../b'.replace('a/..', '..')]) {
    t.throws(() => readAddress(address), { message: /s3:\/\/BUCKET\/KEY/ }, address)
  }
  await refused(t, openS3(`s3://${KEY}:${SECRET}@models/a`, { environment: NO_FILES }), /s3:\/\/BUCKET|holds no credentials/)
  await refused(t, openS3(`s3://${KEY}:secret@models/a`, { environment: NO_FILES }), /holds no credentials; set AWS_ACCESS_KEY_ID/)
})
