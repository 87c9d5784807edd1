import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const metrics: FastifyPluginAsyncTypebox = async app => {
  const { registry } = app.metrics

  app.get('/metrics', {
    config: { quiet: true, pressureHandler: () => {} },
    schema: { hide: true }
  }, async (_request, reply) => {
    reply.type(registry.contentType)
    return await registry.metrics()
  })
}

export default metrics
