import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import t, { type Test } from 'tap'
import { openMlflow } from '../../../lib/sources/mlflow.ts'
import { Absent, Final, type Entry, type Source, type SourceSettings } from '../../../lib/sources/source.ts'
import { cert, key } from '../../fixtures/tls.ts'
import { listen, sendFrom, serve, type Served } from './server.ts'

const NOTHING = { offsetBytes: 0, validator: '' }
const RUN = '091cd0bd87174fe488524c850f11f82e'
const MODEL = `m-${'8c32e607db54403b876c19f5e3b05ff0'}`
const API = '/api/2.0/mlflow'
const PROXY = '/api/2.0/mlflow-artifacts/artifacts'

/** Files that a tracking server has, by their paths. */
const ARTIFACTS: Record<string, Buffer> = Object.fromEntries([
  `1/${RUN}/artifacts/raw/model.onnx`, `1/${RUN}/artifacts/raw/model.onnx.data`, `1/${RUN}/artifacts/raw/card.json`, `1/${RUN}/artifacts/raw/notes.txt`, `1/${RUN}/artifacts/raw/a b/ü#.txt`,
  `1/models/${MODEL}/artifacts/MLmodel`, `1/models/${MODEL}/artifacts/model.onnx`
].map(path => [path, Buffer.from(`bytes of ${path}`)]))

type Body = Record<string, unknown>

interface Tracking extends Served {
  /** The bodies of its POST requests. */
  bodies: Body[]
}

/**
 * Answers as mlflow server 3.17 does: what it says was recorded from one.
 *
 * @param changes other answers, by their paths; null: 404
 */
async function track (t: Test, changes: Record<string, unknown> = {}, { authorization }: { authorization?: string } = {}): Promise<Tracking> {
  const bodies: Body[] = []
  const answers: Record<string, unknown> = {
    [`${API}/runs/get?run_id=${RUN}`]: { run: { info: { run_id: RUN, experiment_id: '1', status: 'FINISHED', end_time: 1796062242789, artifact_uri: `mlflow-artifacts:/1/${RUN}/artifacts` } } },
    [`${API}/logged-models/${MODEL}`]: { model: { info: { model_id: MODEL, artifact_uri: `mlflow-artifacts:/1/models/${MODEL}/artifacts` } } },
    [`${API}/model-versions/get-download-uri?name=iris&version=1`]: { artifact_uri: `mlflow-artifacts:/1/models/${MODEL}/artifacts` },
    [`${API}/model-versions/get-download-uri?name=iris&version=10`]: { artifact_uri: `mlflow-artifacts:/1/${RUN}/artifacts/raw` },
    [`${API}/registered-models/alias?name=iris&alias=champion`]: { model_version: { name: 'iris', version: '1' } },
    [`${API}/registered-models/get-latest-versions`]: { model_versions: [{ version: '9' }, { version: '10' }] },
    [`${API}/logged-models/search`]: {
      models: [
        { info: { model_id: `m-${'0'.repeat(32)}`, name: 'classifier', source_run_id: 'other' } }, { info: { model_id: MODEL, name: 'classifier', source_run_id: RUN } }
      ]
    },
    ...changes
  }
  const served = await serve(t, (request, response) => {
    if (authorization !== undefined && request.headers.authorization !== authorization) return response.writeHead(401).end(`Not ${request.headers.authorization}`)
    const url = new URL(request.url ?? '', 'http://mlflow')
    readBody(request).then(body => {
      if (body !== null) bodies.push(body)
      const answer = answers[request.url ?? '']
      if (answer !== undefined) return answer === null ? response.writeHead(404).end() : response.end(JSON.stringify(answer))
      if (url.pathname === PROXY) return response.end(JSON.stringify({ files: listed(url.searchParams.get('path') ?? '') }))
      const bytes = ARTIFACTS[decodeURIComponent(url.pathname.replace(`${PROXY}/`, ''))]
      if (bytes) return sendFrom(request, response, bytes)
      response.writeHead(url.pathname.includes('alias') ? 400 : 404).end(JSON.stringify({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: request.headers.authorization }))
    }, error => { response.destroy(error) })
  })
  return { ...served, bodies }
}

