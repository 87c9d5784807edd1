import type { Scores } from './rows.ts'

/** A label and its probability. */
export interface Ranked {
  label: string
  /** Place in the card's list of labels, from 0. */
  index: number
  probability: number
}

/** Softmax: converts logits to probabilities. Subtracts the largest logit first, so that exp() stays finite. */
export function softmax (logits: Scores): Scores {
  let largest = -Infinity
  for (const logit of logits) largest = Math.max(largest, logit)
  const exponents = logits.map(logit => Math.exp(logit - largest))
  let sum = 0
  for (const exponent of exponents) sum += exponent
  return exponents.map(exponent => exponent / sum)
}

/** The sigmoid function: converts each logit to a probability of its own. */
export function sigmoid (logits: Scores): Scores {
  return logits.map(logit => 1 / (1 + Math.exp(-logit)))
}

/**
 * The `k` most probable labels, most probable first. Labels of equal probability keep the order of the card.
 *
 * Probabilities are rounded to 7 significant digits, the precision of float32: 0.92 instead of 0.9200000166893005.
 *
 * @param probabilities one for each label, all finite
 * @param answer index of the label that comes first, whatever its probability is. Default: the most probable one
 */
export function topK (probabilities: Scores, labels: readonly string[], k: number, answer?: number): Ranked[] {
  const order: number[] = []
  for (let index = 0; index < labels.length; index++) {
    const probability = probabilities[index]!
    let place = order.length
    while (place > 0 && probabilities[order[place - 1]!]! < probability) place--
    if (place === k) continue
    for (let last = Math.min(order.length, k - 1); last > place; last--) order[last] = order[last - 1]!
    order[place] = index
  }
  if (answer !== undefined && order[0] !== answer) {
    const place = order.indexOf(answer)
    order.splice(place < 0 ? order.length - 1 : place, 1)
    order.unshift(answer)
  }
  return order.map(index => ({ label: labels[index]!, index, probability: rounded(probabilities[index]!) }))
}

/** Rounds a probability to 7 significant digits, the precision of float32. */
export function rounded (probability: number): number {
  if (probability === 0) return 0
  const scale = probability >= 0.1 && probability < 1 ? 1e7 : 10 ** (6 - Math.floor(Math.log10(probability)))
  return Number.isFinite(scale) ? Math.round(probability * scale) / scale : probability
}
