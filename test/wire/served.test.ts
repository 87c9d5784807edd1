import t from 'tap'
import { checkServed } from '../../wire/served.ts'

const CARD = { name: 'iris', version: '3' }

t.test('a request names the model, and the version if it likes', async t => {
  checkServed(CARD, { model: 'iris' })
  checkServed(CARD, { model: 'iris', version: '3' })
  t.throws(() => checkServed(CARD, { model: 'Iris' }), { statusCode: 404, message: "There is no model 'Iris'; this service serves 'iris'." })
  t.throws(() => checkServed(CARD, { model: 'iris', version: '1' }), { statusCode: 404, message: "There is no version '1' of the model 'iris'; this service serves version '3'." })
})
