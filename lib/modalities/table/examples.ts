import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Example } from '../modality.ts'
import { columnFromCsv, rowsFromCsv } from './csv.ts'
import type { TableInput } from './input.ts'
import { toNumber } from './values.ts'

/**
 * Reads the labelled rows of a data set: a CSV with a header. The label is in the column with the name of the card's label
 * key, or in the column `label`. It is a label of the card or its index; for a model without labels, it is a number.
 *
 * @param path CSV file, or a folder with `test.csv`
 * @throws Error when the file cannot be read, has no column for the label, or has an unknown label
 */
export async function findExamples (path: string, labels: readonly string[], labelKey: string, input: TableInput): Promise<Example[]> {
  const file = (await stat(path)).isDirectory() ? join(path, 'test.csv') : path
  const bytes = await readFile(file)
  const { rows, header, hasDecimalCommas } = await rowsFromCsv(bytes, input)
  const truths = header && await columnFromCsv(bytes, input, [labelKey, 'label'])
  if (!truths) throw new Error(`${file} needs a header with a column '${labelKey}' or 'label'`)
  return rows.map((row, at) => {
    const text = truths[at] ?? ''
    const truth = labels.length === 0 ? toNumber(hasDecimalCommas ? text.replace(',', '.') : text) : indexOf(text, labels)
    if (truth === undefined) throw new Error(`row ${at + 1} of ${file} has ${labels.length === 0 ? `'${text}' as its ${labelKey}, which is no number` : `the unknown label '${text}'`}`)
    return { truth, read: async () => row }
  })
}

function indexOf (text: string, labels: readonly string[]): number | undefined {
  if (labels.includes(text)) return labels.indexOf(text)
  return /^\d+$/.test(text) && Number(text) < labels.length ? Number(text) : undefined
}
