import { parse } from 'csv-parse/sync'
import { TextUnusable, TooManyInputs } from '../../errors.ts'
import type { Table } from '../table/csv.ts'
import type { TextInput, TextItem } from './input.ts'

export async function textsFromCsv (file: Uint8Array, _input: TextInput, limit = Infinity): Promise<{ items: TextItem[], table: Table }> {
  const records: Array<{ record: string[], raw: string }> = parse(Buffer.from(file), { raw: true, bom: true, skip_empty_lines: true }) as never
  const [first, ...others] = records
  const header = first?.record ?? []
  const at = header.indexOf('text')
  const pairAt = header.indexOf('text_pair')
  if (at < 0) throw new TextUnusable("the CSV's header lacks 'text'; the first line must name the columns.")
  if (others.length > limit) throw new TooManyInputs(limit)
  const items = others.map(({ record }) => ({ text: record[at] ?? '', ...pairAt >= 0 && { pair: record[pairAt] ?? '' } }))
  return { items, table: { rows: [], header, records: records.map(({ raw }) => raw.replace(/^[\r\n]+|[\r\n]+$/g, '')), delimiter: ',' } }
}
