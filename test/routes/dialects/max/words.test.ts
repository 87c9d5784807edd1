import t from 'tap'
import { swaggerTitleOf, wordsOf } from '../../../../routes/dialects/max/words.ts'
import { echoCard } from '../../../fixtures/model.ts'
import { tokensCard } from '../../../fixtures/tensors.ts'

const TABULAR = { subject: 'Tabular' }

t.test("MAX's own words come first, then the card's, and what nobody knows is empty", t => {
  t.same(wordsOf(echoCard, TABULAR), { id: 'echo', name: 'echo', description: '', type: 'Tabular Classification', source: '', license: '' })
  const about = { title: 'Echo', description: 'Says it again.', licence: 'MIT' }
  t.same(wordsOf({ ...echoCard, about }, TABULAR), { id: 'echo', name: 'Echo', description: 'Says it again.', type: 'Tabular Classification', source: '', license: 'MIT' })
  const max = { id: 'max-echo', name: 'MAX-Echo', description: 'Echoes', type: 'Sound', source: 'the valley', license: 'Apache 2.0' }
  t.same(wordsOf({ ...echoCard, about: { ...about, max } }, TABULAR), max)
  t.end()
})

t.test('the type is what input and output tell, and nothing is made up', t => {
  t.equal(wordsOf(echoCard, { subject: 'Image' }).type, 'Image Classification')
  t.equal(wordsOf({ ...echoCard, output: { kind: 'value', tensor: 'y' } }, { subject: 'Image' }).type, 'Image Regression')
  t.equal(wordsOf({ ...echoCard, output: { kind: 'tensors' } }, TABULAR).type, '')
  t.equal(wordsOf(tokensCard, { subject: '' }).type, '')
  t.end()
})

t.test("the title of the document is MAX's, or the model's, or its name", t => {
  t.equal(swaggerTitleOf(echoCard), 'echo')
  t.equal(swaggerTitleOf({ ...echoCard, about: { title: 'Echo' } }), 'Echo')
  t.equal(swaggerTitleOf({ ...echoCard, about: { title: 'Echo', max: { title: 'MAX ECHO' } } }), 'MAX ECHO')
  t.end()
})
