import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { swaggerOf } from '../../../../routes/dialects/max/swagger.ts'
import { echoCard } from '../../../fixtures/model.ts'

t.test('the document is valid Swagger 2.0 in the eyes of an independent validator, with keys and without', async t => {
  for (const needsKey of [false, true]) {
    const document = swaggerOf({ ...echoCard, about: { title: 'Echo', licence: 'MIT' } }, { wire: { file: 'A CSV file.', subject: 'Tabular' }, needsKey })
    const validator = new Validator()
    t.match(await validator.validate(JSON.parse(JSON.stringify(document))), { valid: true })
    t.equal(validator.version, '2.0')
    t.match(document, { info: { title: 'Echo', version: '1', license: { name: 'MIT' } }, paths: { '/model/predict': { post: { parameters: [{ name: 'file', in: 'formData', type: 'file', required: true, description: 'A CSV file.' }] } } } })
    t.equal('securityDefinitions' in document, needsKey)
  }
})

t.test('its definitions have one example, which Swagger 2.0 knows', t => {
  const { definitions } = JSON.parse(JSON.stringify(swaggerOf(echoCard, { wire: { file: '', subject: 'Tabular' }, needsKey: false })))
  t.same(definitions.LabelsResponse.example, { count: 2, labels: [{ id: '0', name: 'wide' }, { id: '1', name: 'high' }] })
  t.match(definitions.ModelPredictResponse.example, { status: 'ok', predictions: [{ prediction: 'wide' }] })
  t.notMatch(JSON.stringify(definitions), /"examples"|\$id/)
  t.end()
})
