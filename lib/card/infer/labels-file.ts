/** The labels of a file, in the order of the classes. */
export interface LabelList {
  labels: string[]
}

/**
 * Reads labels in the usual shapes. The text of a label is kept as it is, but for blanks around it.
 *
 * - text: one label in each line. The numbers of Teachable Machine (`0 Rock`) and the identifiers of WordNet
 *   (`n01440764 tench`) are left out if every line has its own.
 * - json: `["ant"]`, `{"0": "ant"}`, `{"0": ["n01440764", "tench"]}` (ImageNet's class index: the second is the label),
 *   `{"ant": 0}`, or one of these as `labels`, `class_names`, `classes` or `id2label` of an object
 *
 * @returns null when the text is none of these
 */
export function parseLabels (text: string, shape: 'text' | 'json'): LabelList | null {
  const labels = shape === 'text' ? fromLines(text) : fromJson(text)
  return labels && labels.length > 0 && labels.every(label => label !== '') ? { labels } : null
}

function fromLines (text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').trimEnd().split(/\r\n|\r|\n/).map(line => line.trim())
  const numbered = lines.map(line => /^(\d+)[\s:]+(.+)$/.exec(line))
  if (numbered.every((match, at) => match && Number(match[1]) === at)) return numbered.map(match => match?.[2] ?? '')
  const identified = lines.map(line => /^n\d{8}\s+(.+)$/.exec(line))
  if (identified.every(match => match)) return identified.map(match => match?.[1] ?? '')
  return lines
}

function fromJson (text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return fromValue(value, true)
  } catch {
    return null
  }
}

function fromValue (value: unknown, mayNest: boolean): string[] | null {
  if (Array.isArray(value)) return textsOf(value)
  if (!(value instanceof Object)) return null
  const entries = Object.entries(value)
  if (mayNest) {
    const inner = entries.find(([key]) => ['labels', 'class_names', 'classes', 'id2label'].includes(key))
    if (inner && inner[1] instanceof Object) return fromValue(inner[1], false)
  }
  return inOrder(entries.map(([key, label]) => [/^\d+$/.test(key) ? Number(key) : NaN, label])) ?? inOrder(entries.map(([key, index]) => [index, key]))
}

/** The labels by their indices, which must be 0, 1, 2 and so on without a gap. */
function inOrder (entries: Array<[index: unknown, label: unknown]>): string[] | null {
  const labels = new Map(entries)
  const ordered = entries.map((_, index) => labels.get(index))
  return labels.size === entries.length && entries.every((_, index) => labels.has(index)) ? textsOf(ordered) : null
}

function textsOf (values: unknown[]): string[] | null {
  const texts = values.map(value => Array.isArray(value) ? value[1] : value)
  return texts.every(text => ['string', 'number', 'boolean'].includes(typeof text)) ? texts.map(text => String(text).trim()) : null
}
