/** Pseudo-random numbers from 0 to 1, the same for the same seed. https://doi.org/10.18637/jss.v008.i14 */
export function numbers (seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  // Similar seeds start with similar numbers.
  for (let i = 0; i < 8; i++) next()
  return next
}

/** An integer from `from` to `to`, both included. */
export function between (random: () => number, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}
