import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { request, requestJson } from './http.ts'
import { textAt } from './json.ts'
import { Final, type SourceSettings } from './source.ts'
import { readXml } from './xml.ts'

type Environment = SourceSettings['environment']

/** Keys that sign requests. */
export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** Where requests to S3 go, and as whom. */
export interface Account {
  /** The endpoint of a store that is not that of AWS; may have a path. */
  endpoint: URL | null
  region: string
  /** Whether the bucket is a part of the host's name at an endpoint that is not that of AWS. */
  isVirtualHost: boolean
  /** The keys of now, or null where requests are anonymous. Keys that expire are renewed before they do. */
  credentials: () => Promise<Credentials | null>
}

/** Keys that a service lends, and when they expire, in milliseconds since 1970. */
interface Lent extends Credentials { expiresMs: number }

/** Region of requests to a store that has none. */
const DEFAULT_REGION = 'us-east-1'

/** Keys that expire within this time are renewed. */
const RENEWAL_MS = 5 * 60_000

const ANSWER_BYTES = 64 * 1024

/**
 * Services that give credentials to a container, beside those on this machine and with https: Amazon's, of ECS and of EKS Pod
 * Identity. They are link-local, which no model may come from.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const CONTAINER_HOSTS = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', '127.0.0.1', 'localhost', '[::1]'])

/** What a profile may say instead of keys that this program does not follow. */
const FOREIGN_PROFILES = ['sso_session', 'sso_start_url', 'credential_process', 'source_profile', 'credential_source', 'login_session']

/** Variables that say that requests are anonymous: ours, as the flag of the AWS CLI is called, and that of KServe. */
const ANONYMOUS = ['AWS_NO_SIGN_REQUEST', 'awsAnonymousCredential']

/**
 * Reads the account from the variables and files of AWS, and from what MLflow and KServe call them.
 *
 * @throws Final when they contradict each other, or ask for what is not supported
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
 */
export async function readAccount (environment: Environment): Promise<Account> {
  const profile = await readProfile(environment)
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || profile.get('region') || DEFAULT_REGION
  const style = profile.get('s3.addressing_style')
  return {
    endpoint: endpointOf(environment, profile),
    region: checkedRegion(region),
    isVirtualHost: style === undefined ? isTrue(environment.S3_USER_VIRTUAL_BUCKET) : style === 'virtual',
    credentials: renewed(credentialsOf(environment, profile, region))
  }
}

/** @throws Final, because the region becomes a part of a host's name */
function checkedRegion (region: string): string {
  if (isRegion(region)) return region
  throw new Final('AWS_REGION is not the name of a region, such as eu-west-1')
}

export function isRegion (region: string): boolean {
  return /^[a-z\d-]{1,40}$/i.test(region)
}

function isTrue (value: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/i.test(value?.trim() ?? '')
}

function endpointOf (environment: Environment, profile: ReadonlyMap<string, string>): URL | null {
  const { S3_ENDPOINT: bare = '', S3_USE_HTTPS } = environment
  // What is meant for S3 alone comes before what is meant for all services.
  const places: Array<[place: string, value: string | undefined]> = [
    ['AWS_ENDPOINT_URL_S3', environment.AWS_ENDPOINT_URL_S3],
    ['MLFLOW_S3_ENDPOINT_URL', environment.MLFLOW_S3_ENDPOINT_URL],
    ['AWS_ENDPOINT_URL', environment.AWS_ENDPOINT_URL],
    // KServe writes HOST:PORT.
    ['S3_ENDPOINT', bare === '' || /^https?:/i.test(bare) ? bare : `${S3_USE_HTTPS === '0' ? 'http' : 'https'}://${bare}`],
    ['endpoint_url of the AWS profile', profile.get('s3.endpoint_url') ?? profile.get('endpoint_url')]
  ]
  const [place, value] = places.find(([, value]) => value) ?? []
  if (value === undefined) return null
  const endpoint = URL.canParse(value) ? new URL(value) : null
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) throw new Final(`${place} is not a URL with https: or http:`)
  if (endpoint.username || endpoint.password) throw new Final(`${place} holds credentials, which are not sent; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`)
  return endpoint
}

