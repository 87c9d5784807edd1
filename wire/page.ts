import { escapeHtml } from '../lib/html.ts'

/**
 * What a page may load: its own files, the pictures that its visitor picks, and nothing from anywhere else.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export const PAGE_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", "connect-src 'self'",
  "form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'"
].join('; ')

export interface PageOptions {
  title: string
  /** HTML of what the page holds. */
  body: string
  /** Where the page is: which link of the navigation it answers. */
  current: 'try' | 'docs'
  /** The relative way from the page to the root, such as `../../`; every link is relative, to work behind any path prefix. */
  root?: string
  /** HTML for the head, such as scripts. */
  head?: string
}

const LINKS = [['try', '', 'Try it'], ['docs', 'docs', 'Docs'], ['api', 'swagger/', 'API'], ['info', 'info', 'Info']] as const

/** A whole HTML page in the style of `web/`. */
export function page ({ title, body, current, root = '', head = '' }: PageOptions): string {
  const links = LINKS.map(([name, path, text]) => `<a href="${root}${path || (root ? '' : './')}"${name === current ? ' aria-current="page"' : ''}>${text}</a>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/style.css">
${head}</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="top">
<a class="brand" href="${root || './'}"><img src="${root}assets/icon.svg" alt="" width="28" height="28">Servery</a>
<nav aria-label="Main">${links.join(' ')}</nav>
</header>
<main id="content">
${body}
</main>
</body>
</html>
`
}
