import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { openFolder, openRemote } from '../../../../lib/sources/dvc/store.ts'
import type { Remote } from '../../../../lib/sources/dvc/config.ts'
import type { Server } from '../../../../lib/sources/dvc/repository.ts'
import { Absent, Final, type SourceSettings } from '../../../../lib/sources/source.ts'
import { serve } from '../server.ts'

const NOTHING = { offsetBytes: 0, validator: '' }

const remote = (url: string, settings: Record<string, string> = {}): Remote => ({ name: 'store', url, settings: new Map(Object.entries(settings)) })

const at = (url: string, network: Server['network'] = 'public'): Server => ({ url: new URL(url), network })

/** A server that answers everything, and the request that a remote sent it. */
async function asked (t: Test, { url = '', settings = {}, server = null, token, environment = {}, versionId }: {
  url?: string, settings?: Record<string, string>, server?: Server | null, token?: string, environment?: SourceSettings['environment'], versionId?: string
} = {}) {
  const { origin, requests } = await serve(t, (_request, response) => response.end('bytes'))
  const fill = (text: string) => text.replace('ORIGIN', origin)
  const store = await openRemote(
    remote(fill(url), Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, fill(value)]))),
    server && { ...server, url: new URL(fill(server.url.href).replace('http://origin', origin)) },
    { token, environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value && fill(value)])) }
  )
  const piece = await store.open('files/md5/ab/cd', NOTHING, versionId)
  await buffer(piece.bytes)
  return { store, request: requests[0]!, origin }
}

t.test('a folder gives its files', async t => {
  const root = t.testdir({ ab: { cd: 'bytes' } })
  for (const store of [openFolder('the cache', root), await openRemote(remote(root), null, { environment: {} }), await openRemote(remote(`file://${root}`), null, { environment: {} })]) {
    const { bytes, totalBytes } = await store.open('ab/cd', NOTHING)
    const pieces: Buffer[] = []
    for await (const piece of bytes) pieces.push(Buffer.from(piece))
    t.same([Buffer.concat(pieces).toString(), totalBytes, store.isVersioned], ['bytes', 5, false])
    await t.rejects(store.open('ab/ce', NOTHING), new Absent('no such file'))
  }
})

t.test('a web server is asked with what the remote says', async t => {
  t.match((await asked(t, { url: 'ORIGIN/some/store/' })).request, { url: '/some/store/files/md5/ab/cd', headers: { authorization: undefined } })
  const basic = await asked(t, { url: 'ORIGIN/store', settings: { auth: 'basic', user: 'me', password: 'hush' }, token: 'other' })
  t.match(basic.request, { url: '/store/files/md5/ab/cd', headers: { authorization: `Basic ${Buffer.from('me:hush').toString('base64')}` } })
  t.notMatch(basic.store.called, 'hush')
  t.equal((await asked(t, { url: 'ORIGIN', settings: { auth: 'custom', custom_auth_header: 'X-JFrog-Art-Api', password: 'hush' } })).request.headers['x-jfrog-art-api'], 'hush')
  t.equal((await asked(t, { url: 'ORIGIN', token: 'hush' })).request.headers.authorization, 'token hush', 'MODEL_TOKEN, for a repository of this machine')
})

t.test('MODEL_TOKEN does not go from a server to another', async t => {
  const same = await asked(t, { url: 'ORIGIN', token: 'hush', server: at('http://origin/.dvc/config', 'loopback') })
  t.equal(same.request.headers.authorization, 'token hush')
  const other = await asked(t, { url: 'ORIGIN', token: 'hush', server: at('http://other.example/.dvc/config', 'loopback') })
  t.equal(other.request.headers.authorization, undefined)
})

t.test('a configuration of a server leads to no less public network, not from https to http, and not to a folder of this machine', async t => {
  const { origin, requests } = await serve(t, (_request, response) => response.end())
  const open = async (url: string, server: Server) => await (await openRemote(remote(url), server, { environment: {} })).open('a', NOTHING)
  await t.rejects(open(origin, at('http://public.example/')), { constructor: Final, message: /127\.0\.0\.1 is a loopback address/ })
  await t.rejects(open('http://169.254.169.254/latest', at('http://127.0.0.1/', 'loopback')), { constructor: Final, message: /link-local/ })
  await t.rejects(open(origin, at('https://public.example/')), { constructor: Final, message: /is at http:\/\/, to which a configuration from https:\/\/ may not lead/ })
  for (const folder of ['/etc', '../store', 'file:///etc', 'local:///etc']) {
    await t.rejects(open(folder, at('https://public.example/')), { constructor: Final, message: /folder of the machine that pushed to it/ }, folder)
  }
  t.same(requests, [])
})

