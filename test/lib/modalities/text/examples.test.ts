import { join } from 'node:path'
import t from 'tap'
import { findExamples } from '../../../../lib/modalities/text/examples.ts'
import { folderOf } from '../../../fixtures/graph.ts'

const LABELS = ['bad', 'good']

async function read (path: string, labels: readonly string[] = LABELS): Promise<unknown[]> {
  const examples = await findExamples(path, labels, 'mood')
  return await Promise.all(examples.map(async ({ truth, read }) => [truth, await read()]))
}

t.test('a CSV file has a text and a label in each row', async t => {
  const folder = folderOf(t, {
    'test.csv': 'mood,text\ngood,"fine, thanks"\n0,no\n',
    'pairs.tsv': 'text\ttext_pair\tlabel\na\tb\tgood\n',
    'numbers.csv': 'text,label\na,1.5\n',
    'none.csv': 'words,label\na,good\n',
    'unlabelled.csv': 'text\na\n',
    'wrong.csv': 'text,label\na,ugly\n',
    'empty.csv': 'text,label\n'
  })
  t.same(await read(folder), [[1, { text: 'fine, thanks' }], [0, { text: 'no' }]])
  t.same(await read(join(folder, 'pairs.tsv')), [[1, { text: 'a', pair: 'b' }]])
  t.same(await read(join(folder, 'numbers.csv'), []), [[1.5, { text: 'a' }]])
  await t.rejects(read(join(folder, 'none.csv')), { message: /needs a header with a column 'text'/ })
  await t.rejects(read(join(folder, 'unlabelled.csv')), { message: /needs a header with a column 'mood' or 'label'/ })
  await t.rejects(read(join(folder, 'wrong.csv')), { message: /row 1 of .* has the unknown label 'ugly'/ })
  await t.rejects(read(join(folder, 'wrong.csv'), []), { message: /has 'ugly' as its mood, which is no number/ })
  await t.rejects(read(join(folder, 'empty.csv')), { message: /has no rows/ })
})

t.test('a folder has a folder of texts for each label', async t => {
  t.same(await read(folderOf(t, { 'good/b.txt': 'fine', 'good/a.txt': 'well', 'bad/a.txt': 'no', 'bad/notes.md': 'x' })), [[0, { text: 'no' }], [1, { text: 'well' }], [1, { text: 'fine' }]])
  await t.rejects(read(folderOf(t, { 'ugly/a.txt': 'x' })), { message: /named after no label/ })
  await t.rejects(read(folderOf(t, { 'a.txt': 'x' })), { message: /neither test.csv nor a folder/ })
})
