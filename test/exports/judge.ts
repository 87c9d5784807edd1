/** One input, and what the framework answers to it. */
export interface Case {
  /** A row of values, an object of values by column, a text or two, or `{"inputs": {name: tensor}}`. */
  input?: unknown
  /** The tokens that the framework makes of a text, with blanks between them, and their types. */
  tokens?: string
  types?: string
  /** Path of a picture, relative to the folder of exports. */
  picture?: string
  label?: string
  /** In the order of the reference's labels. */
  probabilities?: number[]
  /** Those whose own probability is at least a half. */
  labels?: string[]
  value?: number
  /** Nested lists, with all axes. */
  outputs?: Record<string, unknown>
}

/** What a framework says of one export; `make.py` writes it. */
export interface Reference {
  /** What to give to the command, relative to the folder of exports. */
  model: string
  family: string
  /** Packages and their versions. */
  made_with: Record<string, string>
  /** Kind of the answer, or `refused`. */
  expect: 'classes' | 'binary' | 'labels' | 'label' | 'value' | 'tensors' | 'refused'
  /** Largest difference of a probability; of another number also this part of the number. */
  tolerance: number
  /** A part of a card, for what the model's files do not say. */
  settledBy?: Record<string, unknown>
  /** A word of the error, for a model that must be refused. */
  reason?: string
  labels: string[] | null
  /** Whether an input has another answer in company, as with dynamic quantisation. */
  alone?: boolean
  cases: Case[]
}

/** How an answer compares with the framework's. */
export interface Judgement {
  /** What differs, one line each. Empty: the answer is the framework's. */
  faults: string[]
  isSameLabel: boolean
  /** Largest difference of a number. Infinity: a number is missing. */
  difference: number
}

/**
 * Compares the answer to one input with the framework's.
 *
 * @param answer one prediction, with as many labels in `top` as there are
 */
export function judge ({ labels, tolerance }: Reference, expected: Case, answer: unknown): Judgement {
  const faults: string[] = []
  let difference = 0
  const same = (what: string, expected: unknown, actual: unknown) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) faults.push(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
  const compare = (what: string, expected: number | undefined, actual: unknown, limit = tolerance) => {
    const distance = typeof actual === 'number' && expected !== undefined ? Math.abs(actual - expected) : Infinity
    difference = Math.max(difference, distance)
    if (!(distance <= limit)) faults.push(`${what} is ${JSON.stringify(actual)}, not ${expected}`)
  }
  const part = (expected: number) => tolerance * Math.max(1, Math.abs(expected))

  if (expected.label !== undefined) same('the label', expected.label, fieldOf(answer, 'label'))
  if (expected.labels) same('the list of labels', expected.labels.toSorted(), textsOf(listOf(fieldOf(answer, 'labels')).map(entry => fieldOf(entry, 'label'))))
  const isSameLabel = faults.length === 0
  if (expected.probabilities) {
    const top = listOf(fieldOf(answer, 'top'))
    same('the number of labels in top', labels?.length, top.length)
    for (const [index, probability] of expected.probabilities.entries()) {
      const ranked = top.find(entry => fieldOf(entry, 'index') === index)
      same(`the label of index ${index}`, labels?.[index], fieldOf(ranked, 'label'))
      compare(`the probability of index ${index}`, probability, fieldOf(ranked, 'probability'))
    }
    // By the index: a label may be there twice.
    const index = fieldOf(answer, 'index')
    const at = typeof index === 'number' ? index : -1
    same('the label of the index', fieldOf(answer, 'label'), labels?.[at])
    compare('the probability', expected.probabilities[at], fieldOf(answer, 'probability'))
  } else if (expected.label !== undefined) {
    same('the probability', undefined, fieldOf(answer, 'probability'))
  }
  if (expected.value !== undefined) compare('the value', expected.value, fieldOf(answer, 'value'), part(expected.value))
  for (const [name, tensor] of Object.entries(expected.outputs ?? {})) {
    const actual = fieldOf(fieldOf(answer, 'outputs'), name)
    same(`the shape of '${name}'`, shapeOf(tensor), shapeOf(actual))
    const numbers = numbersOf(actual)
    for (const [at, number] of numbersOf(tensor).entries()) compare(`number ${at} of '${name}'`, number, numbers[at], part(number))
  }
  return { faults, isSameLabel, difference }
}

/** The predictions of an answer to several inputs. */
export function predictionsOf (answer: unknown): unknown[] {
  return listOf(fieldOf(answer, 'predictions'))
}

/** A field of JSON, or undefined. */
export function fieldOf (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined
}

function listOf (value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf (value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).toSorted() : value
}

function numbersOf (tensor: unknown): number[] {
  return listOf(tensor).flatMap(value => Array.isArray(value) ? numbersOf(value) : typeof value === 'number' ? [value] : [NaN])
}

function shapeOf (tensor: unknown): number[] {
  return Array.isArray(tensor) ? [tensor.length, ...shapeOf(tensor[0])] : []
}
