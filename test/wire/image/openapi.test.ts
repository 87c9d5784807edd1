import { Ajv } from 'ajv'
import t from 'tap'
import { readPicture } from '../../../lib/modalities/image/prepare.ts'
import { picturesOf } from '../../../wire/image/body.ts'
import { explanationOf, pictureBody } from '../../../wire/image/openapi.ts'
import { echoCard, smallPicture } from '../../fixtures/model.ts'

const card = { ...echoCard, input: smallPicture }

t.test('the JSON example is a picture that is read', async t => {
  const { content } = await pictureBody(smallPicture)
  const { examples: [example] }: { examples: object[] } = JSON.parse(JSON.stringify(content['application/json']?.schema))
  const { items: [item] } = await picturesOf(example)
  if (!item || !('bytes' in item)) return t.fail('it is no picture')
  t.match(await readPicture(item, smallPicture, { pixels: 100, characters: Infinity }), { width: 8, height: 8 })
})

t.test('JSON holds the picture and nothing else', async t => {
  const { content } = await pictureBody(smallPicture)
  const isBody = new Ajv({ strict: false, formats: { binary: true } }).compile(content['application/json']!.schema)
  t.ok(isBody({ image: 'aaaa' }))
  for (const body of [{}, { image: '' }, { image: 5 }, { image: 'aaaa', x: 1 }]) t.notOk(isBody(body), JSON.stringify(body))
})

t.test('a form and raw bytes are files to pick', async t => {
  const { content } = await pictureBody(smallPicture)
  const binary = { type: 'string', format: 'binary' }
  t.match(content['multipart/form-data']?.schema, { properties: { file: binary } })
  t.match(content['multipart/form-data']?.schema, { additionalProperties: false })
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream']) t.match(content[type]?.schema, binary, type)
})

t.test('an explanation is lines of cells and an overlay, or the overlay alone', async t => {
  const { content } = explanationOf(card)
  const isExplanation = new Ajv({ strict: false }).compile(content['application/json']!.schema)
  const answer = { shape: 'wide', probability: 0.75, index: 0, model: 'echo', version: '1', importance: [[0.5, -0.5]], overlay: 'data:image/png;base64,AAAA' }
  t.ok(isExplanation(answer))
  t.notOk(isExplanation({ ...answer, importance: [0.5] }))
  t.match(content['image/png']?.schema, { format: 'binary' })
})
