import t from 'tap'
import type { Card } from '../../lib/card/card.ts'
import type { Prediction } from '../../lib/output/prediction.ts'
import { answerPage } from '../../wire/answer-page.ts'
import { echoCard } from '../fixtures/model.ts'

const first = { label: 'so_wide', index: 0, probability: 0.75 }
const top = [first, { label: '<b>', index: 1, probability: 0.25 }]
const classes: Prediction = { kind: 'classes', first, top }
const alone = { isList: false }

t.test('one answer is a heading with bars', async t => {
  const html = await answerPage(echoCard, [classes], alone)
  t.match(html, '<title>so wide: echo</title>')
  t.match(html, '<span class="label">so wide</span> <span class="share">75.0 %</span>')
  t.match(html, /<li class="chosen"><span class="name">so wide<\/span><svg[^>]*><rect width="75\.00%"/)
  t.match(html, '<span class="name">&#60;b&#62;</span>')
  t.notMatch(html, ' style=', 'nothing inline that the policy would block')
  t.match(html, '&#34;shape&#34;:&#34;so_wide&#34;')
})

t.test('each kind of answer has a heading', async t => {
  const cases: Array<[Prediction, Card['output'], string]> = [
    [{ kind: 'labels', first, top, labels: top }, { kind: 'labels', tensor: 'y', activation: 'none' }, 'so wide, &#60;b&#62;'],
    [{ kind: 'labels', first, top, labels: [] }, { kind: 'labels', tensor: 'y', activation: 'none' }, 'No label'],
    [{ kind: 'label', label: 'so_wide', index: null }, { kind: 'label', label: 'z' }, 'so wide'],
    [{ kind: 'value', value: 1234.5 }, { kind: 'value', tensor: 'y' }, '1,234.5'],
    [{ kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1], data: new Float32Array([0.5]) } } }, { kind: 'tensors' }, '1 output']
  ]
  for (const [prediction, output, heading] of cases) {
    const html = await answerPage({ ...echoCard, output }, [prediction], alone)
    t.match(html, `<span class="label">${heading}</span>`)
  }
})

t.test('several answers are a table, beside the rows of the CSV that they answer', async t => {
  const plain = await answerPage(echoCard, [classes, classes], { isList: true })
  t.match(plain, '2 answers.')
  t.match(plain, '<th scope="row">2</th><td class="added">so wide</td><td class="added">75.0 %</td>')
  const table = { header: ['a', 'b'], records: ['a,b', '1,<i>', '3,4'], delimiter: ',' }
  const html = await answerPage(echoCard, [classes, classes], { isList: true, table })
  t.match(html, '<th scope="col">a,b</th>')
  t.match(html, '<th scope="row">1</th><td>1,&#60;i&#62;</td><td class="added">so wide</td>')
  t.match(await answerPage(echoCard, [classes, classes], { isList: true, table: { ...table, header: null, records: ['1,2', '3,4'] } }), '<td>1,2</td>')
})

t.test('of very many answers, the page shows the first ones', async t => {
  const html = await answerPage(echoCard, Array.from({ length: 16_384 }, () => classes), { isList: true })
  t.match(html, '16,384 answers, of which the first 200 are shown.')
  t.match(html, 'The beginning of the JSON')
  t.ok(html.length < 100_000)
})
