import { EventEmitter } from 'node:events'
import t from 'tap'
import { resolveModel } from '../../../lib/card/resolve.ts'
import { calibrate, type Clock } from '../../../lib/engine/calibrate.ts'
import { readOnnxFile } from '../../../lib/engine/onnx-file.ts'
import { WorkerPool } from '../../../lib/engine/pool.ts'
import type { Outcome, Runner } from '../../../lib/engine/runner.ts'
import { modalityOf } from '../../../lib/modalities/index.ts'
import { projectFile } from '../../../lib/project.ts'
import { payloadRow } from './rows.ts'

/** A machine on which every run takes what its model says, on a clock of its own. */
interface Machine {
  cpus: number
  /** Milliseconds that one run of a batch takes on a CPU of its own, split over threads. */
  run: (batch: number, threads: number) => number
  /** What else the machine does: how many times longer everything takes, from a moment on. */
  slowdown?: (now: number) => number
}

function fake ({ cpus, run, slowdown = () => 1 }: Machine) {
  let [now, cpu, random] = [0, 0, 42]
  const clock: Clock = { now: () => now, cpu: () => cpu }
  const closed: string[] = []
  const open = async (workers: number, threads: number): Promise<Runner> => {
    const size = Math.max(1, workers)
    let turn: { rows: number, ended: Promise<void> } | null = null
    return {
      events: new EventEmitter(),
      signature: { inputs: [], outputs: [] },
      batches: true,
      stacks: false,
      size,
      idle: workers === 0 ? 1 : size * 2,
      running: 0,
      busy: 0,
      alive: size,
      deaths: 0,
      close: async () => { closed.push(`${workers} × ${threads}`) },
      // All parts run at once: time passes once for all of them, and CPU time for each.
      run: async rows => {
        const alone = run(rows.length, threads)
        random = (random * 1103515245 + 12345) % 2147483648
        const elapsed = alone * slowdown(now) * (slowdown(now) > 1 ? 0.7 + 0.6 * random / 2147483648 : 1)
        cpu += alone * Math.min(threads, cpus) * (slowdown(now) > 1 ? 1 + 0.1 * random / 2147483648 : 1)
        turn ??= { rows: rows.length, ended: Promise.resolve().then(() => { now += elapsed * Math.max(1, size * threads / cpus); turn = null }) }
        await turn.ended
        return { encode: 0, infer: elapsed, outcomes: rows.map((): Outcome => ({ outputs: {}, at: 0 })) }
      }
    }
  }
  return { open, clock, closed, cpus, row: payloadRow(0) }
}

const quiet = { isQuick: false }

t.test('a model of microseconds runs inline, in the largest batch that holds the event loop for no longer than 2 ms', async t => {
  const { maxBatch, ...engine } = await calibrate({ ...fake({ cpus: 2, run: batch => 0.01 + 0.02 * batch }), isQuick: true })
  t.match(engine, { workers: 0, threads: 1 })
  t.equal(maxBatch, 64)
})

t.test('a quick modality does not keep a slow model on the event loop', async t => {
  const machine = fake({ cpus: 2, run: batch => 5 * batch })
  t.match(await calibrate({ ...machine, isQuick: true }), { workers: 2, threads: 1 })
  t.same(machine.closed, ['0 × 1'], 'what is not used is freed')
})

t.test('a slow modality does not keep a quick model off it', async t => {
  t.match(await calibrate({ ...fake({ cpus: 2, run: batch => 0.05 * batch }), ...quiet }), { workers: 0 })
})

t.test('a model whose inputs may take much longer than the example never runs on the event loop', async t => {
  const machine = fake({ cpus: 2, run: batch => 0.01 * batch })
  t.match(await calibrate({ ...machine, isQuick: true, isEven: false }), { workers: 2, threads: 1 })
  t.same(machine.closed, [])
})

t.test('a model of milliseconds has a worker for each CPU', async t => {
  t.match(await calibrate({ ...fake({ cpus: 8, run: batch => 5 * batch }), ...quiet }), { workers: 8, threads: 1 })
})

t.test('a long run is split over threads where that costs less than a fourteenth of the rate', async t => {
  // Split over four threads, a run takes 1 / efficiency of its quarter.
  const split = (efficiency: number) => fake({ cpus: 4, run: (batch, threads) => 200 * batch / (threads === 1 ? 1 : threads * efficiency) })
  const good = split(0.97)
  t.match(await calibrate({ ...good, ...quiet }), { workers: 1, threads: 4 })
  t.same(good.closed, ['4 × 1'])
  t.match(await calibrate({ ...split(0.7), ...quiet }), { workers: 4, threads: 1 })
})

