import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendFrom, serve, type Owner, type Served } from './server.ts'

/** Files of a repository, by their paths. */
export type Files = Record<string, Buffer>

/** What a Hub serves. */
export interface Hub {
  /** HF_ENDPOINT. */
  origin: string
  /** Requests to the Hub itself. */
  requests: Served['requests']
  /** The other origin, which has the large files. */
  store: Served
  /** The commit of each repository. */
  commit: string
}

interface HubOptions {
  /** Revisions by which the commit is known, beside its own name. */
  revisions?: string[]
  /** Paths of the files that are in Git LFS, so that the Hub redirects to the store for them. */
  large?: RegExp
  /** The only token that may read. */
  token?: string
  /** Whether the repository may be listed, and its files need a token with access to it. */
  isGated?: boolean
}

/**
 * Serves repositories as the Hugging Face Hub does: the commit and the list of files, small files itself, and large files
 * by a redirect to another origin, with a signature in the query.
 *
 * @see https://huggingface.co/docs/hub/api
 */
export async function serveHub (t: Owner, repositories: Record<string, Files>, { revisions = ['main'], large = /\.(?:onnx|onnx_data)$/, token, isGated = false }: HubOptions = {}): Promise<Hub> {
  const commit = createHash('sha1').update(JSON.stringify(Object.keys(repositories))).digest('hex')
  const store = await serve(t, (request, response) => {
    const url = new URL(request.url ?? '', 'http://store')
    const bytes = Object.values(repositories).flatMap(files => Object.values(files)).find(each => `/${sha256(each)}` === url.pathname)
    if (!bytes || url.searchParams.get('Signature') !== 'signed-secret') return response.writeHead(403).end()
    sendFile(request, response, bytes, sha256(bytes))
  })

  function answer (request: IncomingMessage, response: ServerResponse): unknown {
    const url = new URL(request.url ?? '', 'http://hub')
    const isList = url.pathname.startsWith('/api/models/')
    const pattern = isList ? /^\/api\/models\/(.+?)(?:\/(?:revision|tree)\/([^/]+)(?:\/.*)?)?$/ : /^\/(.+)\/resolve\/([^/]+)\/(.+)$/
    const [, repository = '', revision = '', path = ''] = pattern.exec(url.pathname)?.map(part => part && decodeURIComponent(part)) ?? []
    const files = repositories[repository]
    const refuse = (status: number, code: string) => response.writeHead(status, { 'x-error-code': code, 'x-error-message': 'refused' }).end()
    const mayRead = token === undefined || request.headers.authorization === `Bearer ${token}`
    if (!files || (!mayRead && !isGated)) return refuse(mayRead ? 404 : 401, 'RepoNotFound')
    if (!mayRead && !isList) return refuse(request.headers.authorization === undefined ? 401 : 403, 'GatedRepo')
    if (revision && revision !== commit && !revisions.includes(revision)) return refuse(404, 'RevisionNotFound')
    if (isList) return sendJson(response, url.pathname.includes('/tree/') ? treeOf(files, large) : { id: repository, sha: commit, private: false, gated: isGated ? 'manual' : false, siblings: siblingsOf(files, large, url.searchParams.has('blobs')) })
    const bytes = files[path]
    if (!bytes) return refuse(404, 'EntryNotFound')
    response.setHeader('x-repo-commit', commit)
    if (!large.test(path)) return sendFile(request, response, bytes, blobOf(bytes))
    response.writeHead(302, {
      location: `${store.origin}/${sha256(bytes)}?Signature=signed-secret`, 'x-linked-size': bytes.length, 'x-linked-etag': `"${sha256(bytes)}"`, etag: `"${sha256(bytes)}"`
    }).end()
  }

  const { origin, requests } = await serve(t, answer)
  return { origin, requests, store, commit }
}

function siblingsOf (files: Files, large: RegExp, hasBlobs: boolean): unknown[] {
  return Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    ...hasBlobs && { blobId: blobOf(bytes), size: bytes.length, ...large.test(rfilename) && { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 130 } } }
  }))
}

function treeOf (files: Files, large: RegExp): unknown[] {
  return Object.entries(files).map(([path, bytes]) => ({
    type: 'file', oid: blobOf(bytes), size: bytes.length, path, ...large.test(path) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } }
  }))
}

function sendJson (response: ServerResponse, document: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
}

function sendFile (request: IncomingMessage, response: ServerResponse, bytes: Buffer, etag: string): void {
  if (request.method === 'HEAD') response.writeHead(200, { etag: `"${etag}"`, 'content-length': bytes.length, 'accept-ranges': 'bytes' }).end()
  else sendFrom(request, response, bytes, { etag: `"${etag}"` })
}

export function sha256 (bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The name that Git gives to a file. @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function blobOf (bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
