import t from 'tap'
import type { Output } from '../../lib/card/output.ts'
import { summaryLines, summaryOf } from '../../lib/summary.ts'
import { echoCard, smallPicture, twoFeatures } from '../fixtures/model.ts'

t.test('an input is said in words, for each kind', async t => {
  const of = (input: Parameters<typeof summaryOf>[0]['input']) => summaryOf({ ...echoCard, input }).input
  t.equal(of(smallPicture), "a picture, made 8 × 8 RGB, into 'image'")
  t.equal(of(twoFeatures), '2 columns: width, height')
  t.equal(of({ kind: 'tensors' }), 'tensors, by their names')
})

t.test('an output is said in words, for each kind', async t => {
  const cases: Array<[Output, string]> = [
    [{ kind: 'classes', tensor: 'y', activation: 'softmax' }, "one of 2 labels, with probabilities, from 'y' through softmax"],
    [{ kind: 'binary', tensor: 'y', activation: 'none' }, "one of two labels, with the probability of the second from 'y'"],
    [{ kind: 'labels', tensor: 'y', activation: 'sigmoid' }, "any of 2 labels, each with a probability, from 'y' through sigmoid"],
    [{ kind: 'label', label: 'l' }, "a label without a probability, from 'l'"],
    [{ kind: 'value', tensor: 'y' }, "a number, from 'y'"],
    [{ kind: 'tensors' }, 'all output tensors']
  ]
  for (const [output, text] of cases) t.equal(summaryOf({ ...echoCard, output }).output, text)
})

t.test('a terminal shows what was assumed and the line that settles it, and nothing that writes elsewhere', async t => {
  const assumption = { field: '/input/x', assumed: 'a mean', because: 'nothing\u001b[2J says it', card: '{"input":{}}' }
  t.same(summaryLines({ ...echoCard, labels: [] }, ['card.json', 'the graph'], [assumption]), [
    'model    echo 1', 'input    2 columns: width, height', "output   one of 0 labels, with probabilities, from 'y'", 'read in  card.json', '         the graph',
    'assumed  a mean: nothing [2J says it', '         to settle it, write in card.json: {"input":{}}'
  ])
})
