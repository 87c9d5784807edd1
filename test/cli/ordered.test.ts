import t from 'tap'
import { ordered } from '../../cli/ordered.ts'

t.test('results come in the order of the items, however long each takes, and no more are in work than said', async t => {
  const waiting: Array<() => void> = []
  let most = 0
  const results: number[] = []
  const all = (async () => {
    for await (const result of ordered([1, 2, 3, 4, 5], 2, async item => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        most = Math.max(most, waiting.length)
      })
      return item * 10
    })) results.push(result)
  })()
  while (results.length < 5) {
    // The last one that began is the first to end.
    waiting.pop()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  await all
  t.same(results, [10, 20, 30, 40, 50])
  t.equal(most, 2)
})

t.test('items may come one after the other', async t => {
  async function * items () { yield 'a'; yield 'b' }
  const results: string[] = []
  for await (const result of ordered(items(), 8, async item => `${item}!`)) results.push(result)
  t.same(results, ['a!', 'b!'])
})
