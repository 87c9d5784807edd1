import { Agent as HttpAgent, request as requestByHttp, STATUS_CODES, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'
import { VERSION } from '../project.ts'
import { checkHost, isAtLeast, lookupFrom, networkOfPeer, NETWORKS, type Network } from './network.ts'
import { Absent, Final, type Piece, type Received } from './source.ts'

/** What to ask a server for. */
export interface Ask {
  method?: 'GET' | 'POST' | 'HEAD'
  headers?: Readonly<Record<string, string>>
  /** Headers that hold secrets. They go to the origin of the URL only, and not to where that redirects. */
  secrets?: Readonly<Record<string, string>>
  body?: string
  /** `false`: gives a redirect as the answer. */
  follow?: false
  /**
   * The least public network that may be reached, `loopback` if absent. Less for an address that the code names alone; more for
   * one that a server has named.
   */
  network?: Network
  /** Looks at the answer, after redirects, before its status is judged. May throw an error that says more than the status. */
  check?: (answer: Answer) => void
  /** How long to wait for the head of the answer; 15 seconds if absent. */
  answerMs?: number
}

/** An answer whose body has not been read. Read it, or call `discard`. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Where it came from, after redirects. */
  url: URL
  /** The network of the server that sent it. */
  network: Network
  /** Its bytes. Fails if none arrives for 15 seconds, and if the connection ends before the body does. */
  body: AsyncIterable<Uint8Array>
  /** Closes the connection. */
  discard: () => void
}

/** If no byte arrives for this time, the attempt fails. */
export const SILENCE_MS = 15_000

/** Largest document of JSON. */
const JSON_BYTES = 16 * 1024 * 1024

/** Most redirects of one request. */
const REDIRECTS = 5

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])

/** Statuses of a file that is not there. Stores answer 403 to a caller who may read files and not list them. */
const ABSENT_STATUSES = new Set([403, 404, 410])

/** Codes of a certificate from an authority that this machine does not know. */
const UNKNOWN_AUTHORITY = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])

/**
 * Connections by the least public network that they may reach: one that was made before a redirect may not serve the
 * request after it.
 */
const AGENTS = new Map(NETWORKS.map(floor => {
  const options = { keepAlive: true, lookup: lookupFrom(floor) }
  return [floor, { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) }] as const
}))

/**
 * Sends a request, and follows up to five redirects.
 *
 * The URL names what the operator trusts, so that it may lead anywhere but to link-local addresses. A redirect is what a stranger
 * says: it leads to no less public network than that of the server that sent it, and never from https to http. The check
 * is of the addresses that are connected to. Secrets go to the origin of the URL only.
 *
 * @throws Final when the URL or a redirect may not be followed
 * @throws Error when the server cannot be reached, or says nothing for 15 seconds
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-redirection-3xx
 */
export async function request (url: URL, ask: Ask = {}): Promise<Answer> {
  let [at, { method = 'GET', headers = {}, secrets = {}, body, follow = true, network: floor = 'loopback', answerMs = SILENCE_MS }] = [url, ask]
  for (let redirects = 0; ; redirects++) {
    if (at.username || at.password) throw new Final(`credentials in the URL are not sent${redirects > 0 ? '' : '; use MODEL_TOKEN'}`)
    const response = await send(at, { method, headers: { ...headers, ...secrets }, answerMs, ...body !== undefined && { body } }, floor)
    const { statusCode: status = 0, headers: { location } } = response
    const network = networkOfPeer(response.socket.remoteAddress)
    if (!follow || !REDIRECT_STATUSES.has(status) || location === undefined) return answerOf(response, status, at, network, ask)
    response.destroy()
    if (redirects === REDIRECTS) throw new Final(`the server redirects more than ${REDIRECTS} times`)
    const next = redirectOf(location, at)
    if (isAtLeast(network, floor)) floor = network
    if (next.origin !== at.origin) secrets = {}
    if (method === 'POST' && status < 307) [method, body] = ['GET', undefined]
    at = next
  }
}

