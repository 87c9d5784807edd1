import { EventEmitter, once } from 'node:events'
import type { EngineEvents, Outcome, Runner } from '../../../lib/engine/runner.ts'
import { concatenate } from '../../../lib/tensor.ts'

/** A runner without a model, whose runs end when a test wants it. */
export interface FakeRunner {
  runner: Runner
  /** Runs that begin from now on do not end. */
  hold: () => void
  /** Runs that were held end, and those that begin from now on do not wait. */
  letGo: () => void
}

/** @param outcome what becomes of each row */
export function fakeRunner (outcome: Outcome, { size = 1 } = {}): FakeRunner {
  const held = new EventEmitter()
  let isHeld = false
  let busy = 0
  const runner: Runner = {
    events: new EventEmitter<EngineEvents>(),
    signature: { inputs: [], outputs: [] },
    batches: true,
    stacks: false,
    size,
    get idle () { return size - busy },
    get running () { return busy },
    get busy () { return busy },
    alive: size,
    deaths: 0,
    run: async rows => {
      busy++
      const started = performance.now()
      if (isHeld) await once(held, 'end')
      busy--
      queueMicrotask(() => runner.events.emit('idle'))
      return { outcomes: rows.map(({ content }) => repeated(outcome, 'payload' in content ? content.count ?? 1 : 1)), encode: 0, infer: performance.now() - started }
    },
    close: async () => {}
  }
  return {
    runner,
    hold: () => { isHeld = true },
    letGo: () => {
      isHeld = false
      held.emit('end')
    }
  }
}

/** The same outputs for each row of a block. */
function repeated (outcome: Outcome, count: number): Outcome {
  if (count === 1 || !('outputs' in outcome)) return outcome
  const rows = Object.entries(outcome.outputs).map(([name, tensor]) => [name, concatenate(Array.from({ length: count }, () => tensor))])
  return { ...outcome, outputs: Object.fromEntries(rows) }
}
