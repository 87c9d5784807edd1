import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readInside } from '../lib/card/inside.ts'
import { dialectsOf, type Config } from '../lib/config.ts'
import { assetOf, homePage } from '../wire/home.ts'
import { wireOf } from '../wire/index.ts'
import { PAGE_POLICY } from '../wire/page.ts'

const CONFUSION = 'confusion.png'

/** Serves the page where visitors try the model, and the model's own pictures on it. The card says what it shows. */
const home: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card, folder } = app.model
  const fragment = wireOf(card, app.model.signature).page({ uploadBytes: config.UPLOAD_LIMIT, characters: config.TEXT_LIMIT })
  const pictures = new Map<string, Buffer>()
  for (const file of [...fragment.pictures, CONFUSION]) {
    const bytes = await readInside(folder, join(folder, file))
    if (bytes) pictures.set(file, bytes)
  }
  const hasReadme = await readInside(folder, join(folder, 'README.md')) !== null
  const draw = () => homePage({
    card,
    form: fragment.html(pictures),
    scripts: Object.keys(fragment.scripts),
    needsKey: config.API_KEYS !== undefined,
    explains: app.model.explains,
    hasInference: dialectsOf(config).includes('v2'),
    hasConfusion: pictures.has(CONFUSION),
    hasReadme
  })

  // Drawn at the first request: Node.js loads the number format of English for it, which would delay the start.
  let html: string | undefined
  app.get('/', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(html ??= draw())
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
}

export default home
