import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { questionOf } from '../lib/input/body.ts'
import { examplePicture } from '../lib/input/image.ts'
import { toCsv } from '../lib/input/rows.ts'
import type { Ranked } from '../lib/output/classify.ts'
import { errors, pictureBody, predictAnswer, predictHeaders, predictQuery, rowBody } from '../lib/schemas.ts'

const predict: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const { input, labelKey } = card
  const model = { model: card.name, version: card.version }
  const body = input.kind === 'image' ? pictureBody((await examplePicture(input)).toString('base64')) : rowBody(input)

  app.post('/predict', {
    config: { queues: 'normal' },
    schema: {
      tags: ['predict'],
      ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
      summary: `Tell the ${labelKey}`,
      description: card.description,
      querystring: predictQuery(card, config.TOP_K),
      headers: predictHeaders(config.DEADLINE_MS),
      body,
      response: { 200: predictAnswer(card), ...errors(400, 401, 413, 415, 422, 429, 503, 504) }
    }
  }, async (request, reply) => {
    const { inputs, several, table } = questionOf(request.body, input, app.model.scheduler.limit)
    const { rankings, timing } = await app.model.predict(inputs, {
      topK: request.query.top_k ?? config.TOP_K,
      deadline: request.headers['x-deadline-ms'] ?? config.DEADLINE_MS,
      onGone: stop => reply.onDisconnect(stop)
    })
    Object.assign(request.timing, timing)
    request.rankings = rankings
    if (table && request.headers.accept?.includes('text/csv')) {
      const column = (key: 'label' | 'probability') => rankings.map(([first]) => first?.[key] ?? '')
      return reply.type('text/csv; charset=utf-8').send(toCsv(table, [labelKey, 'probability'], [column('label'), column('probability')]))
    }
    // Telling the two shapes of the schema apart would cost more than all the rest of a hundred rows.
    reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
    const predictions = rankings.map(top => answer(top))
    return several ? { predictions, ...model } : { ...predictions[0], ...model }
  })

  function answer (top: Ranked[]): Record<string, unknown> {
    const [first] = top
    return { [labelKey]: first?.label, probability: first?.probability, index: first?.index, top }
  }
}

export default predict
