import { join } from 'node:path'
import { kindOf } from '../../card/inside.ts'
import { openPath } from '../file.ts'
import { openGoogle } from '../google.ts'
import { openUrl, withoutSecrets, type Ask } from '../http.ts'
import { openBucket, readAddress } from '../s3.ts'
import { Absent, Final, type Piece, type Received, type SourceSettings } from '../source.ts'
import { authorizationOf } from '../web.ts'
import { isOn, type Remote, type Section } from './config.ts'
import type { Server } from './repository.ts'

/** A place that holds the objects of DVC: a cache or a remote. */
export interface Store {
  /** What to call it in messages, without secrets. */
  called: string
  /** Whether it keeps files under their own names, with versions. */
  isVersioned: boolean
  /**
   * Opens an object.
   *
   * @param path below the store, with `/` between folders
   * @throws Absent, Final, or any other error if another attempt may succeed
   */
  open: (path: string, received: Received, versionId?: string) => Promise<Piece>
}

type Environment = SourceSettings['environment']

/** A cache, or a remote that is a folder of this machine. */
export function openFolder (called: string, folder: string): Store {
  return {
    called,
    isVersioned: false,
    async open (path, received) {
      const file = join(folder, path)
      if (await kindOf(file) === null) throw new Absent('no such file')
      return await openPath(file, received)
    }
  }
}

/**
 * Opens a remote.
 *
 * A configuration that came from a server says where to go as a redirect does: never to a less public network, from https to
 * http, or to the disk of this machine, and never with credentials of this machine to an endpoint that its variables do not name.
 *
 * @param server the server that sent the configuration, or null
 * @throws Final when there is no way to it
 * @see https://dvc.org/doc/user-guide/data-management/remote-storage
 */