/** @throws Final when it is malformed, or may not be followed */
function redirectOf (location: string, from: URL): URL {
  if (!URL.canParse(location, from)) throw new Final('the server redirects to something that is not a URL')
  const to = new URL(location, from)
  if (to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:')) return to
  throw new Final(`the server redirects from ${from.protocol} to ${to.protocol}, which is not followed`)
}

/** Sends one request, and waits for the head of its answer. */
async function send (url: URL, { method, headers, body, answerMs = SILENCE_MS }: Ask, floor: Network): Promise<IncomingMessage> {
  const { protocol } = url
  if (protocol !== 'http:' && protocol !== 'https:') throw new Final(`the scheme '${protocol}' is not one of https: http:`)
  checkHost(url, floor)
  return await new Promise((resolve, reject) => {
    const request: ClientRequest = (protocol === 'https:' ? requestByHttps : requestByHttp)(url, {
      method,
      agent: AGENTS.get(floor)?.[protocol],
      // Without compression, because lengths and offsets must count the bytes of the file itself.
      headers: { 'user-agent': `servery/${VERSION}`, 'accept-encoding': 'identity', ...headers }
    })
    const timer = setTimeout(() => request.destroy(silenceError(answerMs)), answerMs)
    request.once('response', response => {
      clearTimeout(timer)
      resolve(response)
    })
    request.on('error', error => {
      clearTimeout(timer)
      reject(error instanceof Final ? error : new Error(`${reasonOf(error)}${remedyOf(error)}`))
    })
    request.end(body)
  })
}

/** What to do about a connection that fails, or nothing. */
function remedyOf (error: unknown): string {
  if (error instanceof AggregateError) return remedyOf(error.errors[0])
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOTFOUND') return '; check the name of the host'
  if (code === 'ECONNREFUSED') return '; check the address, and whether the server runs'
  if (code === 'EPROTO') return '; if the server has no TLS, write http:'
  return UNKNOWN_AUTHORITY.has(code) ? '; set NODE_EXTRA_CA_CERTS to the certificate of its authority' : ''
}

function answerOf (response: IncomingMessage, status: number, url: URL, network: Network, { check }: Ask): Answer {
  const { headers } = response
  const encoding = headers['content-encoding'] ?? 'identity'
  if (status < 300 && encoding !== 'identity') {
    response.destroy()
    throw new Final(`the server compresses the answer (${encoding}), although that was not asked for`)
  }
  const answer = { status, headers, url, network, body: bodyOf(response), discard: () => { response.destroy() } }
  try {
    check?.(answer)
  } catch (error) {
    answer.discard()
    throw error
  }
  return answer
}

function silenceError (silenceMs = SILENCE_MS): Error {
  return new Error(`no data arrived for ${silenceMs / 1000} seconds`)
}

/** The bytes of a response. Its connection is closed when a reader stops, even before the first byte. */
function bodyOf (response: IncomingMessage): AsyncIterable<Uint8Array> {
  const bytes = endedBySilence(response)
  const iterator = {
    next: async () => await bytes.next(),
    return: async () => {
      response.destroy()
      return await bytes.return(undefined)
    }
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** Passes the pieces of a response on, and ends it if none arrives for SILENCE_MS. */
async function * endedBySilence (response: IncomingMessage): AsyncGenerator<Uint8Array> {
  const end = () => { response.destroy(silenceError()) }
  let timer = setTimeout(end, SILENCE_MS)
  try {
    for await (const piece of response) {
      clearTimeout(timer)
      yield piece
      timer = setTimeout(end, SILENCE_MS)
    }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The error of an answer that is not a success.
 *
 * @returns Absent, Final, or an Error if another attempt may succeed
 */
export function errorOf ({ status }: Pick<Answer, 'status'>): Error {
  const reason = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (ABSENT_STATUSES.has(status)) return new Absent(reason)
  return status >= 500 || status === 408 || status === 429 ? new Error(reason) : new Final(reason)
}

/**
 * Reads the body of an answer as UTF-8.
 *
 * @throws Final when it is larger than the limit
 */
export async function readText ({ body, discard }: Answer, limitBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > limitBytes) {
      discard()
      throw new Final(`the answer of the server has more bytes than the limit of ${limitBytes}`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * Asks for a document of JSON of up to 16 MiB. Its shape is not checked.
 *
 * @throws the error of `errorOf` when the status is not 2xx
 * @throws Final when the body is too large, or not JSON
 */
export async function requestJson (url: URL, ask: Ask = {}): Promise<unknown> {
  const answer = await request(url, ask)
  if (answer.status < 200 || answer.status > 299) {
    answer.discard()
    throw errorOf(answer)
  }
  const text = await readText(answer, JSON_BYTES)
  try {
    return JSON.parse(text)
  } catch {
    throw new Final(`the answer of ${withoutSecrets(url)} is not JSON`)
  }
}

/**
 * Opens a file of a server. Continues after the received bytes if the file has not changed since, otherwise starts again.
 *
 * @param send sends the request, for a source that has to sign it
 * @throws the error of `errorOf` when the server does not send the file
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
export async function openUrl (url: URL, { offsetBytes, validator }: Received, ask: Ask = {}, send: typeof request = request): Promise<Piece> {
  const range = offsetBytes > 0 ? { range: `bytes=${offsetBytes}-`, 'if-range': validator } : {}
  const answer = await send(url, { ...ask, headers: { ...ask.headers, ...range } })
  const { status, headers, body } = answer
  const version = validatorOf(headers)
  // 416: the file has no bytes after the offset. 206 with another version: the server ignores If-Range. Both start again.
  if (offsetBytes > 0 && (status === 416 || (status === 206 && version !== validator))) {
    answer.discard()
    return await openUrl(url, { offsetBytes: 0, validator: '' }, ask, send)
  }
  if (status === 200) {
    const { 'content-length': length } = headers
    return { bytes: body, offsetBytes: 0, totalBytes: length === undefined ? null : Number(length), validator: version }
  }
  if (status === 206) {
    const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
    if (Number(first) === offsetBytes && Number(last) >= offsetBytes) {
      return { bytes: body, offsetBytes, totalBytes: size === '*' ? null : Number(size), validator: version }
    }
    answer.discard()
    throw new Error('the server sent another part of the file than requested')
  }
  answer.discard()
  throw errorOf(answer)
}

/** What identifies the version of a file, or an empty text: its ETag, or else its Last-Modified. */
export function validatorOf ({ etag, 'last-modified': modified }: IncomingHttpHeaders): string {
  // A weak ETag does not guarantee identical bytes.
  return etag?.startsWith('"') ? etag : modified ?? ''
}

/** A URL for messages, without its credentials and its query, which may hold secrets. */
export function withoutSecrets ({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search && '?…'}`
}

/** The message of an error. A connection that was tried at several addresses has an error for each. */
export function reasonOf (error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const text = error instanceof Error ? error.message || error.name : String(error)
  // OpenSSL says what is wrong between the names of its own functions and files.
  const [, fault] = /:SSL routines:[^:]*:([^:]+):/.exec(text) ?? []
  return fault === undefined ? text : `TLS fails: ${fault}`
}
