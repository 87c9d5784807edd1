import { escapeHtml } from '../lib/html.ts'
import type { Static } from '../lib/typebox.ts'
import { page } from './page.ts'
import type { ErrorSchema } from './schemas.ts'

/** An error as a page, for a browser: what is wrong, what to do, and the way back. @param root as in `PageOptions` */
export function errorPage ({ statusCode, code, error, message }: Static<typeof ErrorSchema>, root: string): string {
  const title = titleOf(statusCode)
  return page({
    title,
    root,
    body: `<div class="hero">
<h1>${title}</h1>
</div>
<p class="error">${escapeHtml(message)}</p>
<p class="hint">${statusCode} ${escapeHtml(error)}, <code>${escapeHtml(code)}</code></p>
<p class="links"><a class="button" href="${root || './'}">Try the model</a> <a href="${root}docs">Documents</a> <a href="${root}swagger/">Every endpoint</a></p>`
  })
}

function titleOf (statusCode: number): string {
  if (statusCode === 404) return 'Page not found'
  if (statusCode === 401) return 'An API key is needed'
  return statusCode < 500 ? 'This request has no answer' : 'The service could not answer'
}
