import type { Card } from '../lib/card/card.ts'
import type { Ranked } from '../lib/output/classify.ts'

/** The answer to one input. */
export function answerOf (card: Card, top: Ranked[] = []): Record<string, unknown> {
  return { ...predictionOf(card, top), model: card.name, version: card.version }
}

/** The answer to several inputs, in their order. */
export function answersOf (card: Card, rankings: Ranked[][]): Record<string, unknown> {
  return { predictions: rankings.map(top => predictionOf(card, top)), model: card.name, version: card.version }
}

function predictionOf ({ labelKey }: Card, top: Ranked[]): Record<string, unknown> {
  const [first] = top
  return { [labelKey]: first?.label, probability: first?.probability, index: first?.index, top }
}
