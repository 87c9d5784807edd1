import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import errors from '../../plugins/errors.ts'
import json from '../../plugins/json.ts'
import { registerModel } from './fake-model.ts'

/** A service that answers its JSON body. Returns a function that sends one. */
async function open (t: Test, queueLimit: number) {
  const app = Fastify()
  const config = loadConfig({ UPLOAD_LIMIT: '100000' })
  await registerModel(app, { queueLimit })
  await app.register(errors, { config })
  await app.register(json, { config })
  app.post('/', async ({ body }) => ({ json: body }))
  t.teardown(async () => { await app.close() })
  return async (payload: string) => await app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': 'application/json' } })
}

t.test('large JSON is read within the limits of the model: as many values as its largest request could hold', async t => {
  const send = await open(t, 1000)
  const rows = Array.from({ length: 1000 }, () => ({ 'sepal length': 5.123456, 'sepal width': 3, 'petal length': 1, 'petal width': 2 }))
  t.same((await send(JSON.stringify(rows))).json(), { json: rows })
  for (const [name, text] of Object.entries({ deep: '['.repeat(90_000), wide: `[${'[],'.repeat(30_000)}1]`, keys: `{${Array.from({ length: 9000 }, (_, at) => `"${at}":1`).join()}}` })) {
    t.match((await send(text)).json(), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX' }, name)
  }
  t.match((await send(`[1,${' '.repeat(90_000)}2`)).json(), { statusCode: 400, code: 'SRV_BODY_MALFORMED' })
})

t.test('large bodies that arrive together are all read, one after the other where their values would take too much memory', async t => {
  const send = await open(t, 40_000)
  const large = `[${'5,'.repeat(40_000)}5]`
  for (const response of await Promise.all(Array.from({ length: 8 }, async () => await send(large)))) {
    t.equal(response.statusCode, 200)
    t.equal(response.json().json.length, 40_001)
  }
})
