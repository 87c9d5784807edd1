import type { Card } from '../lib/card/card.ts'
import { quoted } from '../lib/modalities/csv.ts'
import type { Ranked } from '../lib/output/classify.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { tensorsText } from '../lib/output/text.ts'
import { withoutControls } from '../lib/summary.ts'

/** How answers are printed. */
export type Format = 'table' | 'json' | 'csv'

/** Prints answers. */
export interface Printer {
  /** What comes before the first answer: a header, or nothing. */
  head: string
  /** The answer to an input, as a line with its end. */
  line: (name: string, prediction: Prediction) => Promise<string>
}

/** How wide the columns of a table may be, in characters. */
const LABEL_WIDTH = 40
const NAME_WIDTH = 24

/** A number between two columns of a table is so wide. */
const GAP = '  '

/** What a table is made for. */
export interface Page {
  /** Width of the terminal, in characters; infinite for a file. */
  columns: number
  /** The names of the inputs. A row of a file adds its number. */
  names: readonly string[]
}

/** Makes what prints the answers of a model in a format. */
export function printerOf (format: Format, card: Pick<Card, 'output' | 'labels'>, topK: number, page: Page): Printer {
  switch (format) {
    case 'json': return { head: '', line: async (name, prediction) => `${await jsonOf(name, prediction, topK)}\n` }
    case 'csv': return { head: `${csvTitles(card, topK).join()}\n`, line: async (name, prediction) => `${(await csvFields(name, prediction)).map(field => quoted(field, ',')).join()}\n` }
    case 'table': return tableFor(card, topK, page)
  }
}

async function jsonOf (file: string, prediction: Prediction, topK: number): Promise<string> {
  switch (prediction.kind) {
    case 'classes': {
      const { first: { label, probability, index }, top } = prediction
      return JSON.stringify({ file, label, probability, index, ...topK > 1 && { top } })
    }
    case 'labels': return JSON.stringify({ file, labels: prediction.labels, top: prediction.top })
    case 'label': return JSON.stringify({ file, label: prediction.label, ...prediction.index !== null && { index: prediction.index } })
    case 'value': return JSON.stringify({ file, value: prediction.value })
    case 'tensors': return `{"file":${JSON.stringify(file)},"outputs":${await tensorsText(prediction.outputs)}}`
  }
}

function csvTitles ({ output, labels }: Pick<Card, 'output' | 'labels'>, topK: number): string[] {
  const ranks = Array.from({ length: Math.max(1, Math.min(topK, labels.length)) }, (_, at) => at === 0 ? '' : `_${at + 1}`)
  const ranked = ranks.flatMap(rank => [`label${rank}`, `probability${rank}`])
  switch (output.kind) {
    case 'classes':
    case 'binary': return ['file', ...ranked]
    case 'labels': return ['file', 'labels', ...ranked]
    case 'label': return ['file', 'label']
    case 'value': return ['file', 'value']
    case 'tensors': return ['file', 'outputs']
  }
}

async function csvFields (name: string, prediction: Prediction): Promise<string[]> {
  const ranked = (top: readonly Ranked[]) => top.flatMap(({ label, probability }) => [label, String(probability)])
  switch (prediction.kind) {
    case 'classes': return [name, ...ranked(prediction.top)]
    case 'labels': return [name, prediction.labels.map(({ label }) => label).join(';'), ...ranked(prediction.top)]
    case 'label': return [name, prediction.label]
    case 'value': return [name, String(prediction.value)]
    case 'tensors': return [name, await tensorsText(prediction.outputs)]
  }
}

/** A table whose columns are as wide as the model's labels and the names of the inputs ask for, since answers come one after the other. */
function tableFor ({ output: { kind }, labels }: Pick<Card, 'output' | 'labels'>, topK: number, { columns, names }: Page): Printer {
  const nameWidth = Math.min(Math.max(4, ...names.map(name => name.length)), Math.max(NAME_WIDTH, Math.floor(columns / 2)))
  const labelWidth = Math.min(Math.max(5, ...labels.map(label => label.length)), LABEL_WIDTH)
  const row = (name: string, ...fields: string[]) => `${[tail(name, nameWidth).padEnd(nameWidth), ...fields].join(GAP).trimEnd()}\n`
  const text = (label: string) => head(withoutControls(label), labelWidth).padEnd(labelWidth)
  const rest = Math.max(NAME_WIDTH, columns - nameWidth - GAP.length - 1)
  const line = async (name: string, prediction: Prediction) => {
    switch (prediction.kind) {
      case 'classes': {
        const { first, top: [, ...others] } = prediction
        return row(name, text(first.label), percent(first.probability).padStart(PERCENT.length), list(others))
      }
      case 'labels': return row(name, prediction.labels.length > 0 ? list(prediction.labels) : `no label; nearest: ${list(prediction.top)}`)
      case 'label': return row(name, text(prediction.label))
      case 'value': return row(name, String(prediction.value))
      case 'tensors': return row(name, head(await tensorsText(prediction.outputs), rest))
    }
  }
  switch (kind) {
    case 'classes':
    case 'binary': return { head: row('file', text('label'), PERCENT, topK > 1 ? 'next' : ''), line }
    case 'labels': return { head: row('file', 'labels'), line }
    case 'label': return { head: row('file', 'label'), line }
    case 'value': return { head: row('file', 'value'), line }
    case 'tensors': return { head: row('file', 'outputs'), line }
  }
}

const PERCENT = 'probability'

function list (ranked: readonly Ranked[]): string {
  return ranked.map(({ label, probability }) => `${withoutControls(label)} ${percent(probability)}`).join(', ')
}

function percent (probability: number): string {
  return `${(probability * 100).toFixed(1)} %`
}

/** A text without its end, if it is longer than the column. */
function head (text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

/** A path without its beginning, if it is longer than the column: the names of files are at its end. */
function tail (path: string, width: number): string {
  const text = withoutControls(path)
  return text.length <= width ? text : `…${text.slice(1 - width)}`
}
