import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { nextTurn } from '../../lib/turn.ts'

t.test('one caller works in each turn of the event loop, in order of arrival', async t => {
  const worked: string[] = []
  const work = async (name: string) => {
    for (let piece = 1; piece <= 3; piece++) {
      await nextTurn()
      worked.push(`${name}${piece}`)
    }
  }
  const seen: number[] = []
  const all = Promise.all([work('a'), work('b')])
  while (worked.length < 6) {
    await turn()
    seen.push(worked.length)
  }
  await all
  t.same(worked, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  t.ok(seen.every((count, at) => count - (seen[at - 1] ?? 0) <= 1), `${seen} grows by one a turn at most`)
})
