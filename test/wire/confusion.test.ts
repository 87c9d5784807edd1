import t from 'tap'
import { confusionFigure, confusionPage } from '../../wire/confusion.ts'

const labels = ['ant', 'bee', 'wasp']
const confusion = { counts: [[90, 10, 0], [0, 0, 0], [0, 1234, 1234]] }

t.test('the mistakes are said in words, worst first', async t => {
  const words = [...confusionFigure(labels, confusion).matchAll(/<li>(.*)<\/li>/g)].map(([, text = '']) => text.replaceAll(/<\/?strong>/g, ''))
  t.same(words, ['wasp taken for bee: 1,234 of 2,468', 'ant taken for bee: 10 of 100'])
  t.match(confusionFigure(['a', 'b'], { counts: [[1, 0], [0, 1]] }), 'It made no mistake.')
})

t.test('the matrix is a table with a heading for each row and column, and a shade for each share', async t => {
  const html = confusionFigure(labels, confusion)
  t.same([...html.matchAll(/<th scope="col"><span>(.*?)<\/span>/g)].map(([, label]) => label), labels)
  t.same([...html.matchAll(/<th scope="row">(\w+)(.*)/g)].map(([, label, cells]) => [label, cells]), [
    ['ant', '<td class=r5>90<td class=w2>10<td>'], ['bee', '<td><td><td>'], ['wasp', '<td><td class=w4>1234<td class=r4>1234']
  ])
  t.match(html, '2,568 examples')
})

t.test('a large matrix is a link, a very large one is not drawn, and its page holds the whole of it', async t => {
  const many = (count: number) => ({ labels: Array.from({ length: count }, (_, at) => `l${at}`), confusion: { counts: Array.from({ length: count }, () => Array.from({ length: count }, () => 1)) } })
  const large = many(31)
  t.match(confusionFigure(large.labels, large.confusion), '<a href="confusion">')
  t.notMatch(confusionFigure(large.labels, large.confusion), '<table')
  t.equal([...confusionPage('Insects', large.labels, large.confusion).matchAll(/<td class=/g)].length, 31 * 31)
  t.match(confusionPage('R&D', large.labels, large.confusion), '<title>What R&#38;D confuses</title>')
  const huge = many(201)
  t.notMatch(confusionFigure(huge.labels, huge.confusion), /<table|<a /)
})
