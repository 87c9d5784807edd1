import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readCard } from '../../../lib/card/card.ts'

const text = await readFile(new URL('../../../models/tensorfood/card.json', import.meta.url), 'utf8')

t.test('the embedded card reads', async t => {
  const card = await readCard(new URL('../../../models/tensorfood', import.meta.url).pathname)
  t.equal(card.labelKey, 'food')
  t.equal(card.labels.length, 25)
  t.match(card.input, { kind: 'image', width: 64, height: 64 })
})

t.test('a card that is wrong is refused, naming the file and the field', async t => {
  const wrong: Array<[string, (card: ReturnType<typeof JSON.parse>) => void, RegExp]> = [
    ['not JSON', () => {}, /card\.json: .*JSON/],
    ['a missing field', card => { delete card.labels }, /labels/],
    ['a wrong type', card => { card.input.width = '64' }, /\/input\/width/],
    ['an unknown field', card => { card.input.widht = 64 }, /\/input\/widht is not a field/],
    ['one label twice', card => { card.labels[1] = card.labels[0] }, /\/labels/],
    ['a label key that the answer already has', card => { card.labelKey = 'probability' }, /\/labelKey/],
    ['what the schema cannot say', card => { card.input.normalisation = { mean: [0], std: [1] } }, /card\.json: \/input: 'normalisation' is for type float32 and float16/]
  ]
  for (const [name, change, message] of wrong) {
    const card = JSON.parse(text)
    change(card)
    const folder = t.testdir({ 'card.json': name === 'not JSON' ? '{' : JSON.stringify(card) })
    await t.rejects(readCard(folder), { code: 'SRV_CARD_INVALID', message }, name)
  }
})
