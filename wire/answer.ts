import type { Card } from '../lib/card/card.ts'
import type { Explanation } from '../lib/classifier.ts'
import type { FeatureEffect } from '../lib/modalities/modality.ts'
import type { Prediction, Predictions } from '../lib/output/prediction.ts'
import { RankedPredictions } from '../lib/output/ranked-predictions.ts'
import { tensorsText, tensorText, type Pace } from '../lib/output/text.ts'
import type { Tensor, Tensors } from '../lib/tensor.ts'
import { nextTurn } from '../lib/turn.ts'

/** How many predictions to write in one turn of the event loop. That takes about 3 milliseconds. */
const PREDICTIONS_PER_TURN = 1024

/** What separates the labels of an answer with several labels at once, in a field of CSV. */
const LABEL_SEPARATOR = ';'

/** The answer to a request with one input, as JSON text. */
export async function answerOf (card: Card, predictions: Predictions): Promise<string> {
  return `${(await textAt(card, predictions, 0, outputsText, { values: 0 })).slice(0, -1)},${textsOf(card).model}}`
}

/**
 * The answer to a request with a list of inputs, as JSON text. It is written in pieces, so that the event loop stays free.
 *
 * @param predictions one for each input, in order
 */
export async function answersOf (card: Card, predictions: Predictions): Promise<string> {
  return `{"predictions":${await listOf(card, predictions, outputsText)},${textsOf(card).model}}`
}

/**
 * The answer to instances, as JSON text: as `answersOf`, but without the model. A prediction of plain tensors is the nested
 * lists of its output, or an object of them by output name, without the batch axis that an instance does not have either.
 */
export async function instancesAnswerOf (card: Card, predictions: Predictions): Promise<string> {
  return `{"predictions":${await listOf(card, predictions, rowText)}}`
}

/** Writes a list of predictions as JSON. @param write writes the output tensors of one */
async function listOf (card: Card, predictions: Predictions, write: typeof outputsText): Promise<string> {
  let text = '['
  const pace = { values: 0 }
  for (let at = 0; at < predictions.length; at++) {
    if (at > 0) text += ','
    if (at > 0 && at % PREDICTIONS_PER_TURN === 0) await nextTurn()
    const one = textAt(card, predictions, at, write, pace)
    text += typeof one === 'string' ? one : await one
  }
  return `${text}]`
}

/** Writes one prediction as JSON. */
function textAt (card: Card, predictions: Predictions, at: number, write: typeof outputsText, pace: Pace): string | Promise<string> {
  if (predictions instanceof RankedPredictions) return rankedText(card, predictions, at)
  const prediction = predictions.at(at)
  if (!prediction) throw new Error('there is no such prediction')
  return prediction.kind === 'tensors' ? write(prediction.outputs, pace) : JSON.stringify(fieldsOf(card, prediction))
}

/**
 * The bare answers, one line for each input and no line break at the end: the index of the label, or the label if the card has
 * no list of them; the indices of several labels, separated by commas; or the number. They are what a script that has called
 * `str(model.predict(rows)[0])` reads.
 *
 * @returns `null` for plain tensors, which are no line of text
 */
export async function plainTextOf ({ output: { kind } }: Card, predictions: Predictions): Promise<string | null> {
  if (kind === 'tensors') return null
  const pieces: string[] = []
  for (let at = 0; at < predictions.length; at += PREDICTIONS_PER_TURN) {
    if (at > 0) await nextTurn()
    pieces.push(predictions.slice(at, at + PREDICTIONS_PER_TURN).map(bareOf).join('\n'))
  }
  return pieces.join('\n')
}

function bareOf (prediction: Prediction): string {
  switch (prediction.kind) {
    case 'classes': return String(prediction.first.index)
    case 'labels': return prediction.labels.map(({ index }) => index).join()
    case 'label': return String(prediction.index ?? prediction.label)
    case 'value': return String(prediction.value)
    case 'tensors': return ''
  }
}

/** Names of the columns that an answer adds to CSV. None: the answer does not fit into columns. */
export function columnsOf ({ labelKey, output: { kind } }: Card): string[] {
  switch (kind) {
    case 'classes':
    case 'binary': return [labelKey, 'probability']
    case 'labels': return [labelKey, 'probability', 'labels']
    case 'label':
    case 'value': return [labelKey]
    case 'tensors': return []
  }
}

/** The values of the columns that an answer adds to CSV, column by column. */
export function csvColumnsOf (card: Card, predictions: Predictions): Array<Array<string | number>> {
  const cells = Array.from(predictions, cellsOf)
  return columnsOf(card).map((_name, column) => cells.map(row => row[column] ?? ''))
}

