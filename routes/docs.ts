import { access, readdir } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readInside } from '../lib/card/inside.ts'
import { Type } from '../lib/typebox.ts'
import { NotFound } from '../lib/errors.ts'
import { escapeHtml } from '../lib/html.ts'
import { projectFile } from '../lib/project.ts'
import type { Heading } from '../wire/markdown.ts'
import { DOCUMENT_LIMIT_BYTES, page, PAGE_POLICY } from '../wire/page.ts'

/** Largest size of all pictures of a document. They stay in memory. */
const PICTURES_LIMIT_BYTES = 32 * 1024 * 1024

/** Serves the README and the READMEs of the models as pages, with the files that all pages need. */
const docs: FastifyPluginAsyncTypebox = async app => {
  await app.register(fastifyStatic, { root: projectFile('web'), prefix: '/assets/', schemaHide: true })
  const { card, folder } = app.model
  const models = new Map([...await foldersOf(projectFile('models')), [card.name, folder] as const])

  /** Renders a Markdown file as a page; null if it is missing. Links are relative, to work behind any path prefix. */
  async function document (folder: string, root: string, pictures: Documents['pictures']): Promise<string | null> {
    const file = join(folder, 'README.md')
    const [{ render }, { fileTypeFromBuffer }] = await Promise.all([import('../wire/markdown.ts'), import('file-type')])
    const markdown = await read(folder, file)
    if (markdown === null || markdown.length > DOCUMENT_LIMIT_BYTES) return null
    const found: string[] = []
    const { html, title, headings } = await render(markdown.toString('utf8'), {
      link: path => {
        const target = join(folder, path.split('#', 1).join(''))
        if (target === projectFile('README.md')) return `${root}docs`
        const model = [...models].find(([, folder]) => target === folder || target === join(folder, 'README.md'))
        return model ? `${root}docs/models/${encodeURIComponent(model[0])}` : null
      },
      picture: path => {
        found.push(path)
        return `${root}docs/pictures/${pictureName(file, path)}`
      }
    })
    let picturesBytes = 0
    for (const path of new Set(found)) {
      const bytes = await read(folder, join(folder, path))
      picturesBytes += bytes?.length ?? 0
      if (picturesBytes > PICTURES_LIMIT_BYTES) {
        app.log.warn({ file, picture: path }, 'The pictures of a document are too large; it lacks this one and those after it')
        break
      }
      if (!bytes) app.log.warn({ file, picture: path }, 'A document refers to a missing picture')
      else pictures.set(pictureName(file, path), { type: (await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream', bytes })
    }
    return page({ title, root, current: 'docs', body: withContents(html, headings) })
  }

  /** Reads a file of a folder. A model's folder may hold anything: its faults are logged, and the page lacks the file. */
  async function read (folder: string, file: string): Promise<Buffer | null> {
    return await readInside(folder, file).catch((err: unknown) => {
      app.log.warn({ err }, 'A document cannot be shown')
      return null
    })
  }

  async function renderAll (): Promise<Documents> {
    const pictures: Documents['pictures'] = new Map()
    const readme = await document(projectFile('.'), '', pictures)
    const pages: Documents['pages'] = new Map()
    for (const [name, folder] of models) {
      // A model's README is anybody's. If it cannot be rendered, the other documents still are.
      const html = await document(folder, '../../', pictures).catch((err: unknown) => {
        app.log.warn({ err, folder }, 'The README of a model cannot be shown')
        return null
      })
      if (html) pages.set(name, html)
    }
    return { readme, pages, pictures }
  }
  let rendered: Promise<Documents> | undefined
  /** Renders all documents at the first request for one, so that the service starts sooner. */
  const documents = async () => await (rendered ??= renderAll())

  const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY }
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => reply.headers(html).send((await documents()).readme))
  app.get('/docs/models/:name', { schema: { hide: true, params: Type.Object({ name: Type.String() }) } }, async (request, reply) => {
    const found = (await documents()).pages.get(request.params.name)
    if (!found) throw new NotFound(request.method, request.url)
    return reply.headers(html).send(found)
  })
  app.get('/docs/pictures/*', { schema: { hide: true, params: Type.Object({ '*': Type.String() }) } }, async (request, reply) => {
    const found = (await documents()).pictures.get(request.params['*'])
    if (!found) throw new NotFound(request.method, request.url)
    return reply.type(found.type).send(found.bytes)
  })
}

export default docs

interface Documents {
  readme: string | null
  /** By the name of the model. */
  pages: Map<string, string>
  /** By the name in their URL. */
  pictures: Map<string, { type: string, bytes: Buffer }>
}

/** The name and the folder of each model. */
async function foldersOf (parent: string): Promise<Array<readonly [string, string]>> {
  const names = await readdir(parent)
  const folders = await Promise.all(names.map(async name => {
    const folder = join(parent, name)
    return await access(join(folder, 'card.json')).then(() => [[name, folder] as const], () => [])
  }))
  return folders.flat()
}

/** The name of a picture in its URL. It is the same in every document that shows the file. */
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
