import Fastify from 'fastify'
import t from 'tap'
import { isForPeople, isPreferred, isPreferredToJson, varyBy } from '../../wire/accept.ts'

t.test('a client gets CSV if it names CSV and does not want JSON more', async t => {
  for (const accept of [
    'text/csv', 'TEXT/CSV', 'text/csv; charset=utf-8', 'text/csv;q=0.1', 'text/csv, application/json;q=0.9', 'application/json, text/csv', 'text/csv, */*',
    'text/csv;q=0.5, */*;q=0.1', 'text/csv;q=0.5, application/*;q=0.4', 'text/csv;q=0.5, application/json;q=0, */*', 'text/html, text/csv ; q=1.0'
  ]) t.equal(isPreferred('text/csv', accept), true, accept)
})

t.test('every other client gets JSON', async t => {
  for (const accept of [
    undefined, '', '*/*', 'text/*', 'application/json', 'text/csv;q=0', 'text/csv; q=0.000', 'text/csv;Q=0', 'text/csv;q=none', 'text/csv;q=0.5, application/json',
    'text/csv;q=0.5, application/*', 'text/csv;q=0.5, */*', 'text/csvx', 'application/text/csv', 'image/png'
  ]) t.equal(isPreferred('text/csv', accept), false, String(accept))
})

t.test('where both are named alike, a client that always names both gets JSON', async t => {
  // The defaults of axios and of Angular.
  for (const accept of ['application/json, text/plain, */*', 'text/plain, application/json', 'text/plain;q=0.5, application/json;q=0.9', '*/*', 'text/*', undefined]) {
    t.equal(isPreferredToJson('text/plain', accept), false, String(accept))
  }
  for (const accept of ['text/plain', 'text/plain, */*', 'text/plain, application/json;q=0.9', 'text/plain;q=0.5, application/json;q=0']) {
    t.equal(isPreferredToJson('text/plain', accept), true, accept)
  }
})

t.test('a page is for browsers: what Chromium, Firefox and Safari send, and no program', async t => {
  for (const accept of [
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'
  ]) t.equal(isForPeople(accept), true, accept)
  for (const accept of [undefined, '', '*/*', 'application/json', 'application/json, text/plain, */*', 'text/html;q=0.5, application/json', 'text/html, application/json', 'text/*', 'text/csv']) {
    t.equal(isForPeople(accept), false, String(accept))
  }
})

t.test('caches learn that the answer depends on Accept, beside what else it depends on', async t => {
  const app = Fastify()
  app.get('/', async (_request, reply) => {
    varyBy(reply, 'Accept')
    return 'answer'
  })
  app.get('/other', async (_request, reply) => {
    varyBy(reply.header('vary', 'Origin'), 'Accept')
    return 'answer'
  })
  t.equal((await app.inject('/')).headers['vary'], 'Accept')
  t.equal((await app.inject('/other')).headers['vary'], 'Origin, Accept')
})
