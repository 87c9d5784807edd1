import t from 'tap'
import { escapeHtml } from '../../lib/html.ts'

t.test('text that holds markup becomes text, also in a quoted attribute', async t => {
  t.equal(escapeHtml('<b title="a" id=\'b\'>R&D</b>'), '&#60;b title=&#34;a&#34; id=&#39;b&#39;&#62;R&#38;D&#60;/b&#62;')
  t.equal(escapeHtml('crème brûlée, 1 + 1 = 2'), 'crème brûlée, 1 + 1 = 2')
})
