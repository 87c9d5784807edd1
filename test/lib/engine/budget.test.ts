import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Budget } from '../../../lib/engine/budget.ts'

t.test('work begins in order of arrival while its weight fits, and all of it is done', async t => {
  const budget = new Budget(10)
  const begun: string[] = []
  let spent = 0
  let most = 0
  const work = (name: string, weight: number) => budget.spend(weight, async () => {
    begun.push(name)
    spent += weight
    most = Math.max(most, spent)
    await sleep(5)
    spent -= weight
    return name
  })
  const all = [work('a', 6), work('b', 4), work('c', 6), work('d', 1), work('e', 5)]
  t.same(begun, ['a', 'b'], 'd would fit, but c came first')
  t.same(await Promise.all(all), ['a', 'b', 'c', 'd', 'e'])
  t.same(begun, ['a', 'b', 'c', 'd', 'e'])
  t.equal(most, 10)
})

t.test('what weighs more than the limit is done alone', async t => {
  const budget = new Budget(10)
  let running = 0
  const alone = async () => {
    t.equal(++running, 1)
    await sleep(2)
    running--
  }
  await Promise.all([budget.spend(1000, alone), budget.spend(1, alone), budget.spend(1000, alone)])
})

t.test('work that fails gives its weight back', async t => {
  const budget = new Budget(1)
  await t.rejects(budget.spend(1, async () => { throw new Error('no') }), { message: 'no' })
  t.equal(await budget.spend(1, async () => 'yes'), 'yes')
})

t.test('work that is aborted while it waits leaves the line, and lets those behind it begin', async t => {
  const budget = new Budget(10)
  const begun: string[] = []
  const gone = new AbortController()
  let end = () => {}
  const first = budget.spend(6, async () => await new Promise<void>(resolve => { end = resolve }))
  const heavy = budget.spend(6, async () => { begun.push('heavy') }, gone.signal)
  const light = budget.spend(4, async () => { begun.push('light') })
  t.same(begun, [])
  gone.abort(new Error('gone'))
  await t.rejects(heavy, { message: 'gone' })
  await light
  t.same(begun, ['light'])
  await t.rejects(budget.spend(1, async () => { begun.push('late') }, gone.signal), { message: 'gone' })
  end()
  await first
  t.same(begun, ['light'])
})

t.test('work that is aborted after it has begun keeps its weight until it ends', async t => {
  const budget = new Budget(10)
  const begun: string[] = []
  const gone = new AbortController()
  let end = () => {}
  const first = budget.spend(10, async () => await new Promise<void>(resolve => { end = resolve }), gone.signal)
  const second = budget.spend(10, async () => { begun.push('second') })
  gone.abort(new Error('gone'))
  await new Promise(setImmediate)
  t.same(begun, [])
  end()
  await first
  await second
  t.same(begun, ['second'])
})
