import t, { type Test } from 'tap'
import { readAccount, type Account } from '../../../lib/sources/aws.ts'
import { Final } from '../../../lib/sources/source.ts'
import { serve } from './server.ts'

const ID = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const TOKEN = 'FwoGZXIvYXdzEXAMPLETOKEN'

/** The account of the variables, with no files but those of a test. */
async function account (t: Test, variables: Record<string, string> = {}, files: Record<string, string> = {}): Promise<Account> {
  const folder = t.testdir(files)
  return await readAccount({ AWS_CONFIG_FILE: `${folder}/config`, AWS_SHARED_CREDENTIALS_FILE: `${folder}/credentials`, ...variables })
}

async function refused (t: Test, action: Promise<unknown>, message: RegExp) {
  const error = await action.then(() => null, (error: unknown) => error)
  t.ok(error instanceof Final, String(error))
  if (!(error instanceof Error)) return
  t.match(error.message, message)
  for (const secret of [ID, SECRET, TOKEN]) t.notOk(`${error.stack}${String(error.cause)}`.includes(secret), 'no secret')
}

t.test('without variables and files, requests are anonymous, to AWS', async t => {
  const { endpoint, region, isVirtualHost, credentials } = await account(t)
  t.same([endpoint, region, isVirtualHost, await credentials()], [null, 'us-east-1', false, null])
})

t.test('keys, region and endpoint come from the variables of AWS, and from what MLflow and KServe call them', async t => {
  const keys = { AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: ` ${SECRET}\n` }
  t.same(await (await account(t, keys)).credentials(), { accessKeyId: ID, secretAccessKey: SECRET }, 'without the line break of a file')
  t.same(await (await account(t, { ...keys, AWS_SESSION_TOKEN: TOKEN })).credentials(), { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: TOKEN })
  for (const name of ['AWS_NO_SIGN_REQUEST', 'awsAnonymousCredential']) t.equal(await (await account(t, { ...keys, [name]: 'true' })).credentials(), null, name)
  t.equal((await account(t, { AWS_DEFAULT_REGION: 'a-1' })).region, 'a-1')
  t.equal((await account(t, { AWS_DEFAULT_REGION: 'a-1', AWS_REGION: 'b-1' })).region, 'b-1')
  const endpoints: Array<[Record<string, string>, string]> = [
    [{ AWS_ENDPOINT_URL: 'http://all:1' }, 'http://all:1/'],
    [{ AWS_ENDPOINT_URL: 'http://all:1', MLFLOW_S3_ENDPOINT_URL: 'http://mlflow:1' }, 'http://mlflow:1/'],
    [{ AWS_ENDPOINT_URL: 'http://all:1', MLFLOW_S3_ENDPOINT_URL: 'http://mlflow:1', AWS_ENDPOINT_URL_S3: 'http://s3:1/x' }, 'http://s3:1/x'],
    [{ S3_ENDPOINT: 'minio.ns.svc:9000', S3_USE_HTTPS: '0' }, 'http://minio.ns.svc:9000/'],
    [{ S3_ENDPOINT: 'minio.ns.svc:9000' }, 'https://minio.ns.svc:9000/']
  ]
  for (const [variables, expected] of endpoints) t.equal((await account(t, variables)).endpoint?.href, expected)
  t.equal((await account(t, { S3_USER_VIRTUAL_BUCKET: '1' })).isVirtualHost, true)
})

const CONFIG = `
# A comment = ignored
[default]
region = eu-north-1
output = json
[profile work]
region = eu-west-3   # an inline comment
services = minio
s3 =
    addressing_style = virtual
    max_concurrent_requests = 20
[services minio]
dynamodb =
  endpoint_url = http://dynamo:8000
s3 =
  endpoint_url = http://minio:9000
[profile plain]
endpoint_url = http://plain:9000
[profile sso]
sso_session = mine
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
`
const CREDENTIALS = `[default]
aws_access_key_id = DEFAULTKEY
aws_secret_access_key = default/secret+=
[work]
aws_access_key_id=WORKKEY
aws_secret_access_key=work#secret
aws_session_token=worktoken==
`

t.test('profiles come from both files, with the sections of services', async t => {
  const files = { config: CONFIG, credentials: CREDENTIALS.replaceAll('\n', '\r\n') }
  const usual = await account(t, {}, files)
  t.same([usual.region, await usual.credentials()], ['eu-north-1', { accessKeyId: 'DEFAULTKEY', secretAccessKey: 'default/secret+=' }])
  const work = await account(t, { AWS_PROFILE: 'work' }, files)
  t.same([work.region, work.endpoint?.href, work.isVirtualHost], ['eu-west-3', 'http://minio:9000/', true])
  t.same(await work.credentials(), { accessKeyId: 'WORKKEY', secretAccessKey: 'work#secret', sessionToken: 'worktoken==' })
  t.equal((await account(t, { AWS_PROFILE: 'plain' }, files)).endpoint?.href, 'http://plain:9000/')
  const variables = { AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'b-1', AWS_ENDPOINT_URL_S3: 'http://s3:1' }
  const both = await account(t, variables, files)
  t.same([both.region, both.endpoint?.href, (await both.credentials())?.accessKeyId], ['b-1', 'http://s3:1/', ID], 'variables come first')
  await refused(t, account(t, { AWS_PROFILE: 'absent' }, files), /AWS_PROFILE names a profile that neither/)
  for (const name of ['sso', 'role']) await refused(t, account(t, { AWS_PROFILE: name }, files), new RegExp(`'${name}' uses .*not supported; run: eval .*export-credentials --profile ${name}`))
})

