import t from 'tap'
import { wireOf } from '../../wire/index.ts'
import { Csv } from '../../wire/table/body.ts'
import { echoCard, smallPicture } from '../fixtures/model.ts'

t.test('a model of rows reads rows, and a model of pictures reads pictures', async t => {
  t.match(await wireOf(echoCard).question([1, 2], 1), { items: [[1, 2]], isList: false })
  t.match(await wireOf({ ...echoCard, input: smallPicture }).question(Buffer.from('a'), 1), { items: [{ name: 'the body' }], isList: false })
})

t.test('each says in its messages the content types that it reads', async t => {
  const [rows, pictures] = [wireOf(echoCard), wireOf({ ...echoCard, input: smallPicture })]
  t.match(rows.accepted, /text\/csv/)
  t.match(pictures.accepted, /image\/\*/)
  for (const { accepted, body } of [rows, pictures]) {
    const { content } = await body(1)
    for (const type of Object.keys(content)) t.ok(accepted.includes(type) || accepted.includes(type.replace(/\/.*/, '/*')), `${type} in ${accepted}`)
  }
})

t.test('a body that is neither JSON nor a form has a reader of its own', async t => {
  const [csv] = wireOf(echoCard).parsers
  t.match(csv, { types: ['text/csv'] })
  t.match(csv?.read(Buffer.from('1,2')), new Csv(Buffer.from('1,2')))
  const [bytes] = wireOf({ ...echoCard, input: smallPicture }).parsers
  const body = Buffer.from('a')
  t.equal(bytes?.read(body), body)
})