t.test('the largest batch is chosen that costs no more CPU time for each row', async t => {
  const of = async (run: Machine['run']) => (await calibrate({ ...fake({ cpus: 2, run }), ...quiet })).maxBatch
  t.equal(await of(batch => 2 * batch), 4, 'of equal cost: a batch of 8 ms takes memory enough')
  t.equal(await of(batch => 0.5 * batch), 16)
  t.equal(await of(batch => 4 + 0.5 * batch), 64, 'what still makes a row cheaper: as large as the wait of others allows, 2 × 2 batches in 180 ms on 2 CPUs')
  t.equal(await of(batch => batch <= 4 ? batch : 1.5 * batch), 4, 'what leaves the cache costs more')
  t.equal(await of(batch => batch * batch), 1)
  t.equal(await of(batch => 40 * batch), 1, 'four rows of 40 ms would let others wait too long')
})

t.test('foreign load does not change what is chosen, whenever it comes', async t => {
  const models: Array<[Machine['run'], boolean]> = [
    [batch => 2 * batch, false], [batch => batch <= 4 ? batch : 1.5 * batch, false], [batch => 0.01 + 0.002 * batch, true], [(batch, threads) => 300 * batch / (threads * (threads > 1 ? 0.7 : 1)), false]
  ]
  for (const [run, isQuick] of models) {
    const { workers, threads, maxBatch } = await calibrate({ ...fake({ cpus: 2, run }), isQuick })
    for (const [from, to] of [[0, Infinity], [0, 40], [35, Infinity], [45, 80], [60, 90]] as const) {
      const slowdown = (now: number) => now >= from && now < to ? 2.5 : 1
      t.match(await calibrate({ ...fake({ cpus: 2, run, slowdown }), isQuick }), { workers, threads, maxBatch }, `load from ${from} to ${to} ms`)
    }
  }
})

t.test('what is set is not measured', async t => {
  const machine = fake({ cpus: 8, run: batch => 5 * batch })
  const engine = await calibrate({ ...machine, ...quiet, workers: 3, threads: 2, maxBatch: 5 })
  t.match(engine, { workers: 3, threads: 2, maxBatch: 5 })
  t.equal(engine.trials.length, 1)
  t.match(await calibrate({ ...machine, ...quiet, threads: 4 }), { workers: 2, threads: 4 })
  t.match(await calibrate({ ...machine, ...quiet, workers: 0, maxBatch: 1 }), { workers: 0, maxBatch: 1, runner: { size: 1 } })
})

t.test('a model that cannot run the example is refused, and freed', async t => {
  const machine = fake({ cpus: 2, run: () => 1 })
  const open = async (workers: number, threads: number): Promise<Runner> => ({
    ...await machine.open(workers, threads), run: async () => ({ encode: 0, infer: 0, outcomes: [{ error: 'no', fault: 'model' }] })
  })
  await t.rejects(calibrate({ ...machine, ...quiet, open }), { message: 'no' })
  t.same(machine.closed, ['2 × 1'])
})

t.test('a real model is loaded, measured and ready', async t => {
  const folder = projectFile('models/tensorfood')
  const card = (await resolveModel(folder)).card
  const modality = modalityOf(card.input, { inputs: [], outputs: [] })
  const engine = await calibrate({
    open: async (workers, threads) => await WorkerPool.open({ model: await readOnnxFile(`${folder}/model.onnx`), contract: card, threads }, workers),
    row: await modality.prepare(await modality.example(), { pixels: Infinity, characters: Infinity }),
    cpus: 2,
    isQuick: false
  })
  t.equal(engine.runner.size, engine.workers)
  t.ok(engine.trials.length >= 1 && engine.trials.every(({ rate, latency }) => rate > 0 && latency > 0))
  await engine.runner.close()
})

t.test('on a device, one worker is the default, batches are measured by elapsed time, and settings still hold', async t => {
  // A run takes 5 ms for any batch of up to 64, and almost no CPU time: the card works alone.
  const device = () => {
    const machine = fake({ cpus: 8, run: batch => batch <= 64 ? 5 : 5 * batch })
    return { ...machine, ...quiet, clock: { now: machine.clock.now, cpu: () => machine.clock.now() / 1000 }, providers: ['cuda', 'cpu'] }
  }
  const engine = await calibrate(device())
  t.match(engine, { workers: 1, threads: 8, maxBatch: 64, providers: ['cuda', 'cpu'] })
  t.match(engine.trials.map(({ batch, rate }) => [batch, rate]), [[1, 200], [4, 800], [16, 3200], [64, 12800]])
  t.match(await calibrate({ ...device(), workers: 2, maxBatch: 3 }), { workers: 2, threads: 4, maxBatch: 3 })
})
