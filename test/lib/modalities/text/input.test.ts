import t from 'tap'
import { faultOf } from '../../../../lib/modalities/text/input.ts'

t.test('a text has either a tensor or a tokenizer', async t => {
  const tokenizer = { file: 'tokenizer.json', maxTokens: 8, padId: 0 }
  t.equal(faultOf({ kind: 'text', tokenizer, pair: true }), null)
  t.equal(faultOf({ kind: 'text', tensor: 'x' }), null)
  t.match(faultOf({ kind: 'text' }), "either 'tensor'")
  t.match(faultOf({ kind: 'text', tensor: 'x', tokenizer }), "either 'tensor'")
  t.match(faultOf({ kind: 'text', tensor: 'x', pair: true }), '/input/pair')
})
