import t from 'tap'
import { checked, objectOf, readConfig } from '../../../../lib/card/infer/config-file.ts'
import { Type } from '../../../../lib/typebox.ts'
import { evidenceOf, type TestModel } from '../../../fixtures/evidence.ts'

const MODEL: TestModel = { input: { name: 'x', shape: ['N', 3, 8, 8] }, output: { name: 'y', shape: ['N', 2] } }

t.test('an object is read without its fields of null', async t => {
  const { files } = await evidenceOf(t, MODEL, { 'config.json': { size: null, crop: { height: null } }, 'list.json': '[1]', 'broken.json': '{"a": NaN}' })
  t.same(await readConfig(files, 'config.json'), { crop: { height: null } })
  t.equal(await readConfig(files, 'list.json'), null, 'no object')
  t.equal(await readConfig(files, 'missing.json'), null, 'no file')
  await t.rejects(readConfig(files, 'broken.json'), { code: 'SRV_MODEL_INVALID', message: /^broken\.json beside .*model\.onnx: is not JSON \(.*\); correct it, or download it again$/ })
})

t.test('an error is one line, however long the broken text is', async t => {
  const { files } = await evidenceOf(t, MODEL, { 'config.json': `{"a": "${'x\n'.repeat(1000)}` })
  const error = await readConfig(files, 'config.json').then(() => new Error('it was read'), (error: Error) => error)
  t.match(error, { code: 'SRV_MODEL_INVALID' })
  t.notMatch(error.message, /\n/)
  t.ok(error.message.length < 500)
})

t.test('deeply nested JSON is refused or read, and never stops the process', async t => {
  const { files } = await evidenceOf(t, MODEL, { 'config.json': `{"a":${'['.repeat(200_000)}` })
  await t.rejects(readConfig(files, 'config.json'), { code: 'SRV_MODEL_INVALID' })
})

t.test('a value that does not fit the schema is refused by its field', async t => {
  const { files } = await evidenceOf(t, MODEL)
  const schema = Type.Object({ side: Type.Integer({ minimum: 1 }) })
  t.same(checked(schema, { side: 3, other: true }, files, 'config.json'), { side: 3, other: true })
  t.throws(() => checked(schema, { side: 0 }, files, 'config.json'), { code: 'SRV_MODEL_INVALID', message: /^config\.json beside .*: \/side must be >= 1;/ })
})

t.test('only objects are objects', async t => {
  t.same([null, 1, 'a', [1]].map(objectOf), [null, null, null, null])
  t.same(objectOf({ a: 1, b: null }), { a: 1 })
})
