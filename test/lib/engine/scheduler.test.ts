import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { EngineEvents, Outcome, Runner } from '../../../lib/engine/runner.ts'
import { Scheduler, type Scored } from '../../../lib/engine/scheduler.ts'
import type { Row } from '../../../lib/modalities/modality.ts'
import { nextTurn } from '../../../lib/turn.ts'
import { payloadRow } from './rows.ts'

function base () {
  return {
    events: new EventEmitter<EngineEvents>(),
    signature: { inputs: [], outputs: [] },
    batches: true,
    stacks: false,
    running: 0,
    busy: 0,
    alive: 1,
    deaths: 0,
    close: async () => {}
  }
}

/** A runner whose answer to a row is the row's own first value, and whose runs end when they are told to. */
function fakeRunner (size: number) {
  const batches: number[][] = []
  const ends: Array<() => void> = []
  let busy = 0
  const runner: Runner = {
    ...base(),
    size,
    get idle () { return size - busy },
    get busy () { return busy },
    run: async rows => {
      busy++
      batches.push(rows.map(valueOf))
      await new Promise<void>(resolve => { ends.push(resolve) })
      busy--
      queueMicrotask(() => runner.events.emit('idle'))
      return {
        encode: 0,
        infer: 1,
        outcomes: rows.map((row): Outcome => valueOf(row) === 13 ? { error: 'unlucky', fault: 'model' } : answer(valueOf(row)))
      }
    }
  }
  return { runner, batches, end: async () => { ends.shift()?.(); await sleep(1) } }
}

/** Queues one row of a request of its own. */
async function ask (scheduler: Scheduler, value: number): Promise<number> {
  return answerOf((await scheduler.admit(1).run([row(value)]))[0])
}

function answer (value: number): Outcome {
  return { outputs: { value: { dtype: 'float64', shape: [1], data: Float64Array.of(value) } }, at: 0 }
}

function answerOf (scored: Scored | undefined): number {
  return scored && 'outputs' in scored.outcome ? Number(scored.outcome.outputs['value']?.data[0]) : NaN
}

function row (value: number, batchKey = ''): Row {
  return payloadRow(value, batchKey)
}

function valueOf ({ content }: Row): number {
  return 'payload' in content ? Number(content.payload) : NaN
}

t.test('a row is sent the moment a worker is free; what piles up meanwhile runs together', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 3, queueLimit: 100 })
  const first = ask(scheduler, 1)
  await nextTurn()
  t.same(batches, [[1]])
  const answers = [first, ...[2, 3, 4, 5].map(value => ask(scheduler, value))]
  t.equal(scheduler.queued, 4)
  t.equal(scheduler.running, 1)
  await end()
  await end()
  await end()
  t.same(batches, [[1], [2, 3, 4], [5]])
  t.same(await Promise.all(answers), [1, 2, 3, 4, 5])
})

t.test('a free worker takes its share and leaves the rest to the others', async t => {
  const { runner, batches, end } = fakeRunner(2)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const answers = [1, 2, 3, 4, 5, 6].map(value => ask(scheduler, value))
  await sleep(1)
  t.same(batches, [[1, 2, 3], [4, 5, 6]], 'what comes together is shared out')
  answers.push(...[7, 8, 9].map(value => ask(scheduler, value)))
  await end()
  t.same(batches.slice(2), [[7, 8]])
  await end()
  t.same(batches.slice(3), [[9]])
  await end()
  await end()
  t.same(await Promise.all(answers), [1, 2, 3, 4, 5, 6, 7, 8, 9])
})

t.test('one bad row never fails its batch-mates', async t => {
  const { runner, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const answers = [1, 12, 13, 14].map(value => ask(scheduler, value))
  await end()
  await end()
  t.same(await Promise.all(answers), [1, 12, NaN, 14])
})

t.test('an aborted row leaves the queue and is never run', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 100 })
  const ticket = scheduler.admit(2)
  const first = ask(scheduler, 1)
  const second = Promise.allSettled([ticket.run([row(2)]), ticket.run([row(4)])])
  const third = ask(scheduler, 3)
  await sleep(1)
  t.equal(scheduler.queued, 3)
  ticket.abort(new Error('gone'))
  t.match(await second, [{ reason: { message: 'gone' } }, { reason: { message: 'gone' } }])
  t.equal(scheduler.queued, 1)
  await end()
  await end()
  await Promise.all([first, third])
  t.same(batches, [[1], [3]])
})

