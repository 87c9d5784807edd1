import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import openapi from '../../plugins/openapi.ts'
import type { FakeModelOptions } from '../lib/model.ts'
import { registerModel } from './fake-model.ts'

async function open (t: Test, settings: Record<string, string> = {}, options?: FakeModelOptions) {
  const app = Fastify()
  await registerModel(app, options)
  await app.register(openapi, { config: loadConfig(settings) })
  app.get('/shown', { schema: { summary: 'A route', response: { 200: { type: 'string' } } } }, async () => 'answer')
  app.get('/hidden', { schema: { hide: true } }, async () => 'answer')
  app.get('/openapi.json', { schema: { hide: true } }, async request => app.openapiFor(request))
  t.teardown(async () => { await app.close() })
  const documentFor = async (headers: Record<string, string> = {}, url = '/openapi.json') => (await app.inject({ url, headers })).json()
  return { app, documentFor }
}

t.test('the document is valid OpenAPI 3.1, and holds the routes that are not hidden', async t => {
  const { documentFor } = await open(t)
  const document = await documentFor()
  const validator = new Validator()
  t.match(await validator.validate(document), { valid: true })
  t.equal(validator.version, '3.1')
  t.same(Object.keys(document.paths), ['/shown'])
})

t.test('the document says what the card says of the model', async t => {
  const { documentFor } = await open(t, {}, {
    card: { name: 'flowers', version: '2.1', about: { title: 'Flowers', description: 'Tells flowers apart.', licence: 'CC BY 4.0' } }
  })
  const { version } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'))
  t.same((await documentFor()).info, {
    title: 'Flowers', description: `Tells flowers apart.\n\nServed by Servery ${version}.`, version: '2.1', license: { name: 'CC BY 4.0' }
  })
})

t.test('a card that says nothing about the model leaves its name, and invents no licence', async t => {
  for (const about of [{}, { architecture: 'a tree' }]) {
    const { documentFor } = await open(t, {}, { card: { name: 'flowers', version: '1', about } })
    const { info } = await documentFor()
    t.match(info, { title: 'flowers', description: /^Served by Servery [\d.]+\.$/, version: '1' })
    t.same(Object.keys(info).sort(), ['description', 'title', 'version'])
  }
})

t.test('the server is the path that a proxy took away, in the document and in Swagger UI', async t => {
  const { documentFor } = await open(t)
  for (const url of ['/openapi.json', '/swagger/json']) {
    for (const [prefix, server] of [['/food', '/food'], ['/food/', '/food'], ['/models/food-2_a.b~c', '/models/food-2_a.b~c'], ['/..a/...', '/..a/...'], [`/${'x'.repeat(199)}`, `/${'x'.repeat(199)}`]] as const) {
      t.same((await documentFor({ 'x-forwarded-prefix': prefix }, url)).servers, [{ url: server }], prefix)
    }
    t.equal((await documentFor({}, url)).servers, undefined)
  }
})

t.test('what is no path is ignored: the document leads nobody elsewhere', async t => {
  const { documentFor } = await open(t)
  for (const prefix of ['', '/', '//', 'food', '//evil.example', 'https://evil.example', '/food//evil.example', '/food?a', '/food#a', '/a, /b', '/<script>', '/%2f%2fevil.example', '/food\\evil', '/food/../evil', '/..', '/.', '/./food', '/food/..', `/${'x'.repeat(200)}`]) {
    t.equal((await documentFor({ 'x-forwarded-prefix': prefix })).servers, undefined, prefix)
  }
  await documentFor({ 'x-forwarded-prefix': '/food' })
  t.equal((await documentFor()).servers, undefined, 'and one request does not change the document of the next')
})

t.test('the document says how to send a key where keys are wanted', async t => {
  const { documentFor } = await open(t, { API_KEYS: 'laboratory:correct-horse-battery' })
  const { components } = await documentFor()
  t.match(components.securitySchemes.key, { type: 'http', scheme: 'bearer' })
  t.notMatch(JSON.stringify(components), /correct-horse/)
  const without = await open(t)
  t.equal((await without.documentFor()).components?.securitySchemes, undefined)
})

t.test("Swagger UI has the model's name as its title, and loads only what is served here", async t => {
  const { app } = await open(t, {}, { card: { about: { title: 'Flowers' } } })
  const { body, headers } = await app.inject('/swagger/')
  t.match(body, '<title>Flowers · Swagger UI</title>')
  t.match(headers['content-security-policy'], "default-src 'self'")
  t.notMatch(headers['content-security-policy'], 'http')
})

t.test('Swagger UI has what every page has: a viewport, our mark, and the navigation, from wherever it is', async t => {
  const { app } = await open(t, {}, { card: { about: { title: 'R&D <b>' } } })
  for (const [url, root] of [['/swagger/', '../'], ['/swagger', '']] as const) {
    const { body } = await app.inject(url)
    t.match(body, '<meta name="viewport" content="width=device-width, initial-scale=1">')
    t.match(body, `<a class="brand" href="${root || './'}">`)
    t.match(body, 'aria-current="page">API</a>')
    t.match(body, `<link rel="icon" href="${root}assets/icon.svg">`)
    t.notMatch(body, /favicon-32|<b>/)
  }
  t.match((await app.inject('/swagger/static/theme/swagger.css')).body, '.top')
})
