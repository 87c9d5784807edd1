import t from 'tap'
import { specialTokensIn, templateOf, type Part } from '../../../../lib/modalities/text/template.ts'

const first: Part = { content: 0, type: 0 }
const special = (id: number, type = 0): Part => ({ content: [id], type })

t.test('without a post-processor, the texts of a pair follow each other and differ by their types', async t => {
  const plain = { single: [first], pair: [first, { content: 1, type: 1 }] }
  t.same(templateOf(null), plain)
  t.same(templateOf({ type: 'ByteLevel' }), plain)
  t.same(templateOf({ type: 'Sequence', processors: [{ type: 'ByteLevel' }] }), plain)
})

t.test("BERT's has one [SEP] between two texts; RoBERTa's has two, and one type", async t => {
  const bert = templateOf({ type: 'BertProcessing', cls: ['[CLS]', 2], sep: ['[SEP]', 3] })
  t.same(bert, { single: [special(2), first, special(3)], pair: [special(2), first, special(3), { content: 1, type: 1 }, special(3, 1)] })
  const roberta = templateOf({ type: 'RobertaProcessing', cls: ['<s>', 0], sep: ['</s>', 2] })
  t.same(roberta?.pair, [special(0), first, special(2), special(2), { content: 1, type: 0 }, special(2)])
  t.equal(specialTokensIn(roberta?.single ?? []), 2)
  t.equal(specialTokensIn(roberta?.pair ?? []), 4)
})

t.test('a template names its own tokens and types', async t => {
  const template = templateOf({
    type: 'Sequence',
    processors: [{ type: 'ByteLevel' }, {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<e>', type_id: 0 } }],
      pair: [{ Sequence: { id: 'B', type_id: 1 } }, { SpecialToken: { id: '<e>', type_id: 2 } }, { Sequence: { id: 'A', type_id: 0 } }],
      special_tokens: { '<e>': { ids: [7, 8] } }
    }]
  })
  t.same(template, { single: [first, { content: [7, 8], type: 0 }], pair: [{ content: 1, type: 1 }, { content: [7, 8], type: 2 }, first] })
})

t.test('two that add special tokens are not supported', async t => {
  const bert = { type: 'BertProcessing' as const, cls: ['[CLS]', 2] as [string, number], sep: ['[SEP]', 3] as [string, number] }
  t.equal(templateOf({ type: 'Sequence', processors: [bert, bert] }), null)
})
