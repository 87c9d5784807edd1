import type { Card } from '../lib/card/card.ts'
import type { Ranked } from '../lib/output/classify.ts'
import { nextTurn } from '../lib/turn.ts'

/** How many predictions to write in one turn of the event loop. That takes about 3 milliseconds. */
const PREDICTIONS_PER_TURN = 1024

/**
 * The answer to a request with one input.
 *
 * @param top most probable labels of the input, most probable first
 */
export function answerOf (card: Card, top: Ranked[] = []): Record<string, unknown> {
  return { ...predictionOf(card, top), model: card.name, version: card.version }
}

/**
 * The answer to a request with a list of inputs, as JSON text. It is written in pieces, so that the event loop stays free.
 *
 * @param rankings for each input, in order, its most probable labels
 */
export async function answersOf (card: Card, rankings: Ranked[][]): Promise<string> {
  const pieces: string[] = []
  for (let at = 0; at < rankings.length; at += PREDICTIONS_PER_TURN) {
    if (at > 0) await nextTurn()
    const predictions = rankings.slice(at, at + PREDICTIONS_PER_TURN).map(top => predictionOf(card, top))
    pieces.push(JSON.stringify(predictions).slice(1, -1))
  }
  return `{"predictions":[${pieces.join()}],"model":${JSON.stringify(card.name)},"version":${JSON.stringify(card.version)}}`
}

function predictionOf ({ labelKey }: Card, top: Ranked[]): Record<string, unknown> {
  const [first] = top
  return { [labelKey]: first?.label, probability: first?.probability, index: first?.index, top }
}
