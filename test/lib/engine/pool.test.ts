import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { resolveModel } from '../../../lib/card/resolve.ts'
import { WorkerPool } from '../../../lib/engine/pool.ts'
import type { Outcome } from '../../../lib/engine/runner.ts'
import { modalityOf } from '../../../lib/modalities/index.ts'
import type { Row } from '../../../lib/modalities/modality.ts'
import { scoresOf } from '../../../lib/output/rows.ts'
import { projectFile } from '../../../lib/project.ts'
import { picture } from '../../fixtures/expected.ts'
import { deadlyRow, tensorRow } from './rows.ts'

const folder = projectFile('models/tensorfood')
const card = (await resolveModel(folder)).card
const options = { model: `${folder}/model.onnx`, contract: card, threads: 1 }

function flat (red: number, green: number, blue: number): Row {
  const data = new Uint8Array(64 * 64 * 3).map((_, at) => [red, green, blue][at % 3]!)
  return tensorRow({ image: { dtype: 'uint8', shape: [1, 64, 64, 3], data } })
}

async function photo (name: string, isMovable: boolean, bytes: Uint8Array = picture(name)): Promise<Row> {
  return await modalityOf(card.input, { inputs: [], outputs: [] }).prepare({ name, bytes, isMovable }, { pixels: 1_000_000, characters: Infinity })
}

async function run (pool: WorkerPool, rows: Row[]): Promise<Outcome[]> {
  return (await pool.run(rows)).outcomes
}

function scores (outcome: Outcome | undefined): number[] {
  return outcome && 'outputs' in outcome ? [...scoresOf(outcome, 'probabilities', card.labels.length)] : []
}

/** For the tests that leave it as it was: each pool costs a second. */
const shared = await WorkerPool.open(options, 2)
t.teardown(() => shared.close())

t.test('a row has the same answer alone and in a batch, and every worker gives it', async t => {
  t.equal(shared.size, 2)
  const rows = [flat(200, 30, 20), flat(20, 200, 60), flat(240, 240, 240)]
  const [together, alone] = await Promise.all([run(shared, rows), run(shared, [rows[1]!])])
  t.equal(shared.busy, 0)
  t.equal(together.length, 3)
  const [a, b] = [scores(together[1]), scores(alone[0])]
  t.equal(a.length, 25)
  t.ok(Math.abs(a.reduce((sum, score) => sum + score, 0) - 1) < 1e-5, 'probabilities sum to 1')
  t.ok(a.every((score, at) => Math.abs(score - b[at]!) < 1e-5))
  t.notSame(scores(together[0]), a)
})

t.test("workers report the model's own signature, and that its rows can run together", async t => {
  t.same(shared.signature, {
    inputs: [{ name: 'image', dtype: 'uint8', shape: [null, 64, 64, 3] }], outputs: [{ name: 'probabilities', dtype: 'float32', shape: [null, 25] }]
  })
  t.match(shared, { batches: true, stacks: true })
})

t.test('a worker that dies fails its own batch only, and is replaced', async t => {
  const pool = await WorkerPool.open(options, 2)
  const deaths: boolean[] = []
  pool.events.on('death', (_error, isFatal) => deaths.push(isFatal))
  const idle = new Promise<void>(resolve => { pool.events.on('idle', () => { if (pool.alive === 2 && pool.busy === 0) resolve() }) })
  const lost = pool.run([deadlyRow()])
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
    pool.events.on('death', (_error, isFatal) => { deaths.push(isFatal); if (isFatal) resolve() })
  })
  const kill = () => { if (pool.idle > 0) pool.run([deadlyRow()]).catch(() => {}) }
  pool.events.on('idle', kill)
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
  const back = new Promise<void>(resolve => { pool.events.once('death', () => pool.events.once('idle', resolve)) })
  const decoding = pool.run([await photo('rgb.png', false)])
  const lost = pool.run([deadlyRow()])
  await Promise.all([decoding.catch(() => {}), t.rejects(lost, { code: 'SRV_WORKER_LOST' })])
  await back
  t.equal(scores((await run(pool, [flat(1, 2, 3)]))[0]).length, 25)
  await pool.close()
})

t.test('bytes that nobody else needs are moved to the worker, and others are copied', async t => {
  for (const isMovable of [true, false]) {
    const bytes = Uint8Array.from(picture('rgb.jpg'))
    const { length } = bytes
    t.equal(scores((await run(shared, [await photo('rgb.jpg', isMovable, bytes)]))[0]).length, 25)
    t.equal(bytes.length, isMovable ? 0 : length)
  }
})

t.test('a JPEG whose scan is damaged comes back with its bytes, to be decoded in another way', async t => {
  // Stray bytes between the scan and the end of the picture. libvips skips them.
  const jpeg = picture('rgb.jpg')
  const bytes = Uint8Array.from([...jpeg.subarray(0, -2), 97, 98, ...jpeg.subarray(-2)])
  const row = await photo('rgb.jpg', true, bytes.slice())
  const [outcome, other] = await run(shared, [row, await photo('rgb.jpg', false)])
  t.equal(scores(other).length, 25, 'its neighbour is answered')
  if (!outcome || !('again' in outcome)) return t.fail('it was answered')
  t.equal(outcome.again.weightBytes, bytes.length + 2 * 1024 * 1024 + 90 * 64 * (3 + 3), 'it weighs its file and what libvips takes: its rows, its result, and 2 MiB')
  t.match(outcome.again.content, { payload: { bytes } })
  const [answer] = await run(shared, [outcome.again])
  t.same(scores(answer).map(score => score.toFixed(2)), scores(other).map(score => score.toFixed(2)))
})

t.test('closing waits for the run in progress', async t => {
  const pool = await WorkerPool.open(options, 1)
  const running = run(pool, Array.from({ length: 16 }, (_, at) => flat(at, at, at)))
  await pool.close()
  t.equal((await running).length, 16)
})

t.test('a file that is no model is refused', async t => {
  await t.rejects(WorkerPool.open({ ...options, model: new Uint8Array([1, 2, 3]) }, 1), { message: /protobuf/i })
})
