import { access, readdir } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readInside } from '../lib/card/inside.ts'
import { Type } from '../lib/typebox.ts'
import { NotFound } from '../lib/errors.ts'
import { escapeHtml } from '../lib/html.ts'
import { projectFile } from '../lib/project.ts'
import { nextTurn } from '../lib/turn.ts'
import type { ManualGroup } from '../wire/manual.ts'
import type { Heading } from '../wire/markdown.ts'
import { DOCUMENT_LIMIT_BYTES, page, PAGE_POLICY } from '../wire/page.ts'
import type { Section } from '../wire/sections.ts'

/** Largest size of all pictures of a document. They stay in memory. */
const PICTURES_LIMIT_BYTES = 32 * 1024 * 1024

/** Serves the documents of the project and the READMEs of the models as the pages of one manual, with the files that all pages need. */
const docs: FastifyPluginAsyncTypebox = async app => {
  await app.register(fastifyStatic, { root: projectFile('web'), prefix: '/assets/', schemaHide: true })
  const { card, folder } = app.model
  const models = new Map([...await foldersOf(projectFile('models')), [card.name, folder] as const])
  const pictures = new Map<string, { type: string, bytes: Buffer }>()

  /** What there is to show. Known at the first request for a document, so that the service starts sooner. */
  async function findManual (): Promise<Manual> {
    const { CONTENTS, manualOf, pagePath } = await import('../wire/manual.ts')
    const contents = await read(projectFile('.'), projectFile(CONTENTS))
    const groups = contents ? manualOf(contents.toString('utf8')) : []
    const sources = new Map<string, Source>()
    for (const file of await documentFiles()) sources.set(pagePath(file), { folder: projectFile('.'), file: projectFile(file) })
    for (const [name, folder] of models) {
      const file = join(folder, 'README.md')
      const bytes = (await read(folder, file))?.length ?? Infinity
      if (bytes <= DOCUMENT_LIMIT_BYTES) sources.set(`docs/models/${name}`, { folder, file })
    }
    const listed = groups.map(({ title, pages }) => ({ title, pages: pages.map(({ text, file }) => ({ text, path: pagePath(file) })).filter(({ path }) => sources.has(path)) }))
    return { sources, groups: [...listed, { title: 'Models', pages: [...models.keys()].map(name => ({ text: name, path: `docs/models/${name}` })).filter(({ path }) => sources.has(path)) }] }
  }
  let found: Promise<Manual> | undefined
  const manual = async () => await (found ??= findManual())

  /** Renders a document as a page; null if it is missing. Links are relative, to work behind any path prefix. */
  async function renderPage (path: string): Promise<Rendered | null> {
    const { sources, groups } = await manual()
    const source = sources.get(path)
    const markdown = source ? await read(source.folder, source.file) : null
    if (!source || markdown === null || markdown.length > DOCUMENT_LIMIT_BYTES) return null
    const [{ render }, { sectionsOf }, { fileTypeFromBuffer }] = await Promise.all([import('../wire/markdown.ts'), import('../wire/sections.ts'), import('file-type')])
    const root = '../'.repeat(path.split('/').length - 1)
    const paths = new Map([...sources].map(([path, { file }]) => [file, path]))
    const shown: string[] = []
    const { html, title, headings } = await render(markdown.toString('utf8'), {
      link: link => {
        const [to = '', anchor] = link.split('#', 2)
        const target = join(dirname(source.file), to)
        const path = paths.get(target) ?? paths.get(join(target, 'README.md'))
        return path === undefined ? null : href(root, path) + (anchor ? `#${anchor}` : '')
      },
      picture: picture => {
        shown.push(picture)
        return `${root}docs/pictures/${pictureName(source.file, picture)}`
      }
    })
    let picturesBytes = 0
    for (const picture of new Set(shown)) {
      const bytes = await read(source.folder, join(dirname(source.file), picture))
      picturesBytes += bytes?.length ?? 0
      if (picturesBytes > PICTURES_LIMIT_BYTES) {
        app.log.warn({ file: source.file, picture }, 'The pictures of a document are too large; it lacks this one and those after it')
        break
      }
      if (!bytes) app.log.warn({ file: source.file, picture }, 'A document refers to a missing picture')
      else pictures.set(pictureName(source.file, picture), { type: (await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream', bytes })
    }
    const body = frame({ html, headings, groups, path, root })
    const head = `<script type="module" src="${root}assets/docs.js"></script>\n`
    return { html: page({ title, root, current: 'docs', body, head }), title, sections: sectionsOf(html) }
  }

  /** Reads a file of a folder. A model's folder may hold anything: its faults are logged, and the page lacks the file. */
  async function read (folder: string, file: string): Promise<Buffer | null> {
    return await readInside(folder, file).catch((err: unknown) => {
      app.log.warn({ err }, 'A document cannot be shown')
      return null
    })
  }

  const rendered = new Map<string, Promise<Rendered | null>>()
  /** Renders a document once, at the first request for it. */
  async function shownAt (path: string): Promise<Rendered | null> {
    const { sources } = await manual()
    if (!sources.has(path)) return null
    // A model's README is anybody's. If it cannot be rendered, the other documents still are.
    const once = rendered.get(path) ?? renderPage(path).catch((err: unknown) => {
      app.log.warn({ err, document: path }, 'A document cannot be shown')
      return null
    })
    rendered.set(path, once)
    return await once
  }

  /** What the search of the pages looks through: the pages that the contents list. */
  async function buildIndex (): Promise<string> {
    const { groups } = await manual()
    const index: Array<{ path: string, title: string, sections: Section[] }> = []
    for (const { path } of groups.flatMap(({ pages }) => pages)) {
      await nextTurn()
      const document = await shownAt(path)
      if (document) index.push({ path, title: document.title, sections: document.sections })
    }
    return JSON.stringify(index)
  }
  let index: Promise<string> | undefined
  const searchIndex = async () => await (index ??= buildIndex())

  const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY }
  const wildcard = Type.Object({ '*': Type.String() })
  app.get('/docs', { schema: { hide: true } }, async (request, reply) => {
    const document = await shownAt('docs')
    if (!document) throw new NotFound(request.method, request.url)
    return reply.headers(html).send(document.html)
  })
  app.get('/docs/*', { schema: { hide: true, params: wildcard } }, async (request, reply) => {
    const path = request.params['*']
    // Here the relative links of the page would lead elsewhere.
    if (path === '') return reply.redirect('../docs')
    const document = await shownAt(`docs/${path}`)
    if (!document) throw new NotFound(request.method, request.url)
    return reply.headers(html).send(document.html)
  })
  app.get('/docs/search.json', { schema: { hide: true } }, async (_request, reply) => reply.type('application/json').send(await searchIndex()))
  app.get('/docs/pictures/*', { schema: { hide: true, params: wildcard } }, async (request, reply) => {
    const name = request.params['*']
    // A page from before a restart asks for the pictures of a document that nobody has opened since.
    if (!pictures.has(name)) for (const path of (await manual()).sources.keys()) await shownAt(path)
    const picture = pictures.get(name)
    if (!picture) throw new NotFound(request.method, request.url)
    return reply.type(picture.type).send(picture.bytes)
  })
}

export default docs

/** A document, and the folder that it may show files of. Both are absolute paths. */
interface Source {
  folder: string
  file: string
}

interface Manual {
  /** By the path of the page. */
  sources: Map<string, Source>
  groups: Group[]
}

type Group = Pick<ManualGroup, 'title'> & { pages: Array<{ text: string, path: string }> }

interface Rendered {
  /** The whole page. */
  html: string
  title: string
  sections: Section[]
}

/** The documents of the project that have a page, as paths from its root. What a package leaves out is not there. */
async function documentFiles (): Promise<string[]> {
  const inside = async (folder: string) => {
    const names = await readdir(projectFile(folder), { recursive: true }).catch(() => [])
    return names.filter(name => name.endsWith('.md')).map(name => `${folder}/${name.replaceAll('\\', '/')}`)
  }
  const files = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'clients/python/README.md', 'clients/typescript/README.md', ...await inside('docs')]
  const there = await Promise.all(files.map(async file => await access(projectFile(file)).then(() => [file], () => [])))
  return there.flat()
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

/** The link to a page from another one, which is `root` below the root of the service. */
function href (root: string, path: string): string {
  return root + path.split('/').map(encodeURIComponent).join('/')
}

/** A document with the search and the contents of the manual beside it, and the way to the pages before and after it. */
function frame ({ html, headings, groups, path, root }: { html: string, headings: Heading[], groups: Group[], path: string, root: string }): string {
  const here = ({ level, id, text }: Heading) => `<li class="level-${level}"><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`
  const inner = headings.filter(({ level }) => level <= 3)
  const item = (page: Group['pages'][number]) => {
    const isHere = page.path === path
    return `<li><a href="${escapeHtml(href(root, page.path))}"${isHere ? ' aria-current="page"' : ''}>${escapeHtml(page.text)}</a>${isHere && inner.length > 0 ? `\n<ul class="here">\n${inner.map(here).join('\n')}\n</ul>\n` : ''}</li>`
  }
  const isListed = groups.some(({ pages }) => pages.some(page => page.path === path))
  const onThisPage = isListed || inner.length === 0 ? '' : `<h2>On this page</h2>\n<ul>\n${inner.map(here).join('\n')}\n</ul>\n`
  const lists = groups.filter(({ pages }) => pages.length > 0).map(({ title, pages }) => `<h2>${escapeHtml(title)}</h2>\n<ul>\n${pages.map(item).join('\n')}\n</ul>`)
  return `<div class="with-contents">
<div class="manual">
<form class="search" role="search">
<label class="visually-hidden" for="search">Search the manual</label>
<input id="search" type="search" placeholder="Search the manual" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
<p class="hint" role="status"></p>
<ul class="found" hidden></ul>
</form>
<details class="contents">
<summary>Contents</summary>
<nav aria-label="Manual">
${onThisPage}${lists.join('\n')}
</nav>
</details>
</div>
<article class="document">
${html}${pager(groups, path, root)}</article>
</div>`
}

/** Links to the pages before and after a page of the manual. The READMEs of models have no order. */
function pager (groups: Group[], path: string, root: string): string {
  const pages = groups.flatMap(({ pages }) => pages).filter(({ path }) => !path.startsWith('docs/models/'))
  const at = pages.findIndex(page => page.path === path)
  if (at < 0) return ''
  const link = (page: Group['pages'][number] | undefined, rel: string, word: string) => page
    ? `<a rel="${rel}" href="${escapeHtml(href(root, page.path))}"><span>${word}</span> ${escapeHtml(page.text)}</a>`
    : ''
  return `<nav class="pager" aria-label="Previous and next page">${link(pages[at - 1], 'prev', 'Previous')}${link(pages[at + 1], 'next', 'Next')}</nav>\n`
}
