import type { Card } from '../../lib/card/card.ts'
import { resolveModel } from '../../lib/card/resolve.ts'
import { Classifier } from '../../lib/classifier.ts'
import type { Outcome, Runner } from '../../lib/engine/runner.ts'
import { projectFile } from '../../lib/project.ts'
import { fakeRunner, type FakeRunner } from './engine/runner.ts'

export interface FakeModelOptions {
  /** Folder in `models/` of the card. */
  folder?: string
  /** Fields of the card that differ. */
  card?: Partial<Card>
  queueLimit?: number
  decodeLimit?: number
  /** What becomes of each row. Default: `PROBABILITIES`. */
  outcome?: Outcome
  /** What differs from a runner with one worker. */
  runner?: Partial<Pick<Runner, 'size' | 'alive' | 'deaths'>>
}

export interface FakeModel extends FakeRunner {
  model: Classifier
}

/** A row that the card of `iris` takes. */
export const FLOWER = [5.9, 3, 5.1, 1.8]

/** The probabilities that the fake model gives to the first three labels; the other labels have none. */
export const PROBABILITIES = [0.25, 0.625, 0.125]

/** A real classifier of a real card over an engine without a model, which answers every input with `PROBABILITIES`. */
export async function fakeModel ({ folder = 'iris', card: differences = {}, queueLimit, decodeLimit, outcome, runner: { size = 1, ...state } = {} }: FakeModelOptions = {}): Promise<FakeModel> {
  const path = projectFile(`models/${folder}`)
  const { card: resolved } = await resolveModel(path)
  const { output } = resolved
  // The fake answers have no label of the model's own.
  const scores = output.kind === 'classes' && { output: { kind: output.kind, tensor: output.tensor, activation: output.activation } }
  const card: Card = { ...resolved, ...scores, ...differences }
  const data = new Float32Array(card.labels.length)
  data.set(PROBABILITIES)
  const fake = fakeRunner(outcome ?? { outputs: { ['tensor' in card.output ? card.output.tensor : 'y']: { dtype: 'float32', shape: [1, data.length], data } }, at: 0 }, { size })
  Object.assign(fake.runner, state)
  const model = new Classifier({
    folder: path, card, engine: { runner: fake.runner, workers: size, threads: 1, maxBatch: 4, providers: ['cpu'], trials: [] }, queueLimit, limits: { pixels: 1_000_000, characters: Infinity }, ...decodeLimit && { decodeLimit }
  })
  return { ...fake, model }
}
