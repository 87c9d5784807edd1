import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { WorkerPool } from '../../../lib/engine/pool.ts'
import type { Outcome } from '../../../lib/engine/session.ts'
import type { Row } from '../../../lib/input/tensor.ts'
import { readPicture } from '../../../lib/input/image.ts'
import { readCard } from '../../../lib/model/card.ts'
import { projectFile } from '../../../lib/project.ts'
import { picture } from '../../fixtures/expected.ts'

const folder = projectFile('models/tensorfood')
const options = { model: `${folder}/model.onnx`, card: await readCard(folder), threads: 1 }

/** A list with nothing in it where a row should be, on which a worker dies. */
const NO_ROW = new Array<Row>(1)

function flat (red: number, green: number, blue: number): Row {
  return { data: new Uint8Array(64 * 64 * 3).map((_, at) => [red, green, blue][at % 3]!), width: 64, height: 64, channels: 3 }
}

async function run (pool: WorkerPool, rows: Row[]): Promise<Outcome[]> {
  return (await pool.run(rows)).outcomes
}

function scores (outcome: Outcome | undefined): number[] {
  return outcome && 'scores' in outcome ? [...outcome.scores] : []
}

t.test('telemetry is off before the library loads', async t => {
  t.equal(process.env['ORT_DISABLE_TELEMETRY'], '1')
})

t.test('a row has the same answer alone and in a batch, and every worker gives it', async t => {
  const pool = await WorkerPool.open(options, 2)
  t.equal(pool.size, 2)
  t.ok(pool.batches)
  const rows = [flat(200, 30, 20), flat(20, 200, 60), flat(240, 240, 240)]
  const [together, alone] = await Promise.all([run(pool, rows), run(pool, [rows[1]!])])
  t.equal(pool.busy, 0)
  t.equal(together.length, 3)
  const [a, b] = [scores(together[1]), scores(alone[0])]
  t.equal(a.length, 25)
  t.ok(Math.abs(a.reduce((sum, score) => sum + score, 0) - 1) < 1e-5, 'probabilities sum to 1')
  t.ok(a.every((score, at) => Math.abs(score - b[at]!) < 1e-5))
  t.notSame(scores(together[0]), a)
  await pool.close()
})

t.test('a worker that dies fails its own batch only, and is replaced', async t => {
  const pool = await WorkerPool.open(options, 2)
  const deaths: boolean[] = []
  pool.onDeath = (_error, fatal) => deaths.push(fatal)
  const idle = new Promise<void>(resolve => { pool.onIdle = () => { if (pool.alive === 2 && pool.busy === 0) resolve() } })
  // What no caller can send: the thread throws outside of any run.
  const lost = pool.run(NO_ROW)
  const fine = run(pool, [flat(1, 2, 3)])
  await t.rejects(lost, { code: 'SRV_WORKER_LOST', statusCode: 503 })
  t.equal((await fine).length, 1)
  await idle
  t.same(deaths, [false])
  t.equal(pool.deaths, 1)
  t.equal(scores((await run(pool, [flat(1, 2, 3)]))[0]).length, 25)
  await pool.close()
})

t.test('a model that kills every worker ends in one fatal report, not in a restart storm', async t => {
  const pool = await WorkerPool.open(options, 1)
  const deaths: boolean[] = []
  const fatal = new Promise<void>(resolve => {
    pool.onDeath = (_error, fatal) => { deaths.push(fatal); if (fatal) resolve() }
  })
  const kill = () => { if (pool.idle > 0) pool.run(NO_ROW).catch(() => {}) }
  pool.onIdle = kill
  kill()
  await fatal
  await sleep(50)
  t.same(deaths, [false, false, true])
  t.equal(pool.alive, 0)
  await pool.close()
})

t.test('a worker takes a second batch while it runs the first, and no third', async t => {
  const pool = await WorkerPool.open(options, 1)
  t.equal(pool.idle, 2)
  const first = run(pool, [flat(200, 30, 20)])
  const second = run(pool, [flat(20, 200, 60), flat(1, 2, 3)])
  t.match(pool, { idle: 0, running: 2, busy: 1 })
  await t.rejects(pool.run([flat(0, 0, 0)]), { message: 'no idle worker' })
  t.equal((await first).length, 1)
  t.equal((await second).length, 2)
  t.match(pool, { idle: 2, running: 0, busy: 0 })
  await pool.close()
})

t.test('a worker that dies while a picture decodes takes both of its batches with it, and nothing else', async t => {
  const pool = await WorkerPool.open(options, 1)
  const back = new Promise<void>(resolve => { pool.onDeath = () => { pool.onIdle = resolve } })
  const decoding = pool.run([await readPicture(picture('rgb.png'), 'rgb.png', 1_000_000)])
  const lost = pool.run(NO_ROW)
  await Promise.all([decoding.catch(() => {}), t.rejects(lost, { code: 'SRV_WORKER_LOST' })])
  await back
  t.equal(scores((await run(pool, [flat(1, 2, 3)]))[0]).length, 25)
  await pool.close()
})

t.test('bytes that nobody else needs are moved to the worker, and others are copied', async t => {
  const pool = await WorkerPool.open(options, 1)
  for (const movable of [true, false]) {
    const bytes = Uint8Array.from(picture('rgb.jpg'))
    const { length } = bytes
    t.equal(scores((await pool.run([{ ...await readPicture(bytes, 'rgb.jpg', 1_000_000), movable }])).outcomes[0]).length, 25)
    t.equal(bytes.length, movable ? 0 : length)
  }
  await pool.close()
})

t.test('closing waits for the run in progress', async t => {
  const pool = await WorkerPool.open(options, 1)
  const running = run(pool, Array.from({ length: 16 }, (_, at) => flat(at, at, at)))
  await pool.close()
  t.equal((await running).length, 16)
})

t.test('a model that is not what its card says is refused, naming the tensor', async t => {
  const { card } = options
  const { input } = card
  if (input.kind !== 'image') throw new Error('tensorfood takes pictures')
  const wrong: Array<[typeof card, RegExp]> = [
    [{ ...card, input: { ...input, tensor: 'x' } }, /has no input 'x'; its inputs are image/],
    [{ ...card, input: { ...input, width: 32 } }, /input 'image' is \[batch,64,64,3\], the card says \[batch,64,32,3\]/],
    [{ ...card, input: { ...input, type: 'float32' } }, /input 'image' is uint8, the card says float32/],
    [{ ...card, output: { ...card.output, tensor: 'y' } }, /has no output 'y'; its outputs are probabilities/],
    [{ ...card, labels: ['a', 'b'] }, /has 25 classes, the card 2 labels/]
  ]
  for (const [card, message] of wrong) await t.rejects(WorkerPool.open({ ...options, card }, 1), { message })
})
