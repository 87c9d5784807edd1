import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import { isForPeople, varyBy } from '../wire/accept.ts'
import { infoPage } from '../wire/info-page.ts'
import { PAGE_HEADERS } from '../wire/page.ts'
import { InfoSchema, type Described, type Info } from '../wire/schemas.ts'

/** For programs. The page for browsers is no part of the API. */
const ANSWER: Described = { description: 'Default Response', content: { 'application/json': { schema: InfoSchema } } }

const info: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card, assumptions, sources, signature } = app.model
  const { name, version, labelKey, labels, input, output, about: { pretrainedOn, max, ...about } = {} } = card
  const { size, formats } = modalityOf(input, signature)
  const { queueLimit, layout } = app.model.status()
  const body: Info = {
    model: name,
    version,
    'input-size': size,
    'num-classes': labels.length,
    ...pretrainedOn !== undefined && { 'pretrained-on': pretrainedOn },
    ...about,
    'label-key': labelKey,
    labels,
    input,
    output,
    assumptions: [...assumptions],
    sources: [...sources],
    formats: [...formats],
    service: {
      'upload-limit': config.UPLOAD_LIMIT,
      'pixel-limit': config.PIXEL_LIMIT,
      'text-limit': config.TEXT_LIMIT,
      'deadline-ms': config.DEADLINE_MS,
      'queue-limit': queueLimit,
      workers: layout.workers,
      threads: layout.threads,
      'max-batch': layout.maxBatch,
      'execution-providers': [...layout.providers],
      calibration: layout.trials
    }
  }

  // Drawn at the first request: Node.js loads the number format of English for it, which would delay the start.
  let html: string | undefined
  app.get('/info', {
    schema: {
      tags: ['info'],
      summary: 'About the model',
      description: 'What the model is, what input it expects, how good it is, and the limits of this service. A browser gets a page.',
      response: { 200: ANSWER }
    }
  }, async (request, reply) => {
    varyBy(reply, 'Accept')
    return isForPeople(request.headers.accept) ? reply.headers(PAGE_HEADERS).send(html ??= infoPage(body)) : reply.send(body)
  })
}

export default info