/** A function that gives the keys of now, or null for anonymous requests. */
function credentialsOf (environment: Environment, profile: ReadonlyMap<string, string>, region: string): () => Promise<Credentials | Lent | null> {
  const {
    AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_PROFILE: profileName
  } = environment
  if (ANONYMOUS.some(name => isTrue(environment[name]))) return async () => null
  if (id || secret) {
    if (!id || !secret) throw new Final(`${id ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY'} is set without ${id ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'}; set both, or neither for anonymous requests`)
    const credentials = checkedCredentials('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN', id, secret, environment.AWS_SESSION_TOKEN)
    return async () => credentials
  }
  const [profileId, profileSecret] = [profile.get('aws_access_key_id'), profile.get('aws_secret_access_key')]
  if (profileId && profileSecret) {
    const credentials = checkedCredentials('the AWS profile', profileId, profileSecret, profile.get('aws_session_token'))
    return async () => credentials
  }
  const foreign = FOREIGN_PROFILES.find(name => profile.has(name))
  if (foreign !== undefined) {
    const name = profileName || 'default'
    throw new Final(`the AWS profile '${name}' uses ${foreign}, which is not supported; run: eval "$(aws configure export-credentials --profile ${name} --format env)"`)
  }
  if (tokenFile && role) return async () => await fromWebIdentity(environment, region, tokenFile, role)
  const uri = full || (relative && `http://169.254.170.2${relative}`)
  if (uri) return async () => await fromContainer(environment, uri)
  return async () => null
}

/** Keeps keys until shortly before they expire. */
function renewed (take: () => Promise<Credentials | Lent | null>): Account['credentials'] {
  let [kept, untilMs]: [Credentials | null, number] = [null, 0]
  return async () => {
    if (Date.now() < untilMs) return kept
    const taken = await take()
    untilMs = taken && 'expiresMs' in taken ? taken.expiresMs - RENEWAL_MS : Infinity
    kept = taken
    return taken
  }
}

/** Keys without the white space around them. @throws Final when one cannot be sent; libraries would quote it in their errors */
function checkedCredentials (place: string, id: string, secret: string, token: string | undefined): Credentials {
  const [accessKeyId, secretAccessKey, sessionToken] = [id.trim(), secret.trim(), token?.trim()]
  for (const value of [accessKeyId, secretAccessKey, sessionToken || '-']) {
    if (!/^[\x21-\x7e]+$/.test(value)) throw new Final(`${place} holds characters that no key has; copy it again`)
  }
  return { accessKeyId, secretAccessKey, ...sessionToken && { sessionToken } }
}

/**
 * Keys for the role of a Kubernetes service account (EKS).
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
async function fromWebIdentity (environment: Environment, region: string, tokenFile: string, role: string): Promise<Lent> {
  // Kubernetes replaces the token in the file before it expires.
  const token = await readFile(tokenFile, 'utf8').catch(() => { throw new Final('the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read') })
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: environment.AWS_ROLE_SESSION_NAME || 'servery',
    WebIdentityToken: token.trim()
  }).toString()
  const endpoint = environment.AWS_ENDPOINT_URL_STS || `https://sts.${region}.${domainOf(region)}/`
  if (!URL.canParse(endpoint)) throw new Final('AWS_ENDPOINT_URL_STS is not a URL')
  const answer = await request(new URL(endpoint), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body, follow: false })
  const found = new Map<string, string>()
  await readXml(answer, ANSWER_BYTES, (path, text) => { found.set(path.replace(/^.*\//, ''), text) })
  if (answer.status !== 200) throw refusal(answer.status, `STS does not lend the keys of AWS_ROLE_ARN: it answered ${answer.status} ${codeOf(found.get('Code'))}; check the role's trust policy and the service account`)
  return lent('STS', { id: found.get('AccessKeyId'), secret: found.get('SecretAccessKey'), token: found.get('SessionToken'), expiration: found.get('Expiration') })
}

/** Domain of the services of a region. */
export function domainOf (region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

/** Keys for the role of a container (ECS, EKS Pod Identity). */
async function fromContainer (environment: Environment, uri: string): Promise<Lent> {
  const url = URL.canParse(uri) ? new URL(uri) : null
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && CONTAINER_HOSTS.has(url.hostname)))) {
    throw new Final('AWS_CONTAINER_CREDENTIALS_FULL_URI is no service for credentials: it has neither https: nor an address that Amazon uses')
  }
  const file = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const token = file
    ? await readFile(file, 'utf8').catch(() => { throw new Final('the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read') })
    : environment.AWS_CONTAINER_AUTHORIZATION_TOKEN
  const answer = await requestJson(url, { follow: false, network: 'link-local', ...token && { secrets: { authorization: token.trim() } } })
  return lent('the service of AWS_CONTAINER_CREDENTIALS_FULL_URI', { id: textAt(answer, 'AccessKeyId'), secret: textAt(answer, 'SecretAccessKey'), token: textAt(answer, 'Token'), expiration: textAt(answer, 'Expiration') })
}

