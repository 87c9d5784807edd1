import type { Card } from '../lib/card/card.ts'
import type { Ranked } from '../lib/output/classify.ts'

/**
 * The answer to a request with one input, as JSON.
 *
 * @param top most probable labels of the input, most probable first
 */
export function answerOf (card: Card, top: Ranked[] = []): Record<string, unknown> {
  return { ...predictionOf(card, top), model: card.name, version: card.version }
}

/**
 * The answer to a request with a list of inputs, as JSON.
 *
 * @param rankings for each input, in order, its most probable labels
 */
export function answersOf (card: Card, rankings: Ranked[][]): Record<string, unknown> {
  return { predictions: rankings.map(top => predictionOf(card, top)), model: card.name, version: card.version }
}

function predictionOf ({ labelKey }: Card, top: Ranked[]): Record<string, unknown> {
  const [first] = top
  return { [labelKey]: first?.label, probability: first?.probability, index: first?.index, top }
}
