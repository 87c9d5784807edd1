import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Classifier } from './classifier.ts'
import type { Runner } from './engine/runner.ts'
import type { Row } from './modalities/modality.ts'
import { scoresOf } from './output/decide.ts'

/** How far a probability may be from that of a golden sample, where the card does not say. */
const TOLERANCE = 0.01

/** Milliseconds that one golden sample may take at start-up. */
const SAMPLE_DEADLINE_MS = 60_000

/**
 * Checks a loaded model before it may answer anybody.
 *
 * @throws Error that says what is wrong with the model or its card
 */
export async function checkModel (classifier: Classifier, runner: Runner, example: Row): Promise<void> {
  await checkScores(classifier, runner, example)
  await checkSamples(classifier)
}

/** Logits that a card calls probabilities would be answered as they are. */
async function checkScores ({ card }: Classifier, runner: Runner, example: Row): Promise<void> {
  const { outcomes: [outcome] } = await runner.run([example])
  if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the example was not answered')
  const scores = scoresOf(outcome, card)
  if (!scores.every(Number.isFinite)) throw new Error(`output '${card.output.tensor}' is not finite`)
  const sum = scores.reduce((total, score) => total + score, 0)
  if (card.output.activation === 'none' && (Math.abs(sum - 1) > 0.01 || scores.some(score => score < 0))) {
    throw new Error(`output '${card.output.tensor}' is no list of probabilities: it sums to ${sum.toFixed(3)}; does the card want "activation": "softmax"?`)
  }
}

/** A service that would answer otherwise than the model did where it was trained must not start. */
async function checkSamples (classifier: Classifier): Promise<void> {
  const { card: { samples = [], tolerance = TOLERANCE }, folder } = classifier
  for (const sample of samples) {
    const name = 'file' in sample ? sample.file : `[${sample.row}]`
    const item = 'file' in sample ? { name, bytes: await readFile(join(folder, sample.file)) } : sample.row
    const { rankings: [[first] = []] } = await classifier.predict([item], { topK: 1, deadline: SAMPLE_DEADLINE_MS })
    if (first?.label !== sample.label || Math.abs(first.probability - sample.probability) > tolerance) {
      throw new Error(`sample ${name} is '${sample.label}' with ${sample.probability} on the card, and '${first?.label}' with ${first?.probability} here`)
    }
  }
}
