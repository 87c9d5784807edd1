import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { columnsToCsv, toCsv } from '../lib/modalities/csv.ts'
import { hasProbabilities } from '../lib/output/prediction.ts'
import { isForPeople, isPreferred, isPreferredToJson } from '../wire/accept.ts'
import { answerPage } from '../wire/answer-page.ts'
import { answerOf, answersOf, columnsOf, csvColumnsOf, plainTextOf } from '../wire/answer.ts'
import { wireOf } from '../wire/index.ts'
import { PAGE_HEADERS } from '../wire/page.ts'
import { errors, predictAnswer, predictHeaders, predictQuery } from '../wire/schemas.ts'

const predict: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const { queueLimit } = app.model.status()
  const wire = wireOf(card, app.model.signature)
  const columns = columnsOf(card)

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
    const { predictions, timing } = await app.model.predict(items, {
      topK: hasProbabilities(card.output) ? request.query.top_k ?? config.TOP_K : 1,
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, timing)
    request.predictions = predictions
    if ('text/csv' in wire.answers && columns.length > 0 && isPreferred('text/csv', request.headers.accept)) {
      const values = csvColumnsOf(card, predictions)
      return reply.type('text/csv; charset=utf-8').send(table ? await toCsv(table, columns, values) : await columnsToCsv(columns, values))
    }
    if (isForPeople(request.headers.accept)) return reply.headers(PAGE_HEADERS).send(await answerPage(card, predictions, { isList, ...table && { table } }))
    const text = isPreferredToJson('text/plain', request.headers.accept) ? await plainTextOf(card, predictions) : null
    if (text !== null) return reply.type('text/plain; charset=utf-8').send(text)
    // The schema's own serializer finds out which of two shapes the answer has. That costs more than all the rest.
    return reply.type('application/json; charset=utf-8').send(await (isList ? answersOf : answerOf)(card, predictions))
  })
}

export default predict
