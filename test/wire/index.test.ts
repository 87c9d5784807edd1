import t from 'tap'
import type { Signature } from '../../lib/tensor.ts'
import { wireOf } from '../../wire/index.ts'
import { Csv } from '../../wire/table/body.ts'
import { PlainText } from '../../wire/text/body.ts'
import { echoCard, smallPicture } from '../fixtures/model.ts'
import { pairs, reviews } from '../fixtures/reviews.ts'

const signature: Signature = { inputs: [{ name: 'x', dtype: 'float32', shape: [null, 2] }], outputs: [] }

t.test('a model of rows reads rows, a model of pictures reads pictures, and a model of texts reads texts', async t => {
  t.match(await wireOf(echoCard, signature).question([1, 2], 1), { items: [[1, 2]], isList: false })
  t.match(await wireOf({ ...echoCard, input: smallPicture }, signature).question(Buffer.from('a'), 1), { items: [{ name: 'the body' }], isList: false })
  t.match(await wireOf({ ...echoCard, input: reviews }, signature).question('a', 1), { items: [{ text: 'a' }], isList: false })
  t.match(await wireOf({ ...echoCard, input: { kind: 'tensors' } }, signature).question({ inputs: { x: [[1, 2]] } }, 1), { items: [{ feeds: { x: { shape: [1, 2] } } }], isList: false })
})

t.test('each says in its messages the content types that it reads', async t => {
  const [rows, pictures] = [wireOf(echoCard, signature), wireOf({ ...echoCard, input: smallPicture }, signature)]
  const tensors = wireOf({ ...echoCard, input: { kind: 'tensors' } }, signature)
  const texts = [reviews, pairs].map(input => wireOf({ ...echoCard, input }, signature))
  t.match(rows.accepted, /text\/csv/)
  t.match(pictures.accepted, /image\/\*/)
  for (const { accepted, body } of [rows, pictures, tensors, ...texts]) {
    const { content } = await body(1)
    for (const type of Object.keys(content)) t.ok(accepted.includes(type) || accepted.includes(type.replace(/\/.*/, '/*')), `${type} in ${accepted}`)
  }
})

t.test('a body that is neither JSON nor a form has a reader of its own', async t => {
  const [csv] = wireOf(echoCard, signature).parsers
  t.match(csv, { types: ['text/csv'] })
  t.match(csv?.read(Buffer.from('1,2'), 'text/csv'), new Csv(Buffer.from('1,2')))
  const [bytes] = wireOf({ ...echoCard, input: smallPicture }, signature).parsers
  const body = Buffer.from('a')
  t.equal(bytes?.read(body, 'image/png'), body)
  const [plain, table] = wireOf({ ...echoCard, input: reviews }, signature).parsers
  t.match([plain, table], [{ types: ['text/plain'] }, { types: ['text/csv'] }])
  t.match(plain?.read(body, 'text/plain; charset=latin1'), new PlainText(body, 'text/plain; charset=latin1'))
})

t.test('each says what a file of a form holds', t => {
  t.match([echoCard.input, smallPicture, { kind: 'tensors' as const }, reviews].map(input => wireOf({ ...echoCard, input }, signature).file), ['A CSV file.', /^A picture \(JPEG, /, 'A file of JSON.', 'A text file, or a CSV file with a column `text`.'])
  t.end()
})
