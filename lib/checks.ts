import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Classifier } from './classifier.ts'
import type { Runner } from './engine/runner.ts'
import type { Row } from './modalities/modality.ts'
import { scoresOf } from './output/decide.ts'

/** Largest allowed difference from the probability of a golden sample, when the card sets no `tolerance`. */
const TOLERANCE = 0.01

/** Largest allowed difference between 1 and the sum of the probabilities of one input. */
const SUM_TOLERANCE = 0.01

/** Longest time that the model may take for one golden sample at start-up. */
const SAMPLE_DEADLINE_MS = 60_000

/**
 * Checks a loaded model before the service accepts requests: the scores of an example, then the golden samples of the card.
 *
 * @param example an input of the model's modality
 * @throws Error that says what is wrong with the model or its card
 */
export async function checkModel (classifier: Classifier, runner: Runner, example: Row): Promise<void> {
  await checkScores(classifier, runner, example)
  await checkSamples(classifier)
}

/** As `checkModel`, but goes on after a fault. Returns what each says. */
export async function faultsOf (classifier: Classifier, runner: Runner, example: Row): Promise<string[]> {
  const faults: string[] = []
  const note = (error: unknown) => { faults.push(error instanceof Error ? error.message : String(error)) }
  await checkScores(classifier, runner, example).catch(note)
  for (const sample of classifier.card.samples ?? []) await checkSample(classifier, sample).catch(note)
  return faults
}

/**
 * Checks that the scores are finite, and that they are probabilities if the card says so. Without this check, a wrong card
 * would let clients receive logits as probabilities.
 */
async function checkScores ({ card }: Classifier, runner: Runner, example: Row): Promise<void> {
  const { outcomes: [outcome] } = await runner.run([example])
  if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the model gave no answer for the example')
  const scores = scoresOf(outcome, card)
  if (card.output.kind !== 'classes') return
  if (!scores.every(Number.isFinite)) throw new Error(`output '${card.output.tensor}' is not finite`)
  const sum = scores.reduce((total, score) => total + score, 0)
  if (card.output.activation === 'none' && (Math.abs(sum - 1) > SUM_TOLERANCE || scores.some(score => score < 0))) {
    throw new Error(`output '${card.output.tensor}' does not hold probabilities: they sum to ${sum.toFixed(3)}, and the least is ${Math.min(...scores).toFixed(3)}; if it holds logits, set "activation": "softmax" in the card`)
  }
}

/** Checks that the service gives the same answers for the golden samples as the training environment did. */
async function checkSamples (classifier: Classifier): Promise<void> {
  for (const sample of classifier.card.samples ?? []) await checkSample(classifier, sample)
}

type Sample = NonNullable<Classifier['card']['samples']>[number]

async function checkSample (classifier: Classifier, sample: Sample): Promise<void> {
  const { card: { tolerance = TOLERANCE }, folder } = classifier
  const name = 'file' in sample ? sample.file : `[${sample.row}]`
  const item = 'file' in sample ? { name, bytes: await readFile(join(folder, sample.file)) } : sample.row
  const { rankings: [[first] = []] } = await classifier.predict([item], { topK: 1, deadline: SAMPLE_DEADLINE_MS })
  if (first?.label !== sample.label || Math.abs(first.probability - sample.probability) > tolerance) {
    throw new Error(`sample ${name} has label '${sample.label}' with probability ${sample.probability} in the card, but the service answers '${first?.label}' with probability ${first?.probability}`)
  }
}
