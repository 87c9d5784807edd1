import { STATUS_CODES } from 'node:http'
import { posix } from 'node:path'
import { isArchive } from './archive.ts'
import { openUrl, withoutSecrets, type Answer, type Ask } from './http.ts'
import { nameByPath, siblingsOf } from './siblings.ts'
import { Absent, Final, type Entry, type OpenSource } from './source.ts'

/**
 * Opens an ONNX file or an archive of a server, over `https:` or `http:`. A server lists no files, so it is asked for the
 * usual ones beside an ONNX file. The query of the URL, such as a signature, is only sent for the file itself, and for the files
 * beside it.
 *
 * @throws Final when the URL is malformed or holds credentials
 */
export const openWeb: OpenSource = async (address, { token }) => {
  if (!URL.canParse(address)) throw new Final('it is not a URL')
  const url = new URL(address)
  if (url.username || url.password) throw new Final('credentials in the URL are not sent; use MODEL_TOKEN')
  const ask: Ask = { ...token !== undefined && { secrets: { authorization: authorizationOf(token) } }, check: answer => explain(answer, token !== undefined) }
  const file = posix.basename(decoded(url.pathname))
  // ONNX Runtime finds external data by its name, so that it keeps it.
  const model = isArchive(url.pathname) ? file : 'model.onnx'
  const urls = new Map([[model, url], ...isArchive(url.pathname) ? [] : siblingsOf(file).map(name => [name, besides(url, name)] as const)])
  return {
    name: nameByPath(decoded(url.pathname)),
    address: withoutSecrets(url),
    async * list (): AsyncGenerator<Entry> {
      for (const path of urls.keys()) yield { path, bytes: null, version: null, ...path !== model && { isOptional: true } }
    },
    async open ({ path }, received) {
      return await openUrl(urls.get(path) ?? besides(url, path), received, ask)
    }
  }
}

/**
 * Says what to do about an answer that is not the file. Many servers answer with a page where there is no file, or where it
 * can only be looked at.
 *
 * @throws Absent
 */
function explain ({ status, headers: { 'content-type': type = '' } }: Answer, hasToken: boolean): void {
  const reason = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (status < 300 && /^text\/html\b/i.test(type)) throw new Absent('the server sends a web page and no file; name the URL that a browser downloads the file from')
  if (status === 401 || status === 403) throw new Absent(`${reason}; ${hasToken ? 'check what MODEL_TOKEN may read' : 'set MODEL_TOKEN'}, or get a new URL if it is a signed one`)
  if (status === 404) throw new Absent(`${reason}; check the address`)
}

/** The value of the header `Authorization` for a token. One without a scheme, such as `Bearer`, gets `token`. */
export function authorizationOf (token: string): string {
  return token.includes(' ') ? token : `token ${token}`
}

/** The URL of a file beside another. */
export function besides (url: URL, name: string): URL {
  const other = new URL(url)
  other.pathname = other.pathname.replace(/[^/]*$/, encodeURIComponent(name))
  return other
}

/** A path of a URL, or a part of one, as people read it. */
export function decoded (pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
