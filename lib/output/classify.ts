/** A label with its probability, and its place in the card's list. */
export interface Ranked {
  label: string
  index: number
  probability: number
}

/** Probabilities from logits. Subtracting the greatest first keeps exp() finite. */
export function softmax (logits: Float32Array): Float32Array {
  const greatest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const exponents = logits.map(logit => Math.exp(logit - greatest))
  const sum = exponents.reduce((a, b) => a + b, 0)
  return exponents.map(exponent => exponent / sum)
}

/**
 * The `k` most probable labels, most probable first; equal ones in the order of the labels.
 *
 * Probabilities are rounded to 7 significant digits, which is all a float32 holds: 0.92, not 0.9200000166893005.
 *
 * @throws Error when a probability is not a number, which no caller's input should bring about
 */
export function topK (probabilities: Float32Array, labels: readonly string[], k: number): Ranked[] {
  const order: number[] = []
  for (let index = 0; index < labels.length; index++) {
    const probability = probabilities[index]!
    if (Number.isNaN(probability)) throw new Error('the model answered NaN')
    let place = order.length
    while (place > 0 && probabilities[order[place - 1]!]! < probability) place--
    if (place === k) continue
    if (order.length === k) order.pop()
    order.splice(place, 0, index)
  }
  return order.map(index => ({ label: labels[index]!, index, probability: rounded(probabilities[index]!) }))
}

/** A probability to 7 significant digits, which is all a float32 holds. */
export function rounded (probability: number): number {
  if (probability === 0) return 0
  const scale = 10 ** (6 - Math.floor(Math.log10(probability)))
  return Number.isFinite(scale) ? Math.round(probability * scale) / scale : probability
}