export async function openRemote (remote: Remote, server: Server | null, settings: SourceSettings): Promise<Store> {
  const { name, url, settings: section } = remote
  const scheme = /^(\w+):\/\//.exec(url)?.[1]?.toLowerCase() ?? ''
  const isVersioned = isOn(section.get('version_aware')) || isOn(section.get('worktree'))
  switch (scheme) {
    case '':
    case 'file':
    case 'local': {
      if (server !== null) throw new Final(`the remote '${name}' is a folder of the machine that pushed to it; push to one that a server can reach, or give the path of the .dvc file`)
      return openFolder(`the remote '${name}' (${url})`, url.replace(/^\w+:\/\//, ''))
    }
    case 'http':
    case 'https': return openServer(remote, server, settings)
    case 's3': {
      const { bucket, key: prefix } = readAddress(url)
      const opened = await openBucket(bucket, { ...settings, environment: s3Environment(remote, server, settings.environment) })
      return { called: `the remote '${name}' (${url})`, isVersioned, open: async (path, received, id) => await opened.open(joined(prefix, path), received, id) }
    }
    case 'gs': {
      const opened = await openGoogle(`${url.replace(/\/*$/, '')}/`, googleSettings(remote, server, settings))
      return { called: `the remote '${name}' (${url})`, isVersioned, open: async (path, received, id) => await opened.open({ path, bytes: null, version: id ?? null }, received) }
    }
    default: throw new Final(`the remote '${name}' is at ${scheme}://, which is not supported (a folder, https, http, s3 and gs are); run dvc pull, and name the file that it brings`)
  }
}

function openServer ({ name, url: address, settings: section }: Remote, server: Server | null, { token }: SourceSettings): Store {
  if (!URL.canParse(address)) throw new Final(`the remote '${name}' has a malformed url`)
  const url = new URL(address)
  if (url.username || url.password) throw new Final(`the remote '${name}' has credentials in its url, which are not sent; set auth = basic, user and password (dvc remote modify --local)`)
  if (server?.url.protocol === 'https:' && url.protocol === 'http:') throw new Final(`the remote '${name}' is at http://, to which a configuration from https:// may not lead`)
  const authorization = authorizationFor(name, section) ?? (token !== undefined && (server === null || server.url.origin === url.origin) ? { authorization: authorizationOf(token) } : {})
  const ask: Ask = { secrets: authorization, ...server && { network: server.network } }
  return {
    called: `the remote '${name}' (${withoutSecrets(url)})`,
    isVersioned: false,
    async open (path, received) {
      const at = new URL(url)
      at.pathname = joined(url.pathname, path)
      return await openUrl(at, received, ask)
    }
  }
}

/** The header with the credentials of a remote, or null if it has none. */
function authorizationFor (name: string, section: Section): Record<string, string> | null {
  const [method, user, password, header] = ['auth', 'user', 'password', 'custom_auth_header'].map(each => section.get(each))
  if (method === undefined) return null
  if (password === undefined) throw new Final(`the remote '${name}' has auth = ${method} and no password; set it (dvc remote modify --local ${name} password …)`)
  if (method === 'basic' && user !== undefined) return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  if (method === 'custom' && header !== undefined && /^[\w-]+$/.test(header)) return { [header.toLowerCase()]: password }
  throw new Final(`the remote '${name}' has auth = ${method} without what belongs to it; set basic with user and password, or custom with custom_auth_header and password`)
}

/** The variables of AWS as the settings of a remote set them. */
function s3Environment ({ name, settings: section }: Remote, server: Server | null, environment: Environment): Environment {
  const endpoint = section.get('endpointurl')
  if (server !== null && endpoint !== undefined && !isEndpointOf(environment, endpoint)) {
    throw new Final(`the remote '${name}' names an endpoint of S3; if you trust it, set AWS_ENDPOINT_URL_S3 to the endpointurl of .dvc/config`)
  }
  const [id, secret] = [section.get('access_key_id'), section.get('secret_access_key')]
  const isOwn = id !== undefined && secret !== undefined
  const isAnonymous = isOn(section.get('allow_anonymous_login'))
  const files = server === null ? { AWS_SHARED_CREDENTIALS_FILE: section.get('credentialpath'), AWS_CONFIG_FILE: section.get('configpath') } : {}
  const set: Environment = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: section.get('region'),
    AWS_PROFILE: section.get('profile'),
    AWS_NO_SIGN_REQUEST: isAnonymous ? 'true' : undefined,
    ...isOwn && { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret },
    ...files
  }
  return {
    ...environment,
    // A token of other keys does not fit to these.
    ...isOwn && { AWS_SESSION_TOKEN: section.get('session_token') },
    ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined))
  }
}

function isEndpointOf ({ AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL }: Environment, endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const { origin, hostname, protocol } = new URL(endpoint)
  // Other hosts of that domain are of customers: `….execute-api.REGION.amazonaws.com`, for example.
  if (protocol === 'https:' && /(?:^|\.)s3(?:[.-][a-z\d-]+)*\.amazonaws\.com(?:\.cn)?$/.test(hostname)) return true
  const own = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL
  return own !== undefined && URL.canParse(own) && new URL(own).origin === origin
}

/** The settings of Google as those of a remote set them. MODEL_TOKEN is for the server that sent a configuration. */
function googleSettings ({ name, settings: section }: Remote, server: Server | null, { token, environment }: SourceSettings): SourceSettings {
  if (server !== null) return { environment }
  const isUsable = [token, environment.GOOGLE_OAUTH_ACCESS_TOKEN, environment.CLOUDSDK_AUTH_ACCESS_TOKEN].some(Boolean)
  if (section.has('credentialpath') && !isUsable) throw new Final(`the remote '${name}' names a file of credentials, which is not supported; set GOOGLE_OAUTH_ACCESS_TOKEN to what gcloud auth print-access-token prints`)
  const endpoint = section.get('endpointurl')
  return { token, environment: { ...environment, ...endpoint !== undefined && { STORAGE_EMULATOR_HOST: endpoint } } }
}

/** A path below another. */
function joined (base: string, path: string): string {
  return `${base}${base === '' || base.endsWith('/') ? '' : '/'}${path}`
}
