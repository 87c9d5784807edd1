import type { Assumption, PartialCard } from './infer/source.ts'

type Features = Array<Record<string, unknown>>

/**
 * Adds what a later source found to the parts that earlier ones have found. What is there already stays: fields, and
 * whole lists. `input` and `output` are merged field by field if both are of the same kind; of another kind, the later
 * part is left out.
 *
 * The features of a table are one list, and yet a card may give their names alone: they are completed one by one, by
 * their names, else by their places.
 */
export function merge (earlier: PartialCard, later: PartialCard): PartialCard {
  const input = mergePart(earlier.input, later.input)
  const output = mergePart(earlier.output, later.output)
  return { ...later, ...earlier, ...input && { input }, ...output && { output } }
}

function mergePart<Part extends { kind?: string }> (own: Part | undefined, found: Part | undefined): Part | undefined {
  if (!own || !found) return own ?? found
  return own.kind !== undefined && found.kind !== undefined && own.kind !== found.kind ? own : mergeObjects(own, found)
}

/** Deep merge of objects: what the first has stays. */
function mergeObjects<Part extends object> (earlier: Part, later: object): Part {
  const own = new Map<string, unknown>(Object.entries(earlier))
  const added: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(later)) {
    const stays = own.get(key)
    // How long the shorter side is belongs to the way of fitting: a way without it means the side of the input.
    if (stays === undefined && !(key === 'shorterSide' && own.has('fit'))) added[key] = value
    else if (key === 'features' && isFeatures(stays) && isFeatures(value)) added[key] = completed(stays, value)
    else if (isObject(stays) && isObject(value)) added[key] = mergeObjects(stays, value)
  }
  return Object.assign({}, earlier, added)
}

/** The features with what is missing. Does nothing if the number of features differs. */
function completed (own: Features, found: Features): Features {
  if (own.length !== found.length) return own
  const byName = new Map(found.map(feature => [feature['name'], feature]))
  const areNamed = own.every(({ name }) => byName.has(name))
  return own.map((feature, at) => {
    const other = (areNamed ? byName.get(feature['name']) : found[at]) ?? {}
    // A range has two ends, and an example lies in it: parts of two sources could contradict each other.
    const groups = [['min', 'max', 'example'], ['values', 'others', 'example']]
    const left = new Set(groups.filter(group => group.slice(0, 2).some(key => key in feature)).flat())
    if (isOutside(feature['example'], other)) left.add('min').add('max').add('values').add('others')
    return { ...Object.fromEntries(Object.entries(other).filter(([key]) => !left.has(key))), ...feature }
  })
}

/** Whether an example is none of the values, or not in the range. */
function isOutside (example: unknown, { min, max, values }: Record<string, unknown>): boolean {
  if (example === undefined) return false
  if (Array.isArray(values)) return !values.includes(example)
  return typeof min === 'number' && typeof max === 'number' && typeof example === 'number' && (example < min || example > max)
}

function isFeatures (value: unknown): value is Features {
  return Array.isArray(value) && value.every(isObject)
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The assumptions about fields that a card leaves open. What a card says needs none. */
export function openIn (card: PartialCard, assumptions: readonly Assumption[]): Assumption[] {
  return assumptions.filter(({ field }) => !isSet(card, field.split('/').slice(1)))
}

function isSet (value: unknown, [key, ...rest]: string[]): boolean {
  if (key === undefined) return value !== undefined
  if (Array.isArray(value)) return isSet(value[Number(key)], rest)
  return isObject(value) && key in value && isSet(value[key], rest)
}
