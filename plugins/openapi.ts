import { readFile } from 'node:fs/promises'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { dialectsOf, type Config, type Dialect } from '../lib/config.ts'
import { escapeHtml } from '../lib/html.ts'
import { projectFile, VERSION } from '../lib/project.ts'
import { titleOf } from '../wire/home.ts'
import { rootOf, topBar } from '../wire/page.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document for a caller, with the path prefix of the proxy that it uses. */
    openapiFor: (request: FastifyRequest) => Record<string, unknown>
    /** The path that a proxy has taken away from the URL of a request, such as `/food`; empty if there is none. */
    prefixOf: (request: FastifyRequest) => string
  }
}

/** A valid X-Forwarded-Prefix, such as `/food` or `/a/b`. Any other value is ignored. No segment is `.` or `..`. */
const PREFIX = /^(?=.{1,200}$)(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/

/** The tag of each dialect's routes. A link stands in the text, because Swagger UI shows the whole address of `externalDocs`. */
const DIALECT_TAGS: Record<Dialect, { name: string, description: string }> = {
  v2: { name: 'Open Inference Protocol', description: '[Version 2](https://github.com/kserve/open-inference-protocol), with extensions of Triton.' },
  v1: { name: 'KServe V1', description: '[The first protocol](https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol) of KServe and of TensorFlow Serving.' },
  max: { name: 'MAX', description: 'As services of the [IBM Model Asset eXchange](https://github.com/IBM/MAX-Framework).' },
  kapitan: { name: 'Kapitan', description: 'As services of the [Kapitan Hull](https://github.com/aisingapore/kapitan-hull) template.' }
}

/** The styles of the bar at the top, which this page shares with the others, and what Swagger UI lacks on a phone and for contrast. */
const STYLE_FILE = 'swagger.css'

/** Makes the OpenAPI document from the schemas of the routes, and serves Swagger UI. Register it before the routes. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { card } = app.model
  const { about = {} } = card
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: titleOf(card),
        description: [...about.description === undefined ? [] : [about.description], `Served by Servery ${VERSION}.`].join('\n\n'),
        version: card.version,
        ...about.licence !== undefined && { license: { name: about.licence } }
      },
      tags: [
        { name: 'predict', description: 'Predictions and their explanations.' },
        { name: 'info', description: 'About the model.' },
        { name: 'health', description: 'Probes for Kubernetes and load balancers.' },
        ...dialectsOf(config).map(dialect => DIALECT_TAGS[dialect])
      ],
      ...config.API_KEYS !== undefined && { components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key.' } } } }
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => typeof json['$id'] === 'string' ? json['$id'] : `def-${index}` }
  })
  app.decorate('prefixOf', request => {
    const prefix = String(request.headers['x-forwarded-prefix'] ?? '').replace(/\/$/, '')
    return PREFIX.test(prefix) ? prefix : ''
  })
  app.decorate('openapiFor', request => {
    const prefix = app.prefixOf(request)
    return { ...app.swagger(), ...prefix !== '' && { servers: [{ url: prefix }] } }
  })
  const style = await readFile(projectFile('web/swagger.css'), 'utf8')
  // A scope of its own, so that the hook sees only the answers of Swagger UI.
  await app.register(async scope => {
    scope.addHook('onSend', async (request, reply, payload) => {
      return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html') ? framed(payload, request.url) : payload
    })
    await scope.register(swaggerUi, {
      routePrefix: '/swagger',
      uiConfig: { displayRequestDuration: true, docExpansion: 'list' },
      transformSpecificationClone: false,
      transformSpecification: (_document, request) => app.openapiFor(request),
      // Swagger UI styles some of its elements inline.
      staticCSP: "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
      theme: { title: `${escapeHtml(titleOf(card))} · Swagger UI`, css: [{ filename: STYLE_FILE, content: style }] }
    })
  })
}, { name: 'openapi', dependencies: ['model'] })

/** Adds to the page of Swagger UI what each page has: a viewport, our mark and the navigation. */
function framed (html: string, url: string): string {
  const root = rootOf(url.split('?', 1).join(''))
  return html
    .replace(/^[^<]*<!--.*?-->\s*/s, '')
    .replace('<head>', `<head>\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="${root}assets/icon.svg">`)
    .replace(/\s*<link rel="icon" type="image\/png"[^>]*>/g, '')
    .replace('<body>', `<body>\n<a class="skip" href="#swagger-ui">Skip to content</a>\n${topBar({ current: 'api', root })}`)
}
