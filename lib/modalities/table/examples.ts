import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Example } from '../modality.ts'
import { columnFromCsv, rowsFromCsv } from './csv.ts'
import type { TableInput } from './input.ts'

/**
 * Reads the labelled rows of a data set: a CSV with a header. The label is in the column with the name of the card's label
 * key, or in the column `label`. It is a label of the card or its index.
 *
 * @param path CSV file, or a folder with `test.csv`
 * @throws Error when the file cannot be read, has no column for the label, or has an unknown label
 */
export async function findExamples (path: string, labels: readonly string[], labelKey: string, input: TableInput): Promise<Example[]> {
  const file = (await stat(path)).isDirectory() ? join(path, 'test.csv') : path
  const bytes = await readFile(file)
  const { rows, header } = await rowsFromCsv(bytes, input)
  const truths = header && await columnFromCsv(bytes, input, [labelKey, 'label'])
  if (!truths) throw new Error(`${file} needs a header with a column '${labelKey}' or 'label'`)
  return rows.map((row, at) => {
    const label = truths[at] ?? ''
    const truth = labels.includes(label) ? labels.indexOf(label) : /^\d+$/.test(label) ? Number(label) : -1
    if (truth < 0 || truth >= labels.length) throw new Error(`row ${at + 1} of ${file} has the unknown label '${label}'`)
    return { truth, read: async () => row }
  })
}
