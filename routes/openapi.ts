import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const openapi: FastifyPluginAsyncTypebox = async app => {
  app.get('/openapi.json', { schema: { hide: true } }, async request => app.openapiFor(request))
}

export default openapi
