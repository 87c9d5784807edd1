import { escapeHtml } from '../lib/html.ts'

/**
 * Content Security Policy of the pages. They may load files of this service and pictures that the visitor picks, and
 * nothing from other origins.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export const PAGE_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", "connect-src 'self'",
  "form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'"
].join('; ')

/** Contents of a page. */
export interface PageOptions {
  title: string
  /** HTML of the main content. */
  body: string
  /** The navigation link of this page. */
  current: 'try' | 'docs'
  /** Relative path from the page to the root, such as `../../`. All links are relative, so that any path prefix works. */
  root?: string
  /** Additional HTML for the head, such as scripts. */
  head?: string
}

/** Links of the navigation: name, path, text. */
const LINKS = [['try', '', 'Try it'], ['docs', 'docs', 'Docs'], ['api', 'swagger/', 'API'], ['info', 'info', 'Info']] as const

/** A complete HTML page with navigation, in the style of `web/style.css`. */
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
<a class="skip" href="#content">Skip to content</a>
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