t.test('a row that aborts in mid-run takes its memory until the run ends', async t => {
  const { runner, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 100 })
  const ticket = scheduler.admit(1)
  let isSettled = false
  const answer = ticket.run([row(1)]).finally(() => { isSettled = true })
  await sleep(1)
  ticket.abort(new Error('too late'))
  await sleep(1)
  t.equal(isSettled, false)
  t.equal(scheduler.running, 1)
  const rejected = t.rejects(answer, { message: 'too late' })
  await end()
  await rejected
  t.equal(scheduler.running, 0)
  await t.rejects(ticket.run([row(2)]), { message: 'too late' }, 'a row that comes later is not even queued')
})

t.test('the signal of a ticket aborts with its reason, whether it is asked for before or after', async t => {
  const scheduler = new Scheduler(fakeRunner(1).runner, { maxBatch: 1, queueLimit: 100 })
  const [early, late] = [scheduler.admit(1), scheduler.admit(1)]
  const { signal } = early
  t.equal(signal.aborted, false)
  for (const ticket of [early, late]) {
    ticket.abort(new Error('gone'))
    ticket.abort(new Error('another reason'))
    t.match(ticket.signal, { aborted: true, reason: { message: 'gone' } })
  }
  t.equal(signal, early.signal)
})

t.test('the time to drain follows the rate of answers, and idle time does not count', async t => {
  const scheduler = new Scheduler(fakeRunner(1).runner, { maxBatch: 1, queueLimit: 1000 })
  t.equal(scheduler.drainSeconds, 1, 'before anything was measured')
  const tickets = Array.from({ length: 30 }, () => scheduler.admit(10))
  for (const ticket of tickets.slice(0, 20)) {
    await sleep(10)
    ticket.release()
  }
  // 10 rows in each 10 ms are 1000 a second, and 100 rows are left: a tenth of a second, give or take the timer.
  t.ok(scheduler.drainSeconds > 0.05 && scheduler.drainSeconds < 1, `${scheduler.drainSeconds} s`)
})

t.test('a request is admitted with all its rows or not at all', async t => {
  const scheduler = new Scheduler(fakeRunner(1).runner, { maxBatch: 1, queueLimit: 4 })
  const ticket = scheduler.admit(3)
  t.throws(() => scheduler.admit(2), { code: 'SRV_QUEUE_FULL', statusCode: 503, message: /3 inputs are already waiting/ })
  t.equal(scheduler.admitted, 3)
  scheduler.admit(1)
  t.ok(scheduler.isFull('normal'))
  ticket.release()
  t.notOk(scheduler.isFull('normal'))
  t.equal(scheduler.admitted, 1)
  t.throws(() => scheduler.admit(5), { code: 'SRV_TOO_MANY_INPUTS', statusCode: 413 }, 'what could never fit is not asked to come back')
})

t.test('rows run alone when the batch axis is fixed', async t => {
  const { runner } = fakeRunner(1)
  t.equal(new Scheduler({ ...runner, batches: false }, { maxBatch: 8, queueLimit: 1 }).maxBatch, 1)
})

t.test('rows that were queued together may run apart, and are answered together', async t => {
  const { runner, batches, end } = fakeRunner(2)
  const scheduler = new Scheduler(runner, { maxBatch: 2, queueLimit: 100 })
  const ticket = scheduler.admit(5)
  const answers = ticket.run([1, 2, 3, 13, 5].map(value => row(value)))
  const other = ask(scheduler, 6)
  await sleep(1)
  t.same(batches, [[1, 2], [3, 13]])
  t.equal(scheduler.queued, 2)
  t.equal(scheduler.running, 4)
  await end()
  t.same(batches.slice(2), [[5]], 'a fair share of what is left')
  await end()
  await end()
  t.same((await answers).map(answerOf), [1, 2, 3, NaN, 5])
  await end()
  t.equal(await other, 6)
})

