import { Ajv } from 'ajv'
import t from 'tap'
import { AboutSchema } from '../../../lib/card/about.ts'

const isAbout = new Ajv().compile(AboutSchema)

t.test('nothing must be known of a model', async t => {
  t.ok(isAbout({}))
  t.ok(isAbout({ max: {} }))
  t.ok(isAbout({ max: { id: '', name: 'MAX-Echo', title: 'MAX ECHO', description: '', type: '', source: '', license: 'MIT' } }))
  t.ok(isAbout({ dataset: { name: 'Food-101' }, performance: { top1: 0.8 } }))
})

t.test('what is known must be plausible, and spelt as the schema spells it', async t => {
  for (const about of [
    { performance: { top1: 88.5 } }, { performance: { top5: 0.9 } }, { dataset: { train: 100 } }, { dataset: { name: 'a', test: -1 } }, { title: '' }, { license: 'MIT' }, { max: { title: '' } }, { max: { licence: 'MIT' } }
  ]) t.notOk(isAbout(about), JSON.stringify(about))
})