t.test('what cannot be opened says what to do, without secrets', async t => {
  const cases: Array<[Remote, RegExp]> = [
    [remote('ssh://user:hush@there/x'), /is at ssh:\/\/, which is not supported .*; run dvc pull/],
    [remote('azure://container/x'), /is at azure:\/\//],
    [remote('gdrive://id/x'), /is at gdrive:\/\//],
    [remote('https://user:hush@there/x'), /credentials in its url, which are not sent; set auth = basic/],
    [remote('https://a b:c/x?hush'), /malformed url/],
    [remote('s3://user:hush@bucket/x'), /holds no credentials/],
    [remote('https://there', { auth: 'basic', user: 'me' }), /auth = basic and no password/],
    [remote('https://there', { auth: 'digest', user: 'me', password: 'hush' }), /auth = digest without what belongs to it/],
    [remote('https://there', { auth: 'custom', custom_auth_header: 'a: b\r\nc', password: 'hush' }), /auth = custom without what belongs to it/]
  ]
  for (const [each, message] of cases) {
    const error = await openRemote(each, null, { environment: {} }).then(() => null, (error: unknown) => error)
    t.match(error, { constructor: Final, message }, String(message))
    t.notMatch(error, { message: /hush/ })
  }
})

t.test('S3 gets the endpoint, the region and the keys of the remote', async t => {
  const environment = { AWS_ACCESS_KEY_ID: 'FROMENV', AWS_SECRET_ACCESS_KEY: 'hush', AWS_SESSION_TOKEN: 'session', AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' }
  const own = { endpointurl: 'ORIGIN', region: 'eu-west-3', access_key_id: 'FROMDVC', secret_access_key: 'hush', version_aware: 'true' }
  const { request, store } = await asked(t, { url: 's3://bucket/some/prefix', settings: own, environment, versionId: 'v/1' })
  t.equal(request.url, '/bucket/some/prefix/files/md5/ab/cd?versionId=v%2F1')
  t.match(request.headers.authorization, /^AWS4-HMAC-SHA256 Credential=FROMDVC\/\d{8}\/eu-west-3\/s3\/aws4_request/)
  t.equal(request.headers['x-amz-security-token'], undefined, 'a token of other keys is not sent')
  t.same([store.called, store.isVersioned], ["the remote 'store' (s3://bucket/some/prefix)", true])
  const token = await asked(t, { url: 's3://bucket', settings: { ...own, session_token: 'mine' }, environment })
  t.equal(token.request.headers['x-amz-security-token'], 'mine')
  t.equal(token.request.url, '/bucket/files/md5/ab/cd')
  const variables = await asked(t, { url: 's3://bucket/', settings: { endpointurl: 'ORIGIN' }, environment })
  t.match(variables.request.headers, { authorization: /Credential=FROMENV\//, 'x-amz-security-token': 'session' })
  const anonymous = await asked(t, { url: 's3://bucket/', settings: { endpointurl: 'ORIGIN', allow_anonymous_login: 'true' }, environment })
  t.equal(anonymous.request.headers.authorization, undefined)
})

t.test('files of credentials count, but not those that a server names', async t => {
  const root = t.testdir({ credentials: '[team]\naws_access_key_id = FROMFILE\naws_secret_access_key = hush\n' })
  const settings = { endpointurl: 'ORIGIN', profile: 'team', credentialpath: join(root, 'credentials') }
  const environment = { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' }
  const { request } = await asked(t, { url: 's3://bucket', settings, environment })
  t.match(request.headers.authorization, /Credential=FROMFILE\//)
  const server = at('http://origin/', 'loopback')
  await t.rejects(asked(t, { url: 's3://bucket', settings, environment: { ...environment, AWS_ENDPOINT_URL_S3: 'ORIGIN' }, server }), { constructor: Final, message: /profile/ })
})

t.test('an endpoint of S3 that a server names must be one that the variables name, too', async t => {
  const server = at('https://public.example/')
  const settings = { endpointurl: 'ORIGIN', access_key_id: 'FROMDVC', secret_access_key: 'hush' }
  await t.rejects(asked(t, { url: 's3://bucket', settings, server }), { constructor: Final, message: /names an endpoint of S3; if you trust it, set AWS_ENDPOINT_URL_S3/ })
  await t.rejects(asked(t, { url: 's3://bucket', settings: { ...settings, endpointurl: 'none' }, server }), { constructor: Final, message: /names an endpoint/ })
  const { request } = await asked(t, { url: 's3://bucket', settings, server, environment: { AWS_ENDPOINT_URL: 'ORIGIN/' } })
  t.match(request.headers.authorization, /Credential=FROMDVC\//)
  for (const endpointurl of ['https://x1.execute-api.eu-west-1.amazonaws.com', 'https://ec2-1-2-3-4.compute-1.amazonaws.com', 'https://s3.amazonaws.com.example.com']) {
    await t.rejects(openRemote(remote('s3://bucket', { endpointurl }), server, { environment: {} }), { constructor: Final, message: /names an endpoint/ }, endpointurl)
  }
  const aws = await openRemote(remote('s3://bucket', { endpointurl: 'https://s3.eu-west-1.amazonaws.com' }), server, { environment: {} })
  t.equal(aws.called, "the remote 'store' (s3://bucket)")
})

t.test('Google Cloud Storage gets the token of its own variables, and not that of a server', async t => {
  const settings = { endpointurl: 'ORIGIN', version_aware: 'true' }
  const own = await asked(t, { url: 'gs://bucket/some/prefix', settings, token: 'hush', versionId: '17' })
  t.match(own.request, { url: '/storage/v1/b/bucket/o/some%2Fprefix%2Ffiles%2Fmd5%2Fab%2Fcd?alt=media&generation=17', headers: { authorization: 'Bearer hush' } })
  t.same([own.store.called, own.store.isVersioned], ["the remote 'store' (gs://bucket/some/prefix)", true])
  const environment = { STORAGE_EMULATOR_HOST: 'ORIGIN', GOOGLE_OAUTH_ACCESS_TOKEN: 'google' }
  const served = await asked(t, { url: 'gs://bucket/', settings: { endpointurl: 'http://127.0.0.1:1' }, token: 'hush', environment, server: at('https://public.example/') })
  t.match(served.request, { url: '/storage/v1/b/bucket/o/files%2Fmd5%2Fab%2Fcd?alt=media', headers: { authorization: 'Bearer google' } })
  await t.rejects(asked(t, { url: 'gs://bucket', settings: { credentialpath: '/key.json' } }), { constructor: Final, message: /file of credentials, which is not supported; set GOOGLE_OAUTH_ACCESS_TOKEN/ })
})
