import t from 'tap'
import { tryTensors } from '../../../wire/tensors/page.ts'
import { tokensCard, tokensSignature } from '../../fixtures/tensors.ts'

const draw = (signature = tokensSignature) => tryTensors(tokensCard, signature).html({ has: () => false })

t.test('the form shows what the model takes and gives, and an example to change', async t => {
  const html = draw()
  t.match(html, '<tr><th scope="row">attention_mask</th><td>float32</td><td>[any,3]</td></tr>')
  t.match(html, '<tr><th scope="row">y</th><td>float32</td><td>[any,3]</td></tr>')
  t.match(html, '>{&#34;inputs&#34;:{&#34;tokens&#34;:[[0,0,0]],&#34;attention_mask&#34;:[[1,1,1]]}}</textarea>')
  t.match(html, 'data-kind="tensors"')
  t.same(tryTensors(tokensCard, tokensSignature).pictures, [])
})

t.test('for large tensors, the field shows how the lists are nested', async t => {
  const html = draw({ inputs: [{ name: 'x', dtype: 'float32', shape: [1, 3, 224, 224] }], outputs: [] })
  t.match(html, 'placeholder="{&#34;inputs&#34;: {&#34;x&#34;: [[[[…]]]]}}" required></textarea>')
})

t.test('the name of a tensor is text', async t => {
  t.notMatch(draw({ inputs: [{ name: '"><script>', dtype: 'float32', shape: [1] }], outputs: [{ name: '<b>', dtype: 'float32', shape: [1] }] }), /<script>|<b>/)
})
