import type { Card } from '../lib/card/card.ts'
import type { FeatureEffect } from '../lib/modalities/modality.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { tensorsText, type Pace } from '../lib/output/text.ts'
import { nextTurn } from '../lib/turn.ts'

/** How many predictions to write in one turn of the event loop. That takes about 3 milliseconds. */
const PREDICTIONS_PER_TURN = 1024

/** What separates the labels of an answer with several labels at once, in a field of CSV. */
const LABEL_SEPARATOR = ';'

/** The answer to a request with one input, as JSON text. */
export async function answerOf (card: Card, prediction: Prediction): Promise<string> {
  const text = prediction.kind === 'tensors' ? await outputsText(prediction.outputs) : JSON.stringify(fieldsOf(card, prediction))
  return `${text.slice(0, -1)},${modelText(card)}}`
}

/**
 * The answer to a request with a list of inputs, as JSON text. It is written in pieces, so that the event loop stays free.
 *
 * @param predictions one for each input, in order
 */
export async function answersOf (card: Card, predictions: Prediction[]): Promise<string> {
  const pieces: string[] = []
  const pace = { values: 0 }
  for (let at = 0; at < predictions.length; at += PREDICTIONS_PER_TURN) {
    if (at > 0) await nextTurn()
    const some = predictions.slice(at, at + PREDICTIONS_PER_TURN)
    const plain: unknown[] = []
    for (const prediction of some) {
      if (prediction.kind === 'tensors') pieces.push(await outputsText(prediction.outputs, pace))
      else plain.push(fieldsOf(card, prediction))
    }
    // All predictions of an answer are of one kind.
    if (plain.length > 0) pieces.push(JSON.stringify(plain).slice(1, -1))
  }
  return `{"predictions":[${pieces.join()}],${modelText(card)}}`
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
export function csvColumnsOf (card: Card, predictions: Prediction[]): Array<Array<string | number>> {
  const cells = predictions.map(cellsOf)
  return columnsOf(card).map((_name, column) => cells.map(row => row[column] ?? ''))
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

async function outputsText (outputs: Extract<Prediction, { kind: 'tensors' }>['outputs'], pace?: Pace): Promise<string> {
  return `{"outputs":${await tensorsText(outputs, pace)}}`
}

function modelText ({ name, version }: Card): string {
  return `"model":${JSON.stringify(name)},"version":${JSON.stringify(version)}`
}
