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
 * Writes the places of the `k` greatest probabilities, the greatest first. Equal ones keep their order.
 *
 * @param probabilities of all labels, all finite, from `from` on
 * @param places where to write, from `start` on
 * @param answer place that comes first, whatever its probability is. Default: that of the greatest one
 * @returns how many places are written
 */
export function rank (probabilities: Scores, from: number, count: number, k: number, places: number[] | Uint32Array, start: number, answer = -1): number {
  let length = 0
  for (let index = 0; index < count; index++) {
    const probability = probabilities[from + index]!
    let place = length
    while (place > 0 && probabilities[from + places[start + place - 1]!]! < probability) place--
    if (place === k) continue
    if (length < k) length++
    for (let last = length - 1; last > place; last--) places[start + last] = places[start + last - 1]!
    places[start + place] = index
  }
  if (answer >= 0) {
    let place = 0
    while (place < length - 1 && places[start + place] !== answer) place++
    for (; place > 0; place--) places[start + place] = places[start + place - 1]!
    places[start] = answer
  }
  return length
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
  const places: number[] = []
  rank(probabilities, 0, labels.length, k, places, 0, answer)
  return places.map(index => ({ label: labels[index]!, index, probability: rounded(probabilities[index]!) }))
}

/** Rounds a probability to 7 significant digits, the precision of float32. */
export function rounded (probability: number): number {
  if (probability === 0) return 0
  const scale = probability >= 0.1 && probability < 1 ? 1e7 : 10 ** (6 - Math.floor(Math.log10(probability)))
  return Number.isFinite(scale) ? Math.round(probability * scale) / scale : probability
}
