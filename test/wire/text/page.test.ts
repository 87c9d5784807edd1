import { existsSync } from 'node:fs'
import t from 'tap'
import { tryTexts } from '../../../wire/text/page.ts'
import { pairs, reviews, reviewsCard } from '../../fixtures/reviews.ts'

const nothing = { has: () => false }
const { samples, ...bare } = reviewsCard

t.test('the form has a field for a text, and works without a script', t => {
  const html = tryTexts(reviewsCard, reviews, 100_000).html(nothing)
  t.match(html, 'action="predict" method="post" enctype="multipart/form-data" data-kind="text" data-label-key="sentiment" data-limit="100000"')
  t.match(html, '<label for="text">Text</label>')
  t.match(html, '<textarea id="text" name="text"')
  t.match(html, 'At most 100,000 characters.')
  t.match(html, '<input id="csv" aria-keyshortcuts="o" name="file" type="file"')
  t.match(html, 'Predict the sentiment')
  t.notMatch(html, 'text_pair')
  t.end()
})

t.test('a model that compares two texts has two fields', t => {
  const html = tryTexts(bare, pairs, 1000).html(nothing)
  t.match(html, '<label for="text">First text</label>')
  t.match(html, '<label for="text_pair">Second text</label>')
  t.match(html, '<textarea id="text_pair" name="text_pair"')
  t.match(html, 'Two texts in each line')
  t.end()
})

t.test('some golden samples are examples, or else the example of the card', t => {
  const chips = (html: string) => [...html.matchAll(/class="chip" data-text="([^"]*)"(?: data-pair="([^"]*)")?>([^<]*)</g)].map(([, text, pair, shown]) => [text, pair, shown])
  const long = 'very '.repeat(30)
  const many = [{ file: 'a.png' }, { text: long, pair: 'b', label: 'positive' }, ...Array.from({ length: 8 }, (_, at) => ({ text: `text ${at}` }))]
  t.same(chips(tryTexts({ ...bare, samples: many }, pairs, 1000).html(nothing)), [
    [long, 'b', 'very very very very very very very very very very very very very very… '], ...[0, 1, 2, 3, 4].map(at => [`text ${at}`, undefined, `text ${at}`])
  ])
  t.same(chips(tryTexts(bare, { ...reviews, example: 'quick' }, 1000).html(nothing)), [['quick', undefined, 'quick']])
  t.notMatch(tryTexts(bare, reviews, 1000).html(nothing), 'class="samples')
  t.equal(samples?.length, 2)
  t.end()
})

t.test('a sample is text', t => {
  const html = tryTexts({ ...bare, samples: [{ text: '"><script>', label: '<b>' }] }, reviews, 1000).html(nothing)
  t.notMatch(html, /<script>|<b>/)
  t.end()
})

t.test('the script that reads CSV is there', t => {
  const { scripts, pictures } = tryTexts(reviewsCard, reviews, 1000)
  t.same(Object.keys(scripts), ['papaparse.js'])
  t.ok(existsSync(scripts['papaparse.js']!))
  t.same(pictures, [])
  t.end()
})
