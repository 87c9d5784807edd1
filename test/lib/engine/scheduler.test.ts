import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Scheduler, type Runner } from '../../../lib/engine/scheduler.ts'
import type { Outcome } from '../../../lib/engine/session.ts'
import type { Row } from '../../../lib/input/tensor.ts'

const never = new AbortController().signal

/** A runner whose answer to a row is the row's own first value, and whose runs end when they are told to. */
function fakeRunner (size: number) {
  const batches: number[][] = []
  const ends: Array<() => void> = []
  let busy = 0
  const runner: Runner = {
    batches: true,
    size,
    get idle () { return size - busy },
    onIdle: () => {},
    run: async rows => {
      busy++
      batches.push(rows.map(valueOf))
      await new Promise<void>(resolve => { ends.push(resolve) })
      busy--
      queueMicrotask(() => runner.onIdle())
      return rows.map((row): Outcome => valueOf(row) === 13 ? { error: 'unlucky' } : { scores: Float32Array.of(valueOf(row)) })
    }
  }
  return { runner, batches, end: async () => { ends.shift()?.(); await sleep(1) } }
}

function row (value: number): Row {
  return [value]
}

function valueOf (row: Row): number {
  return Array.isArray(row) ? row[0]! : NaN
}

t.test('a row is sent the moment a worker is free; what piles up meanwhile runs together', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 3, queueLimit: 100 })
  const answers = [1, 2, 3, 4, 5].map(value => scheduler.run(row(value), never))
  t.same(batches, [[1]])
  t.equal(scheduler.queued, 4)
  t.equal(scheduler.running, 1)
  await end()
  await end()
  await end()
  t.same(batches, [[1], [2, 3, 4], [5]])
  t.same((await Promise.all(answers)).map(([score]) => score), [1, 2, 3, 4, 5])
})

t.test('a free worker takes its share and leaves the rest to the others', async t => {
  const { runner, batches, end } = fakeRunner(2)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const answers = [1, 2, 3, 4, 5, 6].map(value => scheduler.run(row(value), never))
  await end()
  await end()
  t.same(batches.slice(0, 4), [[1], [2], [3, 4], [5]])
  await end()
  await end()
  await end()
  t.same((await Promise.all(answers)).map(([score]) => score), [1, 2, 3, 4, 5, 6])
})

t.test('one bad row never fails its batch-mates', async t => {
  const { runner, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const answers = [1, 12, 13, 14].map(value => scheduler.run(row(value), never))
  const settled = Promise.allSettled(answers)
  await end()
  await end()
  t.same((await settled).map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})

t.test('an aborted row leaves the queue and is never run', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 100 })
  const controller = new AbortController()
  const first = scheduler.run(row(1), never)
  const second = scheduler.run(row(2), controller.signal)
  const third = scheduler.run(row(3), never)
  controller.abort(new Error('gone'))
  await t.rejects(second, { message: 'gone' })
  t.equal(scheduler.queued, 1)
  await end()
  await end()
  await Promise.all([first, third])
  t.same(batches, [[1], [3]])
})

t.test('a row that aborts in mid-run is answered at once, and the run goes on', async t => {
  const { runner, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 100 })
  const controller = new AbortController()
  const answer = scheduler.run(row(1), controller.signal)
  controller.abort(new Error('too late'))
  await t.rejects(answer, { message: 'too late' })
  t.equal(scheduler.running, 1)
  await end()
  t.equal(scheduler.running, 0)
  await t.rejects(scheduler.run(row(2), controller.signal), { message: 'too late' }, 'an aborted signal is not even queued')
})

t.test('a request is admitted with all its rows or not at all', async t => {
  const scheduler = new Scheduler(fakeRunner(1).runner, { maxBatch: 1, queueLimit: 4 })
  const release = scheduler.admit(3)
  t.throws(() => scheduler.admit(2), { code: 'SRV_QUEUE_FULL', statusCode: 503, message: /3 inputs are already waiting/ })
  t.equal(scheduler.admitted, 3)
  scheduler.admit(1)
  t.ok(scheduler.full)
  release()
  t.notOk(scheduler.full)
  t.equal(scheduler.admitted, 1)
})

t.test('rows run alone when the batch axis is fixed', async t => {
  const { runner } = fakeRunner(1)
  t.equal(new Scheduler({ ...runner, batches: false }, { maxBatch: 8, queueLimit: 1 }).maxBatch, 1)
})

t.test('answers never reach another caller: 500 distinct rows, random durations, random aborts', async t => {
  let seed = 42
  const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648 }
  const size = 3
  let busy = 0
  const runner: Runner = {
    batches: true,
    size,
    get idle () { return size - busy },
    onIdle: () => {},
    run: async rows => {
      busy++
      await sleep(random() * 3)
      busy--
      queueMicrotask(() => runner.onIdle())
      return rows.map(row => ({ scores: Float32Array.of(valueOf(row), valueOf(row) * 2) }))
    }
  }
  const scheduler = new Scheduler(runner, { maxBatch: 7, queueLimit: 1000 })
  let aborted = 0
  let wrong = 0
  await Promise.all(Array.from({ length: 500 }, async (_, at) => {
    await sleep(random() * 50)
    const controller = new AbortController()
    if (random() < 0.2) setTimeout(() => controller.abort(new Error('gone')), random() * 5)
    try {
      const scores = await scheduler.run([at], controller.signal)
      if (scores[0] !== at || scores[1] !== at * 2) wrong++
    } catch {
      aborted++
    }
  }))
  t.equal(wrong, 0)
  t.ok(aborted > 20 && aborted < 150, `${aborted} aborted`)
  t.equal(scheduler.queued, 0)
  t.equal(scheduler.running, 0)
})
