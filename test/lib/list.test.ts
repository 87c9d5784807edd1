import t from 'tap'
import { listOf } from '../../lib/list.ts'

t.test('a long list is cut, and says how long it is', async t => {
  t.equal(listOf(['a', 'b']), 'a, b')
  t.equal(listOf(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a, b, c, d, e, f, … (7)')
})
