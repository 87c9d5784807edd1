import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { toCsv } from '../lib/modalities/table/csv.ts'
import { isPreferred } from '../wire/accept.ts'
import { answerOf, answersOf } from '../wire/answer.ts'
import { wireOf } from '../wire/index.ts'
import { errors, predictAnswer, predictHeaders, predictQuery } from '../wire/schemas.ts'

const predict: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const { queueLimit } = app.model.status()
  const wire = wireOf(card, app.model.signature)

  app.post('/predict', {
    config: { queues: 'normal' },
    schema: {
      tags: ['predict'],
      ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
      summary: `Predict the ${card.labelKey}`,
      ...card.about?.description !== undefined && { description: card.about.description },
      querystring: predictQuery(card, config.TOP_K),
      headers: predictHeaders(config.DEADLINE_MS),
      body: await wire.body(queueLimit),
      response: { 200: predictAnswer(card, wire.answers), ...errors(400, 401, 413, 415, 422, 429, 503, 504) }
    }
  }, async (request, reply) => {
    const { items, isList, table } = await wire.question(request.body, queueLimit)
    const { rankings, timing } = await app.model.predict(items, {
      topK: request.query.top_k ?? config.TOP_K,
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, timing)
    request.rankings = rankings
    if (table && isPreferred('text/csv', request.headers.accept)) {
      const column = (key: 'label' | 'probability') => rankings.map(([first]) => first?.[key] ?? '')
      return reply.type('text/csv; charset=utf-8').send(await toCsv(table, [card.labelKey, 'probability'], [column('label'), column('probability')]))
    }
    // The schema's own serializer finds out which of two shapes the answer has. That costs more than all the rest.
    return reply.type('application/json; charset=utf-8').send(isList ? await answersOf(card, rankings) : JSON.stringify(answerOf(card, rankings[0])))
  })
}

export default predict
