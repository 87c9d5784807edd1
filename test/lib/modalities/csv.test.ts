import t from 'tap'
import { columnsToCsv, delimiterOf, eachRecord, toCsv } from '../../../lib/modalities/csv.ts'
import { turnsOf } from '../../turns.ts'

async function recordsOf (file: string | Uint8Array, { delimiter = ',', limitBytes = 1000, limit = Infinity } = {}): Promise<Array<[string[], string]>> {
  const records: Array<[string[], string]> = []
  await eachRecord(Buffer.from(file), { delimiter, limitBytes, limit }, (fields, text) => { records.push([fields, text]) })
  return records
}

t.test('each record has its fields, and the text that they came from', async t => {
  t.same(await recordsOf('a,b\r\n"c, ""d""",e\r\n\r\n , \r\nf'), [[['a', 'b'], 'a,b'], [['c, "d"', 'e'], '"c, ""d""",e'], [['f'], 'f']], 'without those that have no text')
  t.same(await recordsOf(Buffer.from('\ufeffé;b', 'utf16le'), { delimiter: ';' }), [[['é', 'b'], 'é;b']])
})

t.test('the delimiter is the one that the first line has most of, outside of quotes', t => {
  for (const [text, delimiter] of [['a,b;c,d', ','], ['\n \na;b\nc,d,e', ';'], ['a\tb', '\t'], ['a|"b,c,d"', '|'], ['1,5;-2,5e3', ';'], ['1,5,2;3', ','], ['text\na;b', ','], ['', ',']] as const) t.equal(delimiterOf(Buffer.from(text)), delimiter, text)
  t.end()
})

t.test('what is too much or no CSV is refused', async t => {
  t.equal((await recordsOf('a\nb\nc', { limit: 2 })).length, 3, 'the first one is not counted')
  await t.rejects(recordsOf('a\nb\nc\nd', { limit: 2 }), { code: 'SRV_TOO_MANY_INPUTS' })
  await t.rejects(recordsOf(`a\n${'b'.repeat(2000)}`), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX', message: /a record of the CSV is longer than 1000 bytes/ })
  await t.rejects(recordsOf('a\n"b'), { statusCode: 400, code: 'SRV_BODY_MALFORMED' })
  await t.rejects(recordsOf(Buffer.from('\xe9', 'latin1')), { statusCode: 400, message: /not UTF-8/ })
})

t.test('additional columns stand at the end, quoted where they must be', async t => {
  t.equal(await toCsv({ header: ['a'], records: ['a', '"b"'], delimiter: ';' }, ['c', 'd'], [['x;y'], [0.5]]), 'a;c;d\n"b";"x;y";0.5\n')
  t.equal(await toCsv({ header: null, records: ['1,5'], delimiter: ';', hasDecimalCommas: true }, ['c', 'd'], [['0.5'], [0.25]]), '1,5;0.5;0,25\n', 'numbers as those of the file')
  t.equal(await toCsv({ header: null, records: ['b'], delimiter: ',' }, ['c'], [['say "x"']]), 'b,"say ""x"""\n')
})

t.test('a long file leaves the event loop free', async t => {
  t.ok(await turnsOf(() => recordsOf('abcdefg\n'.repeat(20_000))) >= 8)
  const records = Array.from({ length: 20_000 }, () => 'abcdefg')
  t.ok(await turnsOf(() => toCsv({ header: null, records, delimiter: ',' }, ['c'], [records])) >= 3)
})

t.test('columns alone are written with a header, and quoted where they need it', async t => {
  t.equal(await columnsToCsv(['label', 'probability'], [['a', 'b,"c"'], [0.5, 1]]), 'label,probability\na,0.5\n"b,""c""",1\n')
})