/** What is in a folder, as a tracking server says it. */
function listed (folder: string): unknown[] {
  const below = Object.entries(ARTIFACTS).flatMap(([path, bytes]) => path.startsWith(`${folder}/`) ? [{ rest: path.slice(folder.length + 1), bytes }] : [])
  const folders = new Set(below.flatMap(({ rest }) => rest.includes('/') ? [rest.split('/')[0]] : []))
  return [
    ...[...folders].map(path => ({ path, is_dir: true })),
    ...below.flatMap(({ rest, bytes }) => rest.includes('/') ? [] : [{ path: rest, is_dir: false, file_size: String(bytes.length) }])
  ]
}

async function readBody (request: IncomingMessage): Promise<Body | null> {
  let text = ''
  for await (const piece of request) text += String(piece)
  return text === '' ? null : JSON.parse(text)
}

async function open (address: string, origin: string, environment: Record<string, string> = {}, others: Omit<SourceSettings, 'environment'> = {}): Promise<Source> {
  return await openMlflow(address, { environment: { MLFLOW_TRACKING_URI: origin, ...environment }, ...others })
}

async function all (source: Source): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of source.list()) entries.push(entry)
  return entries
}

async function contents (source: Source): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const entry of await all(source)) {
    let text = ''
    for await (const piece of (await source.open(entry, NOTHING)).bytes) text += Buffer.from(piece).toString()
    files[entry.path] = text
  }
  return files
}

async function faultOf (promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => null, (error: unknown) => error)
}

t.test('the folder of a run is fetched with the folders in it', async t => {
  const { origin } = await track(t)
  const source = await open(`runs:/${RUN}/raw`, origin)
  const entries = await all(source)
  t.same([source.name, source.address], ['raw', `runs:/${RUN}/raw`])
  const root = `bytes of 1/${RUN}/artifacts/raw`
  t.same(await contents(source), {
    'a b/ü#.txt': `${root}/a b/ü#.txt`, 'model.onnx': `${root}/model.onnx`, 'model.onnx.data': `${root}/model.onnx.data`, 'card.json': `${root}/card.json`, 'notes.txt': `${root}/notes.txt`
  })
  t.same(entries.find(({ path }) => path === 'card.json'), { path: 'card.json', bytes: `${root}/card.json`.length, version: `${RUN} 1796062242789 ${`${root}/card.json`.length}` })
})

t.test('a file of a run comes with what belongs to it', async t => {
  const { origin } = await track(t)
  const source = await open(`runs:/${RUN}/raw/model.onnx`, origin)
  t.same(Object.keys(await contents(source)).sort(), ['card.json', 'model.onnx', 'model.onnx.data'])
  t.equal(source.name, 'raw')
  t.same(Object.keys(await contents(await open(`runs:/${RUN}/raw/notes.txt`, origin))), ['notes.txt'])
})

t.test('what a run has logged as a model is found beside the run', async t => {
  const { origin, bodies } = await track(t)
  t.same(Object.keys(await contents(await open(`runs:/${RUN}/classifier`, origin))), ['MLmodel', 'model.onnx'])
  t.same(bodies, [{ experiment_ids: ['1'], filter: "name = 'classifier'" }])
  t.same(Object.keys(await contents(await open(`runs:/${RUN}/classifier/MLmodel`, origin))), ['MLmodel'])
  // A server of MLflow 2 has no such models.
  const old = await track(t, { [`${API}/logged-models/search`]: null })
  await t.rejects(open(`runs:/${RUN}/classifier`, old.origin).then(all), { message: /there are no artifacts at 1\/.*\/classifier; name the folder/ })
})

