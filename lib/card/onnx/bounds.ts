import { OnnxFault } from './wire.ts'

/** What a file may hold of each kind, subgraphs and functions included: far above what exporters write. */
const MOST = {
  nodes: 65_536,
  attributes: 1_000_000,
  initializers: 200_000,
  inputs: 10_000,
  outputs: 10_000,
  functions: 10_000,
  'operator sets': 1000,
  'entries of metadata': 1000,
  'names of values': 2_000_000,
  'bytes of names and texts': 64 * 1024 * 1024
}

/** Most elements of one tensor or list that are decoded. */
export const ELEMENTS = 64 * 1024

/** Most elements of all tensors and lists of attributes together; later ones are left out. */
const ALL_ELEMENTS = 4 * 1024 * 1024

/** Deepest nesting of subgraphs. */
const DEPTH = 32

/** Counts what a file holds, so that a hostile file costs no more memory than a large good one. */
export class Bounds {
  readonly #counts = new Map<string, number>()
  #elements = 0

  /** @throws OnnxFault when the file holds too many */
  count (what: keyof typeof MOST, many = 1): void {
    const count = (this.#counts.get(what) ?? 0) + many
    this.#counts.set(what, count)
    if (count > MOST[what]) throw new OnnxFault(`holds more than ${MOST[what]} ${what}; export a smaller model`)
  }

  /** Counts a text, and gives it back. */
  text (text: string): string {
    this.count('bytes of names and texts', text.length)
    return text
  }

  /** Whether a list of this length is to be kept. */
  keeps (length: number): boolean {
    if (length > ELEMENTS || this.#elements + length > ALL_ELEMENTS) return false
    this.#elements += length
    return true
  }

  /** @throws OnnxFault when subgraphs are nested too deep */
  depth (depth: number): void {
    if (depth > DEPTH) throw new OnnxFault(`nests subgraphs more than ${DEPTH} deep; export it without control flow`)
  }
}
