import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { inputsOf } from '../lib/input/body.ts'
import { exampleImage } from '../lib/input/image.ts'
import type { Ranked } from '../lib/output/classify.ts'
import { errors, predictAnswer, predictBody, predictQuery } from '../lib/schemas.ts'

const predict: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card } = app.model
  const example = await exampleImage(card.input)

  app.post('/predict', {
    config: { queues: true },
    schema: {
      tags: ['predict'],
      summary: `Tell the ${card.labelKey}`,
      description: card.description,
      consumes: ['multipart/form-data'],
      querystring: predictQuery(card, config.TOP_K),
      body: predictBody(example.toString('base64')),
      response: { 200: predictAnswer(card), ...errors(400, 413, 415, 422, 503, 504) }
    }
  }, async request => {
    const inputs = inputsOf(request.body)
    const rankings = await app.model.predict(inputs, {
      topK: request.query.top_k ?? config.TOP_K, deadline: config.DEADLINE_MS, signal: request.disconnected
    })
    const predictions = rankings.map(top => answer(top))
    const model = { model: card.name, version: card.version }
    return predictions.length === 1 ? { ...predictions[0], ...model } : { predictions, ...model }
  })

  function answer (top: Ranked[]): Record<string, unknown> {
    const [first] = top
    if (first) app.metrics.predicted(first)
    return { [card.labelKey]: first?.label, probability: first?.probability, index: first?.index, top }
  }
}

export default predict