t.test('rows that were partly sent leave the queue when they are given up', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 2, queueLimit: 100 })
  const ticket = scheduler.admit(5)
  const answers = t.rejects(ticket.run([1, 2, 3, 4, 5].map(value => row(value))), { message: 'gone' })
  await sleep(1)
  t.equal(scheduler.queued, 3)
  ticket.abort(new Error('gone'))
  t.equal(scheduler.queued, 0)
  const other = ask(scheduler, 6)
  await end()
  await answers
  await end()
  t.equal(await other, 6)
  t.same(batches, [[1, 2], [6]])
})

t.test('rows in two workers fail together, when the second worker has answered too', async t => {
  const { runner, batches, end } = fakeRunner(2)
  const { run } = runner
  runner.run = async rows => await run(rows).then(result => {
    if (rows.some(row => valueOf(row) === 1)) throw new Error('lost')
    return result
  })
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 100 })
  let isSettled = false
  const answers = scheduler.admit(2).run([row(1), row(2)]).finally(() => { isSettled = true })
  const rejected = t.rejects(answers, { message: 'lost' })
  await sleep(1)
  await end()
  t.equal(isSettled, false, 'the second worker still has a row')
  await end()
  await rejected
  t.same(batches, [[1], [2]])
})

t.test('answers never reach another caller: 500 requests of distinct rows, random durations, random aborts', async t => {
  let seed = 42
  const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648 }
  const size = 3
  let busy = 0
  const runner: Runner = {
    ...base(),
    size,
    get idle () { return size - busy },
    run: async rows => {
      busy++
      await sleep(random() * 3)
      busy--
      queueMicrotask(() => runner.events.emit('idle'))
      return { encode: 0, infer: 1, outcomes: rows.map(row => answer(valueOf(row))) }
    }
  }
  const scheduler = new Scheduler(runner, { maxBatch: 7, queueLimit: 10_000 })
  let aborted = 0
  let wrong = 0
  await Promise.all(Array.from({ length: 500 }, async (_, at) => {
    await sleep(random() * 50)
    const rows = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, place) => row(at * 100 + place))
    const ticket = scheduler.admit(rows.length)
    if (random() < 0.2) setTimeout(() => ticket.abort(new Error('gone')), random() * 5)
    try {
      const scored = await ticket.run(rows)
      if (scored.length !== rows.length) wrong++
      scored.forEach((each, place) => { if (answerOf(each) !== at * 100 + place) wrong++ })
    } catch {
      aborted++
    } finally {
      ticket.release()
    }
  }))
  t.equal(wrong, 0)
  t.ok(aborted > 20 && aborted < 150, `${aborted} aborted`)
  t.equal(scheduler.queued, 0)
  t.equal(scheduler.running, 0)
})

t.test('work of low priority goes in small batches, and only where a worker has nothing else to do', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 64, queueLimit: 100 })
  const low = scheduler.admit(20, 'low').run(Array.from({ length: 20 }, (_, at) => row(100 + at)))
  await sleep(1)
  t.same(batches.map(batch => batch.length), [8], 'a prediction that comes now waits for eight rows')
  const answers = [1, 2, 3].map(value => ask(scheduler, value))
  await end()
  t.same(batches[1], [1, 2, 3], 'predictions go first')
  await end()
  await end()
  await end()
  t.same(batches.slice(2).map(batch => batch.length), [8, 4])
  t.same(await Promise.all(answers), [1, 2, 3])
  t.same((await low).map(answerOf), Array.from({ length: 20 }, (_, at) => 100 + at))
})