function lent (place: string, { id, secret, token, expiration = '' }: Record<'id' | 'secret' | 'token' | 'expiration', string | undefined>): Lent {
  if (!id || !secret) throw new Final(`${place} answers without keys`)
  return { ...checkedCredentials(place, id, secret, token), expiresMs: Date.parse(expiration) || Date.now() + 2 * RENEWAL_MS }
}

/** An error of a service: one that another attempt may fix if the fault is the service's. */
function refusal (status: number, message: string): Error {
  return status >= 500 || status === 429 ? new Error(message) : new Final(message)
}

/** A code of an error, for messages. What does not look like one is left out. */
export function codeOf (code: string | undefined): string {
  return code !== undefined && /^[\w.]{1,64}$/.test(code) ? code : ''
}

/**
 * Reads the profile of AWS_PROFILE, or the default one, from both files. Names below another one have its name before
 * theirs: `s3.endpoint_url`.
 *
 * @throws Final when AWS_PROFILE names one that neither file has
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
async function readProfile (environment: Environment): Promise<ReadonlyMap<string, string>> {
  const { AWS_PROFILE: name = '', AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: shared } = environment
  const [configured, secret] = await Promise.all([readSections(config || join(homedir(), '.aws', 'config')), readSections(shared || join(homedir(), '.aws', 'credentials'))])
  const [of, secretOf] = [configured.get(name && name !== 'default' ? `profile ${name}` : 'default') ?? configured.get('profile default'), secret.get(name || 'default')]
  if (name && name !== 'default' && !of && !secretOf) throw new Final('AWS_PROFILE names a profile that neither AWS_CONFIG_FILE (~/.aws/config) nor AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) has')
  const profile = new Map([...of ?? [], ...secretOf ?? []])
  const services = configured.get(`services ${profile.get('services') ?? ''}`)
  return new Map([...profile, ...services ?? []])
}

/** The sections of a file of AWS. A file that cannot be read has none. */
async function readSections (path: string): Promise<Map<string, Map<string, string>>> {
  const sections = new Map<string, Map<string, string>>()
  let [section, parent] = [new Map<string, string>(), '']
  for (const line of (await readFile(path, 'utf8').catch(() => '')).split(/\r?\n/)) {
    const [, header] = /^\s*\[([^\]]*)\]/.exec(line) ?? []
    if (header !== undefined) {
      const title = header.trim().replace(/\s+/, ' ').replaceAll(/["']/g, '')
      section = sections.get(title) ?? new Map<string, string>()
      sections.set(title, section)
      continue
    }
    const [, indent, name, value = ''] = /^(\s*)([^\s#;=][^=]*)=(.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const trimmed = value.replace(/\s[#;].*$/, '').trim()
    if (!indent) parent = name.trim()
    section.set(indent ? `${parent}.${name.trim()}` : parent, trimmed)
  }
  return sections
}
