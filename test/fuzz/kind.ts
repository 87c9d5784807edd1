import type fc from 'fast-check'

/** One kind of cases: what is sent in, and what must hold for it. */
export interface Kind<Case> {
  name: string
  /** Number of cases of a round. */
  cases: number
  arbitrary: fc.Arbitrary<Case>
  /**
   * Checks one case. The same case always has the same result.
   *
   * @param bytes those of `bytesOf`
   * @returns what became of the case, in a few words, to be counted
   * @throws Error when something does not hold
   */
  check: (value: Case, bytes: Uint8Array) => Promise<string>
  /** The bytes of a case: what is decoded or sent. A failure leaves them in a file. */
  bytesOf: (value: Case) => Promise<Uint8Array>
}

/** Hides the type of the cases, so that kinds of different cases are in one list. */
export interface AnyKind {
  name: string
  /** Checks cases until one fails. A failure is then made smaller. */
  run: (options: RunOptions) => Promise<Result>
}

export interface RunOptions {
  seed: number
  /** Number of cases. Default: that of the kind. */
  cases?: number
  /** Leads to one case: its index, and the steps that made it smaller. */
  path?: string
  /** Whether to look for the smallest case of a failure. Default: true. */
  reduce?: boolean
  /** Called before each case with its bytes, and with a path to it if the run has found no failure yet. */
  onCase?: (bytes: Uint8Array, path: string) => void
}

export interface Result {
  /** Number of cases that were checked up to the first failure. */
  cases: number
  /** How many cases had which result. */
  outcomes: Map<string, number>
  failure: Failure | null
}

/** The smallest case that was found for a failure. */
export interface Failure {
  seed: number
  path: string
  /** The case as text. */
  text: string
  bytes: Uint8Array
  message: string
}

/** Compares two texts or numbers. @throws Error with both of them */
export function same (actual: string | number | boolean | null, expected: string | number | boolean | null, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, expected ${expected}`)
}

/** @throws Error that names the first byte that differs */
export function sameBytes (actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return
  same(actual.length, expected.length, `${what}: number of bytes`)
  const at = actual.findIndex((value, index) => value !== expected[index])
  const different = actual.reduce((sum, value, index) => sum + Number(value !== expected[index]), 0)
  throw new Error(`${what}: ${different} of ${actual.length} bytes differ; byte ${at} is ${actual[at]}, expected ${expected[at]}`)
}
