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
  if (probabilities.some(Number.isNaN)) throw new Error('the model answered NaN')
  const order = Array.from(labels, (_, index) => index).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
  return order.slice(0, k).map(index => ({
    label: labels[index]!, index, probability: Number(probabilities[index]!.toPrecision(7))
  }))
}