t.test('the search for a logged model goes on page by page, and comes to an end', async t => {
  let page = 0
  const server = await serve(t, (request, response) => {
    if (request.url?.startsWith(`${API}/runs/get`)) return response.end(JSON.stringify({ run: { info: { experiment_id: '1', artifact_uri: 'mlflow-artifacts:/1/x' } } }))
    if (request.url?.startsWith(PROXY)) return response.end('{}')
    response.end(JSON.stringify({ models: [], next_page_token: String(++page) }))
  })
  await t.rejects(open(`runs:/${RUN}/o'neil`, server.origin).then(all), { constructor: Final, message: /too many models named o'neil/ })
  t.equal(page, 100)
})

t.test('a registered model is named by version, alias, stage, or as the newest, and a logged model by its ID', async t => {
  const { origin, bodies } = await track(t)
  const files = ['MLmodel', 'model.onnx']
  for (const address of ['models:/iris/1', 'models:/iris@champion', 'models:/iris/champion', `models:/${MODEL}`, 'models:///iris/1']) {
    t.same(Object.keys(await contents(await open(address, origin))), files, address)
  }
  t.equal((await open('models:/iris/1', origin)).name, 'iris')
  t.same(Object.keys(await contents(await open('models:/iris/1/MLmodel', origin))), ['MLmodel'])
  t.same(Object.keys(await contents(await open('models:/iris@champion/MLmodel', origin))), ['MLmodel'])
  for (const [address, body] of [['models:/iris/latest', { name: 'iris' }], ['models:/iris/Production', { name: 'iris', stages: ['Production'] }]] as const) {
    t.ok((await all(await open(address, origin))).some(({ path }) => path === 'notes.txt'), `${address} is version 10`)
    t.same(bodies.at(-1), body)
  }
  // After @, it is an alias, whatever its name.
  await t.rejects(open('models:/iris@Production', origin).then(all), { constructor: Absent, message: /has no alias or stage Production/ })
  // A server that has stages no more.
  const newer = await track(t, { [`${API}/registered-models/get-latest-versions`]: null, [`${API}/registered-models/alias?name=iris&alias=production`]: { model_version: { version: '1' } } })
  t.same(Object.keys(await contents(await open('models:/iris/production', newer.origin))), files)
})

t.test('an address that names another of the registry is followed, and one that goes round is not', async t => {
  const { origin } = await track(t, {
    [`${API}/model-versions/get-download-uri?name=a&version=1`]: { artifact_uri: `models:/${MODEL}` },
    [`${API}/model-versions/get-download-uri?name=b&version=1`]: { artifact_uri: `runs:/${RUN}/raw` },
    [`${API}/model-versions/get-download-uri?name=c&version=1`]: { artifact_uri: 'models:/c/1' }
  })
  t.same(Object.keys(await contents(await open('models:/a/1', origin))), ['MLmodel', 'model.onnx'])
  t.ok((await all(await open('models:/b/1', origin))).length > 3)
  await t.rejects(open('models:/c/1', origin).then(all), { constructor: Final, message: /one address after the other/ })
})

t.test('the user, the password and the token are sent to the server', async t => {
  const user = `Basic ${Buffer.from('me:hush:1').toString('base64')}`
  const { origin } = await track(t, {}, { authorization: user })
  const withUser = origin.replace('//', '//me:hush%3A1@')
  for (const [uri, environment] of [
    [withUser, { MLFLOW_TRACKING_USERNAME: 'x', MLFLOW_TRACKING_PASSWORD: 'y' }], [`${withUser}/`, {}],
    [origin, { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'hush:1', MLFLOW_TRACKING_TOKEN: 'z' }]
  ] as const) {
    t.same(Object.keys(await contents(await open('models:/iris/1', uri, environment))), ['MLmodel', 'model.onnx'])
  }
  const bearer = await track(t, {}, { authorization: 'Bearer hush' })
  t.ok(await contents(await open('models:/iris/1', bearer.origin, { MLFLOW_TRACKING_TOKEN: 'hush' })))
  t.ok(await contents(await open('models:/iris/1', bearer.origin.replace('//', '//a:b@'), { MLFLOW_TRACKING_TOKEN: 'c' }, { token: 'hush' })))
  t.ok(await contents(await open('models:/iris/1', origin, {}, { token: user })))
  for (const [environment, message] of [[{}, /answered 401: it wants to know the user; set MLFLOW_TRACKING_USERNAME/], [{ MLFLOW_TRACKING_TOKEN: 'secret-1' }, /the user or the token may not read this/]] as const) {
    const error = await faultOf(open('models:/iris/1', origin, environment).then(all))
    t.ok(error instanceof Final)
    t.match(String(error), message)
    t.notMatch(String(error), 'secret-1')
  }
})

t.test('the registry may be another server, which does not have the artifacts', async t => {
  const registry = await track(t)
  const tracking = await track(t, { [`${API}/model-versions/get-download-uri?name=iris&version=1`]: null })
  t.same(Object.keys(await contents(await open('models:/iris/1', tracking.origin, { MLFLOW_REGISTRY_URI: registry.origin }))), ['MLmodel', 'model.onnx'])
  t.ok(registry.requests.every(({ url }) => url?.startsWith(API)))
  t.ok(tracking.requests.every(({ url }) => url?.startsWith(PROXY)))
})

t.test('a server below a path is asked there', async t => {
  const { origin, requests } = await serve(t, (_request, response) => { response.end(JSON.stringify({ artifact_uri: 'mlflow-artifacts:/1/a', files: [{ path: 'model.onnx' }] })) })
  const [entry] = await all(await open('models:/iris/1', `${origin}/mlflow/`))
  t.same(entry, { path: 'model.onnx', bytes: null, version: '1 mlflow-artifacts:/1/a ' })
  t.same(requests.map(({ url }) => url), [`/mlflow${API}/model-versions/get-download-uri?name=iris&version=1`, `/mlflow${PROXY}?path=1%2Fa`])
})

t.test('artifacts at another server are fetched without the secrets', async t => {
  const other = await track(t)
  for (const artifacts of [other.origin.replace('http:', 'mlflow-artifacts:'), `${other.origin}${PROXY}`]) {
    const { origin } = await track(t, { [`${API}/model-versions/get-download-uri?name=iris&version=1`]: { artifact_uri: `${artifacts}/1/models/${MODEL}/artifacts` } })
    t.same(Object.keys(await contents(await open('models:/iris/1', origin, { MLFLOW_TRACKING_TOKEN: 'hush' }))), ['MLmodel', 'model.onnx'])
  }
  t.ok(other.requests.length > 5)
  t.ok(other.requests.every(({ headers }) => headers.authorization === undefined))
})

t.test('artifacts in a store are left to its source, without the token of the server', async t => {
  const asked: Array<[string, SourceSettings]> = []
  const openSource = async (address: string, settings: SourceSettings): Promise<Source> => {
    asked.push([address, settings])
    return { name: 'x', address, async * list () { yield { path: 'model.onnx', bytes: 1, version: 'v' } }, open: async () => { throw new Absent('none') } }
  }
  for (const [uri, expected] of [
    ['s3://bucket/1/artifacts', 's3://bucket/1/artifacts/raw'], ['gs://bucket/a/', 'gs://bucket/a/raw'], ['file:///srv/mlruns/1', 'file:///srv/mlruns/1/raw'], ['/srv/mlruns/1', '/srv/mlruns/1/raw']
  ] as const) {
    const { origin } = await track(t, { [`${API}/runs/get?run_id=${RUN}`]: { run: { info: { artifact_uri: uri } } } })
    const source = await open(`runs:/${RUN}/raw`, origin, { AWS_REGION: 'eu-west-1' }, { token: 'hush', openSource })
    t.same(await all(source), [{ path: 'model.onnx', bytes: 1, version: 'v' }])
    await t.rejects(source.open({ path: 'model.onnx', bytes: 1, version: 'v' }, NOTHING), { message: 'none' })
    t.match(asked.at(-1), [expected, { environment: { AWS_REGION: 'eu-west-1' } }])
    t.equal(asked.at(-1)?.[1].token, undefined)
  }
  for (const [uri, message] of [
    ['wasbs://c@a.blob.core.windows.net/x', /the artifacts are at wasbs:, which is not read/], ['https://host/x', /at a URL that is no server of artifacts/],
    [`http://me:hush@host${PROXY}/x`, /malformed|credentials/], ['mlflow-artifacts://me:hush@host/x', /malformed|credentials/], ['', /does not say where the artifacts are/], [7, /does not say where the artifacts are/]
  ] as const) {
    const { origin } = await track(t, { [`${API}/runs/get?run_id=${RUN}`]: { run: { info: { artifact_uri: uri } } } })
    const error = await faultOf(open(`runs:/${RUN}/raw`, origin, {}, { openSource }).then(all))
    t.ok(error instanceof Final, String(uri))
    t.match(String(error), message)
    t.notMatch(String(error), 'hush')
  }
})

t.test('a server with https: never leads to artifacts with http:', async t => {
  // Nobody signed the certificate of the test.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => { delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'] })
  const plain = await serve(t, (_request, response) => { response.end('{}') })
  const { origin } = await listen(t, createServer({ key, cert }), (_request, response) => { response.end(JSON.stringify({ artifact_uri: `${plain.origin}${PROXY}/1` })) }, 'localhost', 'https')
  await t.rejects(open('models:/iris/1', origin).then(all), { constructor: Final, message: /the server with https: names one with http: for the artifacts/ })
  t.equal(plain.requests.length, 0)
})

t.test('hostile listings come to an end, and lead nowhere', async t => {
  for (const [files, message] of [
    [[{ path: '../x' }], /the server lists \.\.\/x in a folder, which is not the name of a file/], [[{ path: '..', is_dir: true }], /not the name of a file/], [[{ path: '' }], /an empty name/],
    [[{ path: '/etc/x' }], /not the name of a file/], [[{ path: 'a\\b' }], /not the name of a file/], [[{ path: 3 }], /an empty name/],
    [[{ path: 'a', is_dir: true }], /more than 16 folders below one another/], [[{ path: 'x', is_dir: false }, { path: 'a', is_dir: true }, { path: 'b', is_dir: true }], /more than (16|1000) folders/]
  ] as const) {
    const { origin, requests } = await serve(t, (request, response) => {
      response.end(JSON.stringify(request.url?.startsWith(PROXY) ? { files } : { artifact_uri: 'mlflow-artifacts:/1/a' }))
    })
    await t.rejects(open('models:/iris/1', origin).then(all), { constructor: Final, message })
    t.ok(requests.length <= 1002)
  }
})

t.test('a listing of many folders without a file, and one whose pages never end, are given up', async t => {
  let count = 0
  const wide = await serve(t, (request, response) => {
    const isTop = request.url?.endsWith('path=1%2Fa')
    response.end(JSON.stringify(!request.url?.startsWith(PROXY) ? { artifact_uri: 'mlflow-artifacts:/1/a' } : { files: isTop ? Array.from({ length: 2000 }, (_, index) => ({ path: `d${index}`, is_dir: true })) : [] }))
  })
  await t.rejects(open('models:/iris/1', wide.origin).then(all), { constructor: Final, message: /in more than 1000 folders/ })
  const endless = await serve(t, (request, response) => {
    response.end(JSON.stringify(!request.url?.startsWith(PROXY) ? { artifact_uri: 'mlflow-artifacts:/1/a' } : { files: [{ path: `f${count}` }], next_page_token: String(++count) }))
  })
  await t.rejects(open('models:/iris/1', endless.origin).then(all), { constructor: Final, message: /more than 100 pages/ })
})

t.test('malformed addresses and settings are refused without a request', async t => {
  for (const [address, message] of [
    ['runs:/', /runs:\/ID\/PATH/], ['runs:/a//b', /runs:\/ID\/PATH/], ['runs:/a/../b', /runs:\/ID\/PATH/], ['models:/iris', /does not say which version; write models:\/iris\/1/],
    ['models:/', /models:\/NAME\/VERSION/], ['runs://profile@databricks/a/b', /names a server, as Databricks does/]
  ] as const) await t.rejects(open(address, 'http://127.0.0.1:1'), { constructor: Final, message }, address)
  for (const [uri, message] of [
    ['', /MLFLOW_TRACKING_URI is not set/], ['databricks://x', /Databricks has an API of its own/], ['sqlite:///mlflow.db', /with this database|and this database/], ['./mlruns', /and this folder/], ['file:///srv/mlruns', /and this folder/],
    ['postgresql://me:hush@host/db', /and this database/], ['http://a:%zz@host', /not encoded as in a URL/]
  ] as const) {
    const error = await faultOf(open('models:/iris/1', uri))
    t.ok(error instanceof Final, uri)
    t.match(String(error), message)
    t.notMatch(String(error), 'hush')
  }
  await t.rejects(open('models:/iris/1', 'https://host', { MLFLOW_TRACKING_INSECURE_TLS: 'true' }), { constructor: Final, message: /certificates are always checked; set NODE_EXTRA_CA_CERTS/ })
})

t.test('what the server lacks is said in words of ours, and asked for again', async t => {
  const { origin, requests } = await track(t)
  for (const [address, message] of [
    ['models:/none/1', /has no version 1 of a model none/], ['models:/iris@none', /has no alias or stage none of a model iris/], ['runs:/none/x', /has no run none/], [`models:/m-${'1'.repeat(32)}`, /has no logged model m-1/]
  ] as const) {
    const source = await open(address, origin, { MLFLOW_TRACKING_TOKEN: 'hush' })
    const error = await faultOf(all(source))
    t.ok(error instanceof Absent, address)
    t.match(String(error), message)
    t.notMatch(String(error), 'hush')
    const before = requests.length
    await faultOf(all(source))
    t.ok(requests.length > before)
  }
})
