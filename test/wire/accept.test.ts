import t from 'tap'
import { isPreferred, isPreferredToJson } from '../../wire/accept.ts'

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
