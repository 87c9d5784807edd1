import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { checkCard, parseCard, readCard } from '../../../lib/card/card.ts'
import { findFiles } from '../../../lib/card/files.ts'
import type { PartialCard } from '../../../lib/card/infer/source.ts'
import { projectFile } from '../../../lib/project.ts'
import { exportedFolder, network } from '../../fixtures/exported.ts'

const read = async (card: unknown) => await parseCard(typeof card === 'string' ? card : JSON.stringify(card), 'card.json')
const whole: PartialCard = {
  name: 'm', version: '1', labelKey: 'label', labels: ['a', 'b'], input: { kind: 'table', tensor: 'x', features: [{ name: 'a' }] }, output: { kind: 'classes', tensor: 'y', activation: 'none' }
}

t.test('a card may hold any part of one, or be missing', async t => {
  const folder = exportedFolder(t, network, { 'card.json': { $schema: '../card.schema.json', labels: ['a', 'b', 'c'] } })
  t.same(await readCard(await findFiles(folder)), { labels: ['a', 'b', 'c'] })
  t.same(await readCard(await findFiles(exportedFolder(t, network))), {})
  for (const card of [{}, { output: { kind: 'tensors' } }, { input: { kind: 'table' } }, { output: { activation: 'softmax' } }, { input: { resize: { fit: 'stretch' } } }]) t.same(await read(card), card)
})

t.test('a card may hold comments', async t => {
  t.same(await read('{\n  // assumed\n  "name": "m" /* the folder\'s */\n}'), { name: 'm' })
})

t.test('the embedded cards read', async t => {
  t.match(await read(await readFile(projectFile('models/tensorfood/card.json'), 'utf8')), { labelKey: 'food', labels: { length: 25 }, input: { resize: { fit: 'cover' } } })
})

t.test('a wrong card is refused, naming the file and the field', async t => {
  const wrong: Array<[card: unknown, message: RegExp]> = [
    ['{', /^card\.json: is not JSON: /],
    ['[]', /a card is an object/],
    [{ labels: 'ant' }, /\/labels must be array/],
    [{ label: ['ant'] }, /\/label is not a field of a card/],
    [{ labelKey: 'probability' }, /\/labelKey must match/],
    [{ input: 'image' }, /\/input must be an object/],
    [{ input: { kind: 'sound' } }, /\/input\/kind must be one of image, table, text, tensors/],
    [{ input: { kind: 'image', widht: 64 } }, /\/input\/widht is not a field of a card/],
    [{ input: { kind: 'image', width: '64' } }, /\/input\/width must be integer/],
    [{ output: { kind: 'labels', tensor: 'y', activation: 'softmax' } }, /\/output\/activation must be one of none,sigmoid/]
  ]
  for (const [card, message] of wrong) await t.rejects(read(card), { code: 'SRV_CARD_INVALID', message }, JSON.stringify(card))
})

t.test('an error is that of the kind that the card names, or else of the one that it is most like', async t => {
  await t.rejects(read({ input: { features: [{ name: 'a', minimum: 1 }] } }), { message: 'card.json: /input/features/0/minimum is not a field of a card' })
  await t.rejects(read({ input: { layout: 'HWC' } }), { message: 'card.json: /input/layout must be one of NHWC,NCHW' })
  await t.rejects(read({ output: { treshold: 0.5 } }), { message: 'card.json: /output/treshold is not a field of a card' })
})

t.test('all faults are named at once', async t => {
  const card = { nam: 'm', labels: [1], input: { kind: 'image', width: 0, colour: 'blue' }, output: { kind: 'value', activation: 'none' } }
  await t.rejects(read(card), {
    message: 'card.json: /nam is not a field of a card; /labels/0 must be string; /input/width must be >= 1; /input/colour must be one of rgb,bgr,grey; /output/activation is not a field of a card'
  })
})

t.test('a whole card has all the fields of its kinds', async t => {
  t.same(checkCard(whole, 'card.json'), whole)
  t.throws(() => checkCard({ ...whole, output: { kind: 'classes' } }, join('m', 'card.json')), { code: 'SRV_CARD_INVALID', message: 'm/card.json: /output/tensor is missing; /output/activation is missing' })
  const { labels, output, ...rest } = whole
  t.ok(labels && output)
  t.throws(() => checkCard(rest, 'card.json'), { message: 'card.json: /output is missing; /labels is missing' })
})

t.test('what the schema cannot say is checked too', async t => {
  t.throws(() => checkCard({
    ...whole, input: { kind: 'image', tensor: 'x', type: 'uint8', layout: 'NHWC', width: 8, height: 8, colour: 'rgb', resize: { fit: 'cover', filter: 'bilinear' }, background: '#ffffff', normalisation: { mean: [0.5], std: [0.5] } }
  }, 'card.json'), { code: 'SRV_CARD_INVALID', message: /\/input/ })
})
