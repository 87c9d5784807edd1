import t from 'tap'
import { render } from '../../wire/markdown.ts'
import { sectionsOf } from '../../wire/sections.ts'

const read = async (markdown: string) => sectionsOf((await render(markdown, { link: () => null, picture: path => path })).html)

t.test('a document is cut at its headings, and each part has the anchor that leads to it', async t => {
  t.same(await read('# Errors\n\nFirst.\n\n## When it *starts*\n\nSecond\nline.\n'), [
    { id: 'errors', heading: 'Errors', text: 'First.' },
    { id: 'when-it-starts', heading: 'When it starts', text: 'Second line.' }
  ])
})

t.test('cells, items and lines of code stay apart; a coloured word of code stays one word', async t => {
  const [section] = await read('# T\n\n| a | b |\n|---|---|\n| `MAX_BATCH` | 8 |\n\n- one\n- two\n\n```sh\nnpm start # go\n```\n')
  t.equal(section?.text, 'a b MAX_BATCH 8 one two npm start # go')
})

t.test('characters are as they were written', async t => {
  const [section] = await read('# A & B\n\n1 < 2 & "three" isn\'t `<b>`\n')
  t.same(section, { id: 'a--b', heading: 'A & B', text: '1 < 2 & "three" isn\'t <b>' })
})

t.test('a part has at most 8000 characters', async t => {
  t.equal((await read(`# Long\n\n${'word '.repeat(2000)}\n`))[0]?.text.length, 8000)
})

t.test('what has no heading has no part', async t => {
  t.same(await read('Only text.\n'), [])
})
