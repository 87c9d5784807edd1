import { TextUnusable, TooManyInputs } from '../../errors.ts'
import { delimiterOf, eachRecord, type Table } from '../csv.ts'
import { RowFaults } from '../row-faults.ts'
import { PAIR, TEXT, type TextInput, type TextItem } from './input.ts'

/** How many bytes a record may have: the text of a higher TEXT_LIMIT may have a million, and more with its quotes. */
const RECORD_LIMIT_BYTES = 4 * 1024 * 1024

/**
 * Reads the texts of a CSV file: its column `text`, and `text_pair` if there is one and the model takes two texts. The first
 * line names the columns; other columns are ignored. An empty field is an empty text, and a line without any text is none.
 *
 * @param limit largest number of texts
 * @throws TextUnusable that names the first faulty row, with `faults` of all of them
 * @throws BodyMalformed, BodyTooComplex, TooManyInputs as eachRecord
 */
export async function textsFromCsv (file: Uint8Array, { tokenizer }: TextInput, limit = Infinity): Promise<{ items: TextItem[], table: Table }> {
  const items: TextItem[] = []
  const table: Table & { header: string[] } = { header: [], records: [], delimiter: delimiterOf(file) }
  let at = -1
  let pairAt = -1
  let row = 0
  const faults = new RowFaults()
  await eachRecord(file, { delimiter: table.delimiter, limitBytes: RECORD_LIMIT_BYTES, limit }, (fields, record) => {
    table.records.push(record)
    if (table.records.length === 1) {
      table.header = fields.map(title => title.trim())
      at = placeOf(TEXT, table.header)
      if (at < 0) throw new TextUnusable(`the CSV's header lacks '${TEXT}'; its first line must name the columns, and one of them '${TEXT}'.`)
      if (tokenizer) pairAt = placeOf(PAIR, table.header)
      return
    }
    if (row++ === limit) throw new TooManyInputs(limit)
    const { length } = table.header
    if (fields.length !== length) faults.add(row, new TextUnusable(`row ${row} has ${fields.length} values; the header has ${length}. A text with a delimiter or a line break must be in double quotes.`))
    else items.push({ text: fields[at] ?? '', ...pairAt >= 0 && { pair: fields[pairAt] } })
  })
  faults.check()
  return { items, table }
}

/** The place of a column; -1 if there is none. */
function placeOf (name: string, header: string[]): number {
  const place = header.indexOf(name)
  if (header.lastIndexOf(name) !== place) throw new TextUnusable(`the CSV's header has '${name}' twice.`)
  return place
}
