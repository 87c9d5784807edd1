import { runInNewContext } from 'node:vm'
import t from 'tap'
import '../../lib/flags.ts'

t.test('a new context can move the memory of a buffer', async t => {
  t.equal(runInNewContext('new ArrayBuffer(8).transfer(4).byteLength'), 4)
})
