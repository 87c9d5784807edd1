import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { RequestInvalid } from '../lib/errors.ts'
import { isPreferred } from '../wire/accept.ts'
import { explanationOf } from '../wire/answer.ts'
import { wireOf } from '../wire/index.ts'
import { errors, predictHeaders } from '../wire/schemas.ts'

/** Only answers with a number can be explained: a probability of a label, or a value; and only inputs that can be varied. Other models have no such route. */
const explain: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  if (!app.model.explains) return
  const { labelKey } = card
  const { queueLimit } = app.model.status()
  const wire = wireOf(card, app.model.signature)

  app.post('/explain', {
    config: { queues: 'low' },
    schema: {
      tags: ['predict'],
      ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
      summary: `Explain the ${labelKey}`,
      description: 'Takes one input, in any format of POST /predict. Runs the model again with parts of the input changed, and answers how much each part matters. Predictions go first: an explanation waits for all of them, and is refused with 503 before they are.',
      headers: predictHeaders(config.DEADLINE_MS),
      body: await wire.body(1),
      response: { 200: wire.explanation, ...errors(400, 401, 413, 415, 422, 429, 503, 504) }
    }
  }, async (request, reply) => {
    const { items: [one, another] } = await wire.question(request.body, queueLimit)
    if (!one || another) throw new RequestInvalid('POST /explain takes one input at a time.')
    const explanation = await app.model.explain(one, {
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, explanation.timing)
    const { picture } = explanation
    if (picture && isPreferred('image/png', request.headers.accept)) return reply.type('image/png').send(picture.overlay)
    return explanationOf(card, explanation)
  })
}

export default explain
