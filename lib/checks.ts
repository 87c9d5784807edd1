import { join } from 'node:path'
import { readInside } from './card/inside.ts'
import type { Classifier } from './classifier.ts'
import type { Runner } from './engine/runner.ts'
import { AnswerNotFinite } from './errors.ts'
import type { Row } from './modalities/modality.ts'
import { decide } from './output/decide.ts'
import type { Prediction } from './output/prediction.ts'
import { lengthsOf, scoresOf, type Scores } from './output/rows.ts'

/**
 * Largest allowed difference from the probability of a golden sample, when the card sets no `tolerance`. For a value of more
 * than 1, it is a share of the value.
 */
const TOLERANCE = 0.01

/** Largest allowed difference between 1 and the sum of the probabilities of one input, and largest share over 1 of a single one. */
const SUM_TOLERANCE = 0.01

/** Longest time that the model may take for one golden sample at start-up. */
const SAMPLE_DEADLINE_MS = 60_000

/**
 * Checks a loaded model before the service accepts requests: the answer to an example, then the golden samples of the card.
 *
 * @param example an input of the model's modality
 * @throws Error that says what is wrong with the model or its card
 */
export async function checkModel (classifier: Classifier, runner: Runner, example: Row): Promise<void> {
  await checkExample(classifier, runner, example)
  await checkSamples(classifier)
}

/** As `checkModel`, but goes on after a fault. Returns what each says. */
export async function faultsOf (classifier: Classifier, runner: Runner, example: Row): Promise<string[]> {
  const faults: string[] = []
  const note = (error: unknown) => { faults.push(error instanceof Error ? error.message : String(error)) }
  await checkExample(classifier, runner, example).catch(note)
  for (const sample of classifier.card.samples ?? []) await checkSample(classifier, sample).catch(note)
  return faults
}

/**
 * Checks that the outputs have the shapes that the card says, that scores are finite, and that they are probabilities if the
 * card says so. Without this check, a wrong card would let clients receive logits as probabilities.
 */
async function checkExample ({ card }: Classifier, runner: Runner, example: Row): Promise<void> {
  const { outcomes: [outcome] } = await runner.run([example])
  if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the model gave no answer for the example')
  const { output, labels } = card
  for (const [name, length] of lengthsOf(card)) {
    const { data: { length: found } = [], shape } = outcome.outputs[name] ?? {}
    if (found > length && found % length === 0) throw new Error(`output '${name}' is [${shape}] for a single input: it has ${found / length} rows instead of one`)
  }
  if (output.kind === 'classes' || output.kind === 'binary' || output.kind === 'labels') {
    const { tensor } = output
    const scores = scoresOf(outcome, tensor, output.kind === 'binary' ? 1 : labels.length)
    if (!scores.every(Number.isFinite)) throw new Error(`output '${tensor}' is not finite`)
    if (output.activation === 'none') checkProbabilities(output.kind, tensor, scores)
  }
  try {
    decide(outcome, card, 1, () => 'the example')
  } catch (error) {
    // A model may have no value for an input that was made up.
    if (!(error instanceof AnswerNotFinite)) throw error
  }
}

function checkProbabilities (kind: 'classes' | 'binary' | 'labels', tensor: string, scores: Scores): void {
  const [least, most, sum] = [Math.min(...scores), Math.max(...scores), [...scores].reduce((total, score) => total + score, 0)]
  const isSumRight = kind !== 'classes' || Math.abs(sum - 1) <= SUM_TOLERANCE
  if (isSumRight && least >= 0 && most <= 1 + SUM_TOLERANCE) return
  const found = kind === 'classes' ? `they sum to ${sum.toFixed(3)}, and the least is ${least.toFixed(3)}` : `they are from ${least.toFixed(3)} to ${most.toFixed(3)}`
  throw new Error(`output '${tensor}' does not hold probabilities: ${found}; if it holds logits, set "activation": "${kind === 'classes' ? 'softmax' : 'sigmoid'}" in the card`)
}

/** Checks that the service gives the same answers for the golden samples as the training environment did. */
async function checkSamples (classifier: Classifier): Promise<void> {
  for (const sample of classifier.card.samples ?? []) await checkSample(classifier, sample)
}

type Sample = NonNullable<Classifier['card']['samples']>[number]

async function checkSample (classifier: Classifier, sample: Sample): Promise<void> {
  const { card: { tolerance = TOLERANCE }, folder } = classifier
  const name = 'file' in sample ? sample.file : 'text' in sample ? JSON.stringify(sample.text) : `[${sample.row}]`
  const item = 'file' in sample ? { name, bytes: await pictureOf(folder, sample.file) } : 'text' in sample ? { text: sample.text, pair: sample.pair } : sample.row
  const { predictions: [prediction] } = await classifier.predict([item], { topK: 1, deadline: SAMPLE_DEADLINE_MS })
  const difference = prediction ? differenceOf(sample, prediction, tolerance) : 'has no answer'
  if (difference !== null) throw new Error(`sample ${name} ${difference}`)
}

/** The bytes of a sample in the model's folder. */
async function pictureOf (folder: string, file: string): Promise<Uint8Array> {
  const bytes = await readInside(folder, join(folder, file))
  if (bytes === null) throw new Error(`sample ${file} is missing in the model's folder; add it, or take it out of the card`)
  return bytes
}

/** How an answer differs from that of the card, or `null` if it does not. What the card does not say is not compared. */
function differenceOf (sample: Sample, prediction: Prediction, tolerance: number): string | null {
  const { label, probability, labels, value } = sample
  if (value !== undefined) {
    const found = prediction.kind === 'value' ? prediction.value : undefined
    const isNear = found !== undefined && Math.abs(found - value) <= tolerance * Math.max(1, Math.abs(value))
    return isNear ? null : `has the value ${value} in the card, but the service answers ${found}`
  }
  if (labels !== undefined) {
    const found = prediction.kind === 'labels' ? prediction.labels.map(({ label }) => label) : []
    const isSame = prediction.kind === 'labels' && found.toSorted().join('\n') === labels.toSorted().join('\n')
    if (!isSame) return `has the labels ${JSON.stringify(labels)} in the card, but the service answers ${JSON.stringify(found)}`
  }
  const found = 'first' in prediction ? prediction.first : prediction.kind === 'label' ? { ...prediction, probability: undefined } : undefined
  const isLabelRight = label === undefined || found?.label === label
  const isNear = probability === undefined || (found?.probability !== undefined && Math.abs(found.probability - probability) <= tolerance)
  if (isLabelRight && isNear) return null
  const asText = (label: string | undefined, probability: number | undefined) => `'${label}'${probability === undefined ? '' : ` with probability ${probability}`}`
  return `has label ${asText(label, probability)} in the card, but the service answers ${asText(found?.label, found?.probability)}`
}