t.test('work of low priority is refused long before predictions, and takes none of their places', async t => {
  const scheduler = new Scheduler(fakeRunner(1).runner, { maxBatch: 1, queueLimit: 8 })
  const first = scheduler.admit(20, 'low')
  t.equal(scheduler.admitted, 0)
  t.throws(() => scheduler.admit(1, 'low'), { code: 'SRV_QUEUE_FULL' }, 'one that is larger than the queue has it for itself')
  first.release()
  const ticket = scheduler.admit(3)
  t.ok(scheduler.isFull('low'))
  t.notOk(scheduler.isFull('normal'))
  t.throws(() => scheduler.admit(1, 'low'), { code: 'SRV_QUEUE_FULL' })
  ticket.release()
  scheduler.admit(5, 'low')
})

t.test('work of low priority that is given up leaves its queue', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 1, queueLimit: 8 })
  const ticket = scheduler.admit(3, 'low')
  const low = t.rejects(ticket.run([1, 2, 3].map(value => row(value))), { message: 'gone' })
  await sleep(1)
  ticket.abort(new Error('gone'))
  t.equal(scheduler.queued, 0)
  await end()
  await low
  t.same(batches, [[1]])
})

t.test('only rows of the same batch key share a run; the row that waits longest goes first', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const first = ask(scheduler, 0)
  await sleep(1)
  const several = scheduler.admit(4).run([row(1, 'a'), row(2, 'b'), row(3, 'a'), row(4, 'b')])
  const last = scheduler.admit(1).run([row(5, 'a')])
  for (let run = 0; run < 3; run++) await end()
  t.same(batches, [[0], [1, 3, 5], [2, 4]])
  t.equal(await first, 0)
  t.same((await several).map(answerOf), [1, 2, 3, 4], 'and each row has its own answer, in order')
  t.same((await last).map(answerOf), [5])
})

t.test('several may listen to the runs', async t => {
  const { runner, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const heard: number[] = []
  runner.events.on('run', rows => heard.push(rows))
  runner.events.on('run', (_rows, infer) => heard.push(infer))
  const answers = scheduler.admit(3).run([1, 2, 3].map(value => row(value)))
  await sleep(1)
  await end()
  await answers
  t.same(heard, [3, 1])
})

t.test('a batch has no more rows than its rows allow', async t => {
  const { runner, batches, end } = fakeRunner(1)
  const scheduler = new Scheduler(runner, { maxBatch: 8, queueLimit: 100 })
  const first = ask(scheduler, 0)
  await nextTurn()
  const long = scheduler.admit(3).run([1, 2, 3].map(value => ({ ...row(value, 'long'), batchLimit: 2 })))
  const short = scheduler.admit(1).run([{ ...row(4, 'short'), batchLimit: 100 }])
  for (let run = 0; run < 4; run++) await end()
  t.same(batches, [[0], [1, 2], [3], [4]])
  t.equal(await first, 0)
  t.same([...await long, ...await short].map(answerOf), [1, 2, 3, 4])
  t.equal(scheduler.queued, 0)
})

t.test('a block of rows is split into batches, and answered in its order', async t => {
  const sizes: number[] = []
  const runner: Runner = {
    ...base(),
    size: 1,
    get idle () { return 1 },
    run: async rows => {
      const counts = rows.map(({ content }) => 'payload' in content ? content.count ?? 1 : 1)
      sizes.push(...counts)
      return { encode: 0, infer: 0, outcomes: counts.map(at => ({ outputs: {}, at })) }
    }
  }
  const scheduler = new Scheduler(runner, { maxBatch: 4, queueLimit: 100 })
  const ran: number[] = []
  runner.events.on('run', rows => { ran.push(rows) })
  const ticket = scheduler.admit(10)
  const block = { length: 10, batchKey: '', slice: (first: number, end: number) => [{ ...payloadRow([first]), content: { payload: first, count: end - first } }] }
  t.match(await ticket.runBlock(block), [{ first: 0, count: 4, outcome: { at: 4 } }, { first: 4, count: 4 }, { first: 8, count: 2, outcome: { at: 2 } }])
  t.same([sizes, ran], [[4, 4, 2], [4, 4, 2]], 'a batch counts its rows')
  t.equal(scheduler.queued + scheduler.running, 0)
  ticket.abort(new Error('gone'))
  await t.rejects(ticket.runBlock(block), { message: 'gone' })
})
