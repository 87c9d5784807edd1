/** A label and its probability. */
export interface Ranked {
  label: string
  /** Place in the card's list of labels, from 0. */
  index: number
  probability: number
}

/** Softmax: converts logits to probabilities. Subtracts the largest logit first, so that exp() stays finite. */
export function softmax (logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const exponents = logits.map(logit => Math.exp(logit - largest))
  const sum = exponents.reduce((a, b) => a + b, 0)
  return exponents.map(exponent => exponent / sum)
}

/**
 * The `k` most probable labels, most probable first. Labels of equal probability keep the order of the card.
 *
 * Probabilities are rounded to 7 significant digits, the precision of float32: 0.92 instead of 0.9200000166893005.
 *
 * @param probabilities one for each label, all finite
 */
export function topK (probabilities: Float32Array, labels: readonly string[], k: number): Ranked[] {
  const order: number[] = []
  for (let index = 0; index < labels.length; index++) {
    const probability = probabilities[index]!
    let place = order.length
    while (place > 0 && probabilities[order[place - 1]!]! < probability) place--
    if (place === k) continue
    if (order.length === k) order.pop()
    order.splice(place, 0, index)
  }
  return order.map(index => ({ label: labels[index]!, index, probability: rounded(probabilities[index]!) }))
}

/** Rounds a probability to 7 significant digits, the precision of float32. */
export function rounded (probability: number): number {
  if (probability === 0) return 0
  const scale = 10 ** (6 - Math.floor(Math.log10(probability)))
  return Number.isFinite(scale) ? Math.round(probability * scale) / scale : probability
}
