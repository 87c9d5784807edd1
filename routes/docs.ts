import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fileTypeFromBuffer } from 'file-type'
import { Type } from 'typebox'
import { NotFound } from '../lib/errors.ts'
import { escapeHtml, page, PAGE_POLICY } from '../lib/html.ts'
import { render, type Heading } from '../lib/markdown.ts'
import { projectFile } from '../lib/project.ts'

/** The README and those of the models, rendered once at start-up, and the files that the pages need. */
const docs: FastifyPluginAsyncTypebox = async app => {
  await app.register(fastifyStatic, { root: projectFile('web'), prefix: '/assets/', schemaHide: true })
  const { card, folder } = app.model
  const models = new Map([...await foldersOf(projectFile('models')), [card.name, folder] as const])
  const pictures = new Map<string, { type: string, bytes: Buffer }>()

  /** A Markdown file as a page; every link is relative, to work behind any path prefix. */
  async function document (file: string, root: string): Promise<string | null> {
    const markdown = await readFile(file, 'utf8').catch(() => null)
    if (markdown === null) return null
    const found: string[] = []
    const { html, title, headings } = await render(markdown, {
      link: path => {
        const target = join(dirname(file), path.split('#', 1).join(''))
        if (target === projectFile('README.md')) return `${root}docs`
        const model = [...models].find(([, folder]) => target === folder || target === join(folder, 'README.md'))
        return model ? `${root}docs/models/${encodeURIComponent(model[0])}` : null
      },
      picture: path => {
        found.push(path)
        return `${root}docs/pictures/${pictureName(file, path)}`
      }
    })
    for (const path of found) {
      const bytes = await readFile(join(dirname(file), path)).catch(() => null)
      if (!bytes) app.log.warn({ file, picture: path }, 'A document shows a picture that is not there')
      else pictures.set(pictureName(file, path), { type: (await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream', bytes })
    }
    return page({ title, root, current: 'docs', body: withContents(html, headings) })
  }

  const readme = await document(projectFile('README.md'), '')
  const pages = new Map<string, string>()
  for (const [name, folder] of models) {
    const html = await document(join(folder, 'README.md'), '../../')
    if (html) pages.set(name, html)
  }

  const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY }
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => reply.headers(html).send(readme))
  app.get('/docs/models/:name', { schema: { hide: true, params: Type.Object({ name: Type.String() }) } }, async (request, reply) => {
    const found = pages.get(request.params.name)
    if (!found) throw new NotFound(request.method, request.url)
    return reply.headers(html).send(found)
  })
  app.get('/docs/pictures/*', { schema: { hide: true, params: Type.Object({ '*': Type.String() }) } }, async (request, reply) => {
    const found = pictures.get(request.params['*'])
    if (!found) throw new NotFound(request.method, request.url)
    return reply.type(found.type).send(found.bytes)
  })
}

export default docs

/** The models' folders by name. */
async function foldersOf (parent: string): Promise<Array<readonly [string, string]>> {
  const names = await readdir(parent)
  const folders = await Promise.all(names.map(async name => {
    const folder = join(parent, name)
    return await access(join(folder, 'card.json')).then(() => [[name, folder] as const], () => [])
  }))
  return folders.flat()
}

/** The same file by one name, wherever it is shown. */
function pictureName (file: string, path: string): string {
  const name = posix.normalize(relative(projectFile('.'), join(dirname(file), path)).replaceAll('\\', '/'))
  return name.replaceAll('../', '')
}

function withContents (html: string, headings: Heading[]): string {
  const item = ({ level, id, text }: Heading) => `<li class="level-${level}"><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`
  return `<div class="with-contents">
<nav class="contents" aria-labelledby="contents-title">
<h2 id="contents-title">On this page</h2>
<ul>
${headings.filter(({ level }) => level <= 3).map(item).join('\n')}
</ul>
</nav>
<article class="document">
${html}</article>
</div>`
}
