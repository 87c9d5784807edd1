import t from 'tap'
import { relaxed } from '../../../lib/card/relaxed.ts'

t.test('nothing is required of an object and of the objects in it, but of the items of a list', async t => {
  const item = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const schema = { type: 'object', required: ['a'], properties: { a: { type: 'object', required: ['b'], properties: { b: { type: 'number' } } }, required: { type: 'array', items: item } } }
  t.same(relaxed(schema), { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'number' } } }, required: { type: 'array', items: item } } })
  t.equal(relaxed(schema), relaxed(schema), 'made once')
})
