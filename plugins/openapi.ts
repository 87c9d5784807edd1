import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { VERSION } from '../lib/project.ts'

/** The OpenAPI document, made from the routes' schemas, and Swagger UI over it. Register before the routes. */
export default fp(async app => {
  const { card } = app.model
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: card.title,
        description: `${card.description}\n\nServed by Servery ${VERSION}.`,
        version: card.version,
        license: { name: card.licence }
      },
      tags: [
        { name: 'predict', description: 'Classify something.' },
        { name: 'info', description: 'About the model.' },
        { name: 'health', description: 'For Kubernetes and load balancers.' }
      ]
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => typeof json['$id'] === 'string' ? json['$id'] : `def-${index}` }
  })
  await app.register(swaggerUi, {
    routePrefix: '/swagger',
    uiConfig: { displayRequestDuration: true, docExpansion: 'list' },
    // Swagger UI styles some of its elements inline.
    staticCSP: "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    theme: { title: `${card.title} · Swagger UI` }
  })
}, { name: 'openapi', dependencies: ['model'] })
