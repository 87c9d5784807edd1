import { escapeHtml } from '../lib/html.ts'

/** What a page may do beyond what every page may. */
export interface PageRights {
  /** Origins or schemes that its script may fetch from. */
  connect?: string[]
  /** Origins whose pages may show it in a frame. */
  frames?: string[]
}

/**
 * Content Security Policy of a page. It may load files of this service and pictures that the visitor picks, and nothing
 * from other origins, unless it is given the right.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function pagePolicy ({ connect = [], frames = [] }: PageRights = {}): string {
  return [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", ["connect-src 'self'", ...connect].join(' '),
    "form-action 'self'", "base-uri 'none'", ["frame-ancestors 'self'", ...frames].join(' ')
  ].join('; ')
}

/** Content Security Policy of a page without further rights. */
export const PAGE_POLICY = pagePolicy()

/** The headers of a page. */
export function pageHeaders (rights: PageRights): { 'content-type': string, 'content-security-policy': string } {
  return { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy(rights) }
}

/** Headers of a page without further rights. */
export const PAGE_HEADERS = pageHeaders({})

/** Largest Markdown file that is rendered as a page. */
export const DOCUMENT_LIMIT_BYTES = 512 * 1024

/** Contents of a page. */
export interface PageOptions {
  title: string
  /** HTML of the main content. */
  body: string
  /** The navigation link of this page, if it has one. */
  current?: Place
  /** Relative path from the page to the root, such as `../../`. All links are relative, so that any path prefix works. */
  root?: string
  /** Additional HTML for the head, such as scripts. */
  head?: string
  /** Whether the page is for a frame on another page: without navigation, and its links open beside it. */
  isEmbedded?: boolean
}

/** A page that the navigation names. */
export type Place = typeof LINKS[number][0]

/** Deepest path for which links are relative. A longer one would only make the page of its error long. */
const DEPTH_LIMIT = 16

/** The relative path from a page to the root of the service: `../` for each folder of its path. */
export function rootOf (path: string): string {
  const depth = Math.max(0, path.split('/').length - 2)
  return depth > DEPTH_LIMIT ? '/' : '../'.repeat(depth)
}

/** Links of the navigation: name, path, text. */
const LINKS = [['try', '', 'Try it'], ['docs', 'docs', 'Docs'], ['api', 'swagger/', 'API'], ['info', 'info', 'Info']] as const

/** The bar at the top of every page: the mark, which leads home, and the navigation. */
export function topBar ({ current, root = '' }: Pick<PageOptions, 'current' | 'root'>): string {
  const links = LINKS.map(([name, path, text]) => `<a href="${root}${path || (root ? '' : './')}"${name === current ? ' aria-current="page"' : ''}>${text}</a>`)
  return `<header class="top">
<a class="brand" href="${root || './'}"><img src="${root}assets/icon.svg" alt="" width="28" height="28">Servery</a>
<nav aria-label="Main">${links.join(' ')}</nav>
</header>`
}

/** A complete HTML page with navigation, in the style of `web/style.css`. */
export function page ({ title, body, current, root = '', head = '', isEmbedded = false }: PageOptions): string {
  return `<!doctype html>
<html lang="en"${isEmbedded ? ' class="embedded"' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
${isEmbedded ? '<base target="_blank">\n' : ''}<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/style.css">
${head}</head>
<body>
${isEmbedded
? ''
: `<a class="skip" href="#content">Skip to content</a>
${topBar({ root, ...current && { current } })}
`}<main id="content">
${body}
</main>
</body>
</html>
`
}
