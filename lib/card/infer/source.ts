import type { About } from '../about.ts'
import type { Contract } from '../contract.ts'
import type { ModelFiles } from '../files.ts'
import type { Graph } from '../onnx/graph.ts'

/** A card of which any part may be missing. Lists are whole or missing. */
export type PartialCard = Partial<Omit<Contract, 'input' | 'output'>> & { about?: About, input?: PartialOf<Contract['input']>, output?: PartialOf<Contract['output']> }

/** Any part of one of the types of a union. */
type PartialOf<Part> = Part extends readonly unknown[] ? Part : Part extends object ? { [Key in keyof Part]?: PartialOf<Exclude<Part[Key], undefined>> } : Part

/** What a card was given without proof, because the files do not say it. */
export interface Assumption {
  /** JSON pointer of the field of the card, such as `/input/normalisation`. */
  field: string
  /** What was assumed, for people: `mean and standard deviation of ImageNet`. */
  assumed: string
  /** Why it had to be assumed, for people. */
  because: string
  /** The lines of `card.json` that settle it: valid JSON of an object. */
  card: string
}

/** What a source may look at. */
export interface Evidence {
  files: ModelFiles
  graph: Graph
}

/** What a source found. */
export interface Finding {
  /** Where it was read, for people: `preprocessor_config.json (ViTImageProcessor)`. */
  from: string
  card: PartialCard
  assumptions?: Assumption[]
  /** Whether the graph does not say what the scores mean, so that a run of the model must settle it. */
  probe?: boolean
}

/**
 * Looks for parts of the card in one kind of file or metadata.
 *
 * @param known the parts that earlier sources have found; a later source never changes them
 * @returns null when there is nothing of its kind
 * @throws CardAmbiguous when a part has several usual meanings
 * @throws ModelInvalid when a file is malformed or contradicts the model
 */
export type Source = (evidence: Evidence, known: PartialCard) => Promise<Finding | null>
