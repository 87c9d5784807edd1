import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import type { Question } from '../../../lib/engine/pool.ts'
import type { Outcome } from '../../../lib/engine/runner.ts'
import type { SessionOptions } from '../../../lib/engine/session.ts'
import { rowsOfAll, type Tensors } from '../../../lib/tensor.ts'
import { echoCard, echoModel } from '../../fixtures/model.ts'
import { deadlyRow } from './rows.ts'

const options: SessionOptions = { model: echoModel, contract: echoCard, threads: 1 }

function start (t: Test, workerData: SessionOptions = options): Worker {
  const worker = new Worker(new URL('../../../lib/engine/worker.ts', import.meta.url), { workerData })
  t.teardown(() => worker.terminate())
  return worker
}

function ask (worker: Worker, question: Question): void {
  worker.postMessage(question)
}

t.test('a worker', async t => {
  const before = lowThreads()
  const own = os.getPriority()
  const worker = start(t)
  const messages: unknown[] = []
  worker.on('message', message => messages.push(message))
  const exited = once(worker, 'exit')
  await once(worker, 'message')

  t.test('says what it has loaded', async t => {
    t.same(messages, [{
      loaded: {
        signature: { inputs: [{ name: 'x', dtype: 'float32', shape: [null, 2] }], outputs: [{ name: 'y', dtype: 'float32', shape: [null, 2] }] },
        batches: true,
        stacks: true
      }
    }])
  })

  t.test('gives way to the event loop', { skip: process.platform !== 'linux' && 'threads have no priority of their own here' }, async t => {
    t.ok(lowThreads() > before)
    t.equal(os.getPriority(), own)
  })

  t.test('answers questions by their id, those that it has begun before it closes, too', async t => {
    ask(worker, { id: 7, contents: [{ payload: [1, 2] }] })
    ask(worker, { id: 8, contents: [{ payload: [3, 4] }] })
    ask(worker, 'close')
    t.same(await exited, [0])
    t.match(messages.slice(1), [
      { id: 7, encode: Number, infer: Number, outcomes: [{ at: 0, outputs: { y: { data: Float32Array.of(1, 2) } } }] },
      { id: 8, outcomes: [{ outputs: { y: { data: Float32Array.of(3, 4) } } }] }
    ])
  })
})

t.test('large tensors come back whole, also those that share memory on their way', async t => {
  const worker = start(t)
  await once(worker, 'message')
  const values = Float32Array.from({ length: 8000 }, (_, at) => at)
  const feeds = (from: number): Tensors => ({ x: { dtype: 'float32', shape: [2000, 2], data: values.subarray(from, from + 4000) } })
  for (const id of [1, 2]) {
    ask(worker, { id, contents: [{ feeds: feeds(0) }, { feeds: feeds(4000) }] })
    const [{ outcomes }] = await once(worker, 'message') as [{ outcomes: Outcome[] }]
    const rows = outcomes.flatMap(outcome => 'outputs' in outcome ? [rowsOfAll(outcome.outputs, outcome.at, 2000)['y']?.data] : [])
    t.same(rows, [values.subarray(0, 4000), values.subarray(4000)])
  }
  worker.postMessage('close')
})

t.test('a question that no encoder can read ends the worker with an error', async t => {
  const worker = start(t)
  await once(worker, 'message')
  ask(worker, { id: 1, contents: [deadlyRow().content] })
  await t.rejects(once(worker, 'exit'), TypeError)
})

t.test('a worker that cannot load its model ends with the reason', async t => {
  await t.rejects(once(start(t, { ...options, model: Uint8Array.of(1, 2, 3) }), 'message'), { message: /protobuf/i })
})

/** How many threads of this process have a worker's priority. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function lowThreads (): number {
  if (process.platform !== 'linux') return 0
  const nices = readdirSync('/proc/self/task').map(id => Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[16]))
  return nices.filter(nice => nice === os.constants.priority.PRIORITY_BELOW_NORMAL).length
}
