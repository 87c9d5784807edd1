import t from 'tap'
import { at, bytesAt, listAt, textAt } from '../../../lib/sources/json.ts'

t.test('what is in a document is found, and nothing that the language adds to it', async t => {
  const document = JSON.parse('{"a":{"b":["c"],"d":"e"},"n":3}')
  t.same(at(document, 'a', 'b'), ['c'])
  t.equal(at(document), document)
  for (const keys of [['x'], ['a', 'x'], ['n', 'toFixed'], ['toString'], ['a', 'b', 'length', 'x'], ['__proto__']]) t.equal(at(document, ...keys), undefined)
  t.equal(at(null, 'a'), undefined)
  t.equal(textAt(document, 'a', 'd'), 'e')
  t.equal(textAt(document, 'n'), undefined)
  t.same(listAt(document, 'a', 'b'), ['c'])
  t.same(listAt(document, 'a'), [])
})

t.test('a number of bytes is a whole number, or the text of one', async t => {
  for (const [value, expected] of [[0, 0], [12, 12], ['12', 12], [-1, null], [1.5, null], ['x', null], [null, null], [2 ** 60, null]]) t.equal(bytesAt({ value }, 'value'), expected)
})