t.test('what contradicts itself or cannot be sent stops, without a secret', async t => {
  const cases: Array<[Record<string, string>, RegExp]> = [
    [{ AWS_ACCESS_KEY_ID: ID }, /AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY; set both/],
    [{ AWS_SECRET_ACCESS_KEY: SECRET }, /AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID/],
    [{ AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: `${TOKEN}\n${TOKEN}` }, /characters that no key has; copy it again/],
    [{ AWS_REGION: 'evil.example/' }, /AWS_REGION is not the name of a region/],
    [{ AWS_ENDPOINT_URL_S3: 'minio:9000' }, /AWS_ENDPOINT_URL_S3 is not a URL/],
    [{ AWS_ENDPOINT_URL: `https://${ID}:${TOKEN}@minio` }, /AWS_ENDPOINT_URL holds credentials, which are not sent/]
  ]
  for (const [variables, message] of cases) await refused(t, account(t, variables), message)
})

const stsAnswer = (expiration: string, secret = SECRET) => `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>a</Arn></AssumedRoleUser><Credentials><SessionToken>${TOKEN}</SessionToken><SecretAccessKey>${secret}</SecretAccessKey><Expiration>${expiration}</Expiration><AccessKeyId>${ID}</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`

t.test('a Kubernetes service account lends keys, which are renewed before they expire', async t => {
  const bodies: string[] = []
  let minutes = 60
  const { origin, requests } = await serve(t, (request, response) => {
    let body = ''
    request.on('data', piece => { body += piece }).on('end', () => {
      bodies.push(body)
      response.end(stsAnswer(new Date(Date.now() + minutes * 60_000).toISOString()))
    })
  })
  const folder = t.testdir({ token: 'the.web.token\n' })
  const variables = { AWS_ROLE_ARN: 'arn:aws:iam::1:role/models', AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/token`, AWS_ENDPOINT_URL_STS: origin, AWS_CONFIG_FILE: `${folder}/config`, AWS_SHARED_CREDENTIALS_FILE: `${folder}/credentials` }
  const { credentials } = await readAccount(variables)
  const expected = { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: TOKEN }
  t.match(await credentials(), expected)
  t.match(await credentials(), expected)
  t.same(Object.fromEntries(new URLSearchParams(bodies[0])), { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: 'arn:aws:iam::1:role/models', RoleSessionName: 'servery', WebIdentityToken: 'the.web.token' })
  t.same([requests.length, requests[0]?.method], [1, 'POST'], 'keys of an hour are kept')
  minutes = 4
  const soon = await readAccount(variables)
  await soon.credentials()
  await soon.credentials()
  t.equal(requests.length, 3, 'keys that expire in less than five minutes are not')
  await refused(t, readAccount({ ...variables, AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/absent` }).then(async ({ credentials }) => await credentials()), /AWS_WEB_IDENTITY_TOKEN_FILE cannot be read/)
})

t.test('a service that lends no keys says why, and no secret', async t => {
  const folder = t.testdir({ token: TOKEN })
  const cases: Array<[status: number, body: string, message: RegExp]> = [
    [403, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${TOKEN}</Message></Error></ErrorResponse>`, /it answered 403 AccessDenied; check the role's trust policy/],
    [200, '<AssumeRoleWithWebIdentityResponse/>', /STS answers without keys/],
    [200, 'nothing', /not XML/],
    [200, stsAnswer('2030-01-01', `${SECRET}ü`), /characters that no key has/],
    [307, '<a/>', /it answered 307/]
  ]
  for (const [status, body, message] of cases) {
    const { origin, requests } = await serve(t, (_, response) => { response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body) })
    const { credentials } = await readAccount({ AWS_ROLE_ARN: 'arn', AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/token`, AWS_ENDPOINT_URL_STS: origin, AWS_CONFIG_FILE: `${folder}/none`, AWS_SHARED_CREDENTIALS_FILE: `${folder}/none` })
    await refused(t, credentials(), message)
    t.equal(requests.length, 1)
  }
})

t.test('a container gets keys from the service that the variables name, which is one of AWS or has https', async t => {
  const { origin, requests } = await serve(t, (_, response) => { response.end(JSON.stringify({ AccessKeyId: ID, SecretAccessKey: SECRET, Token: TOKEN, Expiration: '2100-01-01T00:00:00Z' })) })
  const full = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/v1/credentials` }
  for (const variables of [{ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod token' }, { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${t.testdirName}/token` }]) {
    const { credentials } = await account(t, { ...full, ...variables }, { token: 'pod token\n' })
    t.match(await credentials(), { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: TOKEN })
    t.equal(requests.at(-1)?.headers.authorization, 'pod token')
  }
  for (const uri of ['http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1/', 'ftp://127.0.0.1/', 'none']) {
    await refused(t, account(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }).then(async ({ credentials }) => await credentials()), /is no service for credentials/)
  }
})
