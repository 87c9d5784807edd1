import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { IMAGE_FORMATS } from '../lib/input/image.ts'
import { channelsOf } from '../lib/input/shape.ts'
import { InfoSchema, type Info } from '../lib/schemas.ts'

const info: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card, engine, scheduler } = app.model
  const { input } = card
  const body: Info = {
    model: card.name,
    version: card.version,
    title: card.title,
    description: card.description,
    'input-size': input.kind === 'image' ? `${input.height}x${input.width}x${channelsOf(input)}` : String(input.features.length),
    'num-classes': card.labels.length,
    'pretrained-on': card.pretrainedOn,
    architecture: card.architecture,
    training: card.training,
    dataset: card.dataset,
    performance: card.performance,
    licence: card.licence,
    limits: card.limits,
    'label-key': card.labelKey,
    labels: card.labels,
    input,
    formats: input.kind === 'image' ? [...IMAGE_FORMATS] : ['JSON', 'CSV'],
    service: {
      'upload-limit': config.UPLOAD_LIMIT,
      'pixel-limit': config.PIXEL_LIMIT,
      'deadline-ms': config.DEADLINE_MS,
      'queue-limit': scheduler.limit,
      workers: engine.workers,
      threads: engine.threads,
      'max-batch': engine.maxBatch,
      calibration: engine.trials
    }
  }

  app.get('/info', {
    schema: {
      tags: ['info'],
      summary: 'About the model',
      description: 'What the model is, what input it expects, how good it is, and the limits of this service.',
      response: { 200: InfoSchema }
    }
  }, async () => body)
}

export default info
