import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Marked, type Renderer, type Tokens } from 'marked'
import { gfmHeadingId } from 'marked-gfm-heading-id'
import { page } from '../lib/html.ts'
import { projectFile } from '../lib/project.ts'

const require = createRequire(import.meta.url)

/** The README, rendered once at start-up, and the files that the pages need. */
const docs: FastifyPluginAsyncTypebox = async app => {
  const markdown = await readFile(projectFile('README.md'), 'utf8')
  const article = await new Marked(gfmHeadingId(), { renderer: { link } }).parse(markdown)
  const html = page('Servery', `<link rel="stylesheet" href="assets/github-markdown.css">\n<article class="markdown-body">\n${article}</article>`)
  const markdownCss = await readFile(require.resolve('github-markdown-css/github-markdown.css'))

  await app.register(fastifyStatic, { root: projectFile('web'), prefix: '/assets/', schemaHide: true })
  app.get('/assets/github-markdown.css', { schema: { hide: true } }, async (_request, reply) => reply.type('text/css').send(markdownCss))
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => reply.type('text/html; charset=utf-8').send(html))
}

export default docs

/** Links to files of the repository lead nowhere from here; their text stays. */
function link (this: Renderer, { href, tokens }: Tokens.Link): string | false {
  return /^(https?:|#)/.test(href) ? false : this.parser.parseInline(tokens)
}
