import t from 'tap'
import { InlineRunner } from '../../../lib/engine/inline.ts'
import { echoCard, echoModel } from '../../fixtures/model.ts'
import { payloadRow } from './rows.ts'

const options = { model: echoModel, contract: echoCard, threads: 1 }

t.test('a model runs on this thread, one batch at a time, and says when the next may come', async t => {
  const runner = await InlineRunner.open(options)
  t.match(runner, { size: 1, alive: 1, deaths: 0, idle: 1, running: 0, busy: 0, batches: true, stacks: true })
  const idle = new Promise<number>(resolve => runner.events.once('idle', () => resolve(runner.idle)))
  const run = runner.run([payloadRow([1, 2]), payloadRow([3, 4])])
  t.match(runner, { idle: 0, running: 1, busy: 1 })
  t.match(await run, { outcomes: [{ at: 0 }, { at: 1, outputs: { y: { data: Float32Array.of(1, 2, 3, 4) } } }] })
  t.equal(await idle, 1, 'whoever hears it can run the next batch')
  await runner.close()
})

t.test('a batch that fails leaves room for the next', async t => {
  const runner = await InlineRunner.open(options)
  await t.rejects(runner.run([payloadRow('no row')]), { message: 'the payload is not a row of values' })
  t.equal(runner.idle, 1)
  await runner.close()
})

t.test('closing waits for the run in progress', async t => {
  const runner = await InlineRunner.open(options)
  const events: string[] = []
  const run = runner.run([payloadRow([1, 2])]).then(() => events.push('answered'))
  await runner.close().then(() => events.push('closed'))
  await run
  t.same(events, ['answered', 'closed'])
})