/** The answer that explains the answer to an input. */
export function explanationOf (card: Card, { prediction, picture, features, words }: Pick<Explanation, 'prediction' | 'picture' | 'features' | 'words'>): Record<string, unknown> {
  return {
    ...explainedFields(card, prediction),
    ...picture && { importance: picture.importance, overlay: `data:image/png;base64,${picture.overlay.toString('base64')}` },
    ...features && { features: featuresOf(card, features) },
    ...words && { words },
    model: card.name,
    version: card.version
  }
}

/** The fields of an explanation that say what is explained: a label and its probability, or the value. */
export function explainedFields ({ labelKey }: Card, prediction: Prediction): Record<string, unknown> {
  if (prediction.kind === 'value') return { [labelKey]: prediction.value }
  if (!('first' in prediction)) return {}
  const { label, probability, index } = prediction.first
  return { [labelKey]: label, probability, index }
}

/** The effects of the features, for the answer: the curve of a value has predictions instead of probabilities. */
export function featuresOf ({ output }: Card, features: FeatureEffect[]): unknown[] {
  if (output.kind !== 'value') return features
  return features.map(feature => ({ ...feature, curve: feature.curve.map(({ value, probability }) => ({ value, prediction: probability })) }))
}

function cellsOf (prediction: Prediction): Array<string | number> {
  switch (prediction.kind) {
    case 'classes': return [prediction.first.label, prediction.first.probability]
    case 'labels': return [prediction.first.label, prediction.first.probability, prediction.labels.map(({ label }) => label).join(LABEL_SEPARATOR)]
    case 'label': return [prediction.label]
    case 'value': return [prediction.value]
    case 'tensors': return []
  }
}

/** The parts of an answer that are the same in every answer of a model, as JSON. */
interface Texts {
  /** `"food":` */
  key: string
  /** For each label: `"pizza"` */
  labels: string[]
  /** For each label: `{"label":"pizza","index":7,"probability":` */
  ranked: string[]
  /** `"model":"tensorfood","version":"1"` */
  model: string
}

const TEXTS = new WeakMap<Card, Texts>()

function textsOf (card: Card): Texts {
  const made = TEXTS.get(card)
  if (made) return made
  const labels = card.labels.map(label => JSON.stringify(label))
  const texts = {
    key: `${JSON.stringify(card.labelKey)}:`,
    labels,
    ranked: labels.map((label, index) => `{"label":${label},"index":${index},"probability":`),
    model: `"model":${JSON.stringify(card.name)},"version":${JSON.stringify(card.version)}`
  }
  TEXTS.set(card, texts)
  return texts
}

/** As JSON.stringify of the fields. To join texts that are made once takes a fourth of its time, and leaves no objects behind. */
function rankedText (card: Card, { indices, probabilities, k }: RankedPredictions, at: number): string {
  const { key, labels, ranked } = textsOf(card)
  const start = at * k
  let text = `{${key}${labels[indices[start]!]},"probability":${probabilities[start]},"index":${indices[start]},"top":[`
  for (let place = start; place < start + k; place++) text += `${place === start ? '' : ','}${ranked[indices[place]!]}${probabilities[place]}}`
  return `${text}]}`
}

function fieldsOf ({ labelKey }: Card, prediction: Exclude<Prediction, { kind: 'tensors' }>): Record<string, unknown> {
  switch (prediction.kind) {
    case 'classes': {
      const { first: { label, probability, index }, top } = prediction
      return { [labelKey]: label, probability, index, top }
    }
    case 'labels': {
      const { first: { label, probability, index }, labels, top } = prediction
      return { [labelKey]: label, probability, index, labels, top }
    }
    case 'label': return { [labelKey]: prediction.label, ...prediction.index !== null && { index: prediction.index } }
    case 'value': return { [labelKey]: prediction.value }
  }
}

async function outputsText (outputs: Tensors, pace?: Pace): Promise<string> {
  return `{"outputs":${await tensorsText(outputs, pace)}}`
}

async function rowText (outputs: Tensors, pace?: Pace): Promise<string> {
  const rows = Object.entries(outputs).map(([name, tensor]) => [name, withoutBatch(tensor)] as const)
  const [first, another] = rows
  return first && !another ? await tensorText(first[1], pace) : await tensorsText(Object.fromEntries(rows), pace)
}

function withoutBatch (tensor: Tensor): Tensor {
  const [first, ...shape] = tensor.shape
  return first === 1 ? { ...tensor, shape } : tensor
}
