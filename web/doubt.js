// How sure the model is, in words.

import { readable } from './format.js'

/** An answer with a lower probability is more probably wrong than right. */
export const SURE_PROBABILITY = 0.5

/** A label is a rival of the most probable one if it is at least this many times as probable. */
const RIVAL_SHARE = 0.6

/** With more rivals, the model does not know. */
const RIVALS_LIMIT = 2

/** Why an answer is in doubt. Empty if it is not. */
export function doubtOf ({ probability, top = [] }) {
  const likely = top.filter(label => label.probability >= RIVAL_SHARE * probability).map(({ label }) => readable(label))
  if (likely.length > RIVALS_LIMIT + 1) return 'The model does not know: several labels are about as probable.'
  if (likely.length > 1) return `It may be ${likely.slice(0, -1).join(', ')} or ${likely.at(-1)}: the model finds them about equally probable.`
  return probability < SURE_PROBABILITY ? 'The model is not sure. It may be something else.' : ''
}
