import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Card } from '../lib/card/card.ts'
import { readInside } from '../lib/card/inside.ts'
import { dialectsOf, type Config } from '../lib/config.ts'
import { CONFUSION_FILE, parseConfusion, type Confusion } from '../lib/confusion.ts'
import { Type } from '../lib/typebox.ts'
import { confusionPage, MATRIX_LABELS_LIMIT } from '../wire/confusion.ts'
import { assetOf, homePage, readable, titleOf } from '../wire/home.ts'
import { wireOf } from '../wire/index.ts'
import { DOCUMENT_LIMIT_BYTES, pageHeaders, PAGE_HEADERS } from '../wire/page.ts'

/** The confusion matrix as a picture, for a folder that has no numbers of it. */
const CONFUSION_PICTURE = 'confusion.png'

/** Largest file with the numbers of a confusion matrix. */
const CONFUSION_LIMIT_BYTES = 1024 * 1024

/** Serves the page where visitors try the model, and the model's own pictures on it. The card says what it shows. */
const home: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card, folder } = app.model
  const fragment = wireOf(card, app.model.signature).page({ uploadBytes: config.UPLOAD_LIMIT, characters: config.TEXT_LIMIT })
  const pictures = new Map<string, Buffer>()
  for (const file of [...fragment.pictures, CONFUSION_PICTURE]) {
    const bytes = await readInside(folder, join(folder, file))
    if (bytes) pictures.set(file, bytes)
  }
  // A README that cannot be read is no reason not to serve the model.
  const readme = await readInside(folder, join(folder, 'README.md')).catch(() => null)
  const confusion = await confusionOf(app.model).catch((err: unknown) => {
    app.log.warn({ err }, `The page does not show ${CONFUSION_FILE}`)
    return undefined
  })
  const draw = (isEmbedded: boolean) => homePage({
    card,
    form: fragment.html(pictures),
    scripts: Object.keys(fragment.scripts),
    needsKey: config.API_KEYS !== undefined,
    explains: app.model.explains,
    hasInference: dialectsOf(config).includes('v2'),
    hasConfusion: pictures.has(CONFUSION_PICTURE),
    // A larger one is not rendered, and a link to it would lead nowhere.
    hasReadme: readme !== null && readme.length <= DOCUMENT_LIMIT_BYTES,
    isEmbedded,
    ...confusion && { confusion }
  })

  const rights = { connect: fragment.connects ?? [] }
  const frames = config.EMBED_ORIGINS?.split(',') ?? []
  // Drawn at the first request: Node.js loads the number format of English for it, which would delay the start.
  let html: string | undefined
  let embedded: string | undefined
  app.get('/', { schema: { hide: true, querystring: Type.Object({ embed: Type.Optional(Type.Unknown()) }) } }, async (request, reply) => {
    if (request.query.embed === undefined) return reply.headers(pageHeaders(rights)).send(html ??= draw(false))
    // The older header knows no list of origins, and would forbid what the policy allows.
    if (frames.length > 0) reply.removeHeader('x-frame-options')
    return reply.headers(pageHeaders({ ...rights, frames })).send(embedded ??= draw(true))
  })
  for (const [file, bytes] of pictures) {
    app.get(assetOf(file), { schema: { hide: true } }, async (_request, reply) => {
      // Imported here, because it would delay the start.
      const { fileTypeFromBuffer } = await import('file-type')
      return reply.type((await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream').send(bytes)
    })
  }
  for (const [path, file] of Object.entries(fragment.scripts)) {
    const script = await readFile(file)
    app.get(`/assets/${path}`, { schema: { hide: true } }, async (_request, reply) => reply.type('text/javascript').send(script))
  }
  if (!confusion || card.labels.length > MATRIX_LABELS_LIMIT) return
  let matrix: string | undefined
  app.get('/confusion', { schema: { hide: true } }, async (_request, reply) => {
    return reply.headers(PAGE_HEADERS).send(matrix ??= confusionPage(titleOf(card), card.labels.map(readable), confusion))
  })
}

export default home

/** The confusion matrix in the model's folder. @throws when there is one that cannot be used */
async function confusionOf ({ card: { labels }, folder }: { card: Card, folder: string }): Promise<Confusion | undefined> {
  const bytes = await readInside(folder, join(folder, CONFUSION_FILE), CONFUSION_LIMIT_BYTES)
  return bytes ? parseConfusion(bytes.toString('utf8'), labels.length) : undefined
}
