import type { Prediction, Predictions } from '../lib/output/prediction.ts'
import { tensorsText } from '../lib/output/text.ts'
import { nextTurn } from '../lib/turn.ts'

/** How many predictions to write in one turn of the event loop. That takes about 3 milliseconds. */
const PREDICTIONS_PER_TURN = 1024

/** A prediction that is no tensors. */
export type PlainPrediction = Exclude<Prediction, { kind: 'tensors' }>

/**
 * A text for each prediction, for the answer of a dialect. They are written in pieces, so that the event loop stays free.
 *
 * @param textOf writes a prediction, which has this place in the request
 * @param tensorsTextOf writes plain tensors from their JSON, an object of nested lists by name. Default: the JSON itself
 */
export async function textsOf (
  predictions: Predictions,
  textOf: (prediction: PlainPrediction, at: number) => string,
  tensorsTextOf: (json: string, at: number) => string = json => json
): Promise<string[]> {
  const texts: string[] = []
  const pace = { values: 0 }
  for (const prediction of predictions) {
    const at = texts.length
    if (at > 0 && at % PREDICTIONS_PER_TURN === 0) await nextTurn()
    texts.push(prediction.kind === 'tensors' ? tensorsTextOf(await tensorsText(prediction.outputs, pace), at) : textOf(prediction, at))
  }
  return texts
}
