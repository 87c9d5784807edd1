import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { delimiterOf, eachRecord } from '../csv.ts'
import type { Example } from '../modality.ts'
import { PAIR, TEXT, type TextItem } from './input.ts'

/** The column of the label, unless it has the name of the card's label key. */
const LABEL = 'label'

/** Longest record of a CSV file. */
const RECORD_LIMIT_BYTES = 16 * 1024 * 1024

/**
 * Reads the labelled texts of a data set: a CSV or TSV file with a header, or a folder that has a folder of `.txt` files for
 * each label. In a CSV file, the columns are `text`, `text_pair` for a second text, and the name of the card's label key or
 * `label`. A label is one of the card or its index; for a model without labels, it is a number.
 *
 * @param path the file, a folder with `test.csv`, or a folder of folders
 * @throws Error when the data set cannot be read, lacks a column, or has an unknown label
 */
export async function findExamples (path: string, labels: readonly string[], labelKey: string): Promise<Example[]> {
  if (!(await stat(path)).isDirectory()) return await fromCsv(path, labels, labelKey)
  const names = await readdir(path)
  return names.includes('test.csv') ? await fromCsv(join(path, 'test.csv'), labels, labelKey) : await fromFolders(path, labels)
}

async function fromFolders (path: string, labels: readonly string[]): Promise<Example[]> {
  const examples: Example[] = []
  for (const folder of (await readdir(path, { withFileTypes: true })).filter(entry => entry.isDirectory())) {
    const truth = labels.indexOf(folder.name)
    if (truth < 0) throw new Error(`${join(path, folder.name)} is named after no label of the model; its labels are ${labels.slice(0, 10).join(', ')}`)
    for (const name of (await readdir(join(path, folder.name))).filter(name => name.endsWith('.txt')).sort()) {
      examples.push({ truth, read: async () => ({ text: await readFile(join(path, folder.name, name), 'utf8') }) })
    }
  }
  if (examples.length === 0) throw new Error(`${path} holds neither test.csv nor a folder of .txt files for each label`)
  return examples
}

async function fromCsv (file: string, labels: readonly string[], labelKey: string): Promise<Example[]> {
  const bytes = await readFile(file)
  const examples: Example[] = []
  let header: string[] | null = null
  await eachRecord(bytes, { delimiter: delimiterOf(bytes), limitBytes: RECORD_LIMIT_BYTES, limit: Infinity }, fields => {
    if (!header) {
      header = fields.map(title => title.trim())
      if (!header.includes(TEXT)) throw new Error(`${file} needs a header with a column '${TEXT}'`)
      if (!header.includes(labelKey) && !header.includes(LABEL)) throw new Error(`${file} needs a header with a column '${labelKey}' or 'label'`)
      return
    }
    const value = (title: string) => fields[header?.indexOf(title) ?? -1]
    const label = value(header.includes(labelKey) ? labelKey : LABEL)?.trim() ?? ''
    const truth = labels.length === 0 ? numberIn(label) : indexOf(label, labels)
    if (truth === undefined) throw new Error(`row ${examples.length + 1} of ${file} has ${labels.length === 0 ? `'${label}' as its ${labelKey}, which is no number` : `the unknown label '${label}'`}`)
    const [text, pair] = [value(TEXT) ?? '', value(PAIR)]
    const item: TextItem = pair === undefined ? { text } : { text, pair }
    examples.push({ truth, read: async () => item })
  })
  if (examples.length === 0) throw new Error(`${file} has no rows`)
  return examples
}

function indexOf (text: string, labels: readonly string[]): number | undefined {
  if (labels.includes(text)) return labels.indexOf(text)
  return /^\d+$/.test(text) && Number(text) < labels.length ? Number(text) : undefined
}

function numberIn (text: string): number | undefined {
  const number = Number(text)
  return text === '' || !Number.isFinite(number) ? undefined : number
}
