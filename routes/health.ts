import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { checkReady } from '../wire/ready.ts'
import { errors, StatusSchema } from '../wire/schemas.ts'

/** The probes. They answer under any load, have no limits, and are logged at level debug. */
const health: FastifyPluginAsyncTypebox = async app => {
  const { card } = app.model
  const config = { quiet: true, pressureHandler: () => {} }

  app.get('/livez', {
    config,
    schema: {
      tags: ['health'],
      summary: 'Liveness',
      description: 'Answers while the event loop runs. Restart the process if there is no answer.',
      response: { 200: StatusSchema }
    }
  }, async () => ({ status: 'live' as const }))

  app.get('/readyz', {
    config,
    schema: {
      tags: ['health'],
      summary: 'Readiness',
      description: 'Answers 200 while the model is loaded and warm and the service is not shutting down. Send requests only then.',
      response: { 200: StatusSchema, ...errors(503) }
    }
  }, async () => {
    checkReady(app.readiness, app.model.status())
    return { status: 'ready' as const }
  })

  app.get('/healthz', {
    config,
    schema: {
      tags: ['health'],
      summary: 'Readiness in detail',
      description: 'The same as /readyz, with the state of the queue and of the workers.',
      response: { 200: StatusSchema, ...errors(503) }
    }
  }, async () => {
    checkReady(app.readiness, app.model.status())
    const { queued, running, workers } = app.model.status()
    return {
      status: 'ready' as const,
      model: card.name,
      version: card.version,
      uptime: Math.round(performance.now()) / 1000,
      queued,
      running,
      workers: workers.alive
    }
  })
}

export default health
