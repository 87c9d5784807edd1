import t from 'tap'
import { Evaluation, ValueEvaluation } from '../../lib/evaluation.ts'

// truth, answer and confidence of ten examples of three classes, and what scikit-learn 1.7 says of them:
// precision_recall_fscore_support(truth, answer), accuracy_score, confusion_matrix
const truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
const answer = [0, 0, 1, 0, 1, 2, 1, 2, 0, 2]
const confidence = [0.95, 0.9, 0.6, 0.7, 0.8, 0.55, 0.99, 0.85, 0.5, 0.65]

function evaluate (labels: string[], among: (at: number) => number[] = () => []) {
  const evaluation = new Evaluation(labels)
  truth.forEach((right, at) => {
    const top = [answer[at]!, ...among(at)].map((index, rank) => ({ label: labels[index]!, index, probability: rank === 0 ? confidence[at]! : 0 }))
    evaluation.add(right, { kind: 'classes', first: top[0]!, top })
  })
  return evaluation.report()
}

t.test("top-1, precision, recall, F1 and the confusion matrix are scikit-learn's", async t => {
  const report = evaluate(['a', 'b', 'c'])
  t.equal(report.examples, 10)
  t.equal(report.top1, 0.7)
  t.equal(report.top5, null)
  t.same(report.confusion, [[3, 1, 0], [0, 2, 1], [1, 0, 2]])
  const round = (value: number | null) => Number(value?.toFixed(4))
  t.same(report.classes.map(({ label, support, precision, recall, f1 }) => [label, support, round(precision), round(recall), round(f1)]), [
    ['a', 4, 0.75, 0.75, 0.75], ['b', 3, 0.6667, 0.6667, 0.6667], ['c', 3, 0.6667, 0.6667, 0.6667]
  ])
})

t.test('calibration error is the mean distance of confidence from accuracy over 15 bins', async t => {
  // By hand: {.95 .99} all right, {.9} right, {.85 .8} all right, {.7} right, {.65 .6} one right, {.55} wrong, {.5} wrong
  const expected = ((2 - 1.94) + (1 - 0.9) + (2 - 1.65) + (1 - 0.7) + (1.25 - 1) + 0.55 + 0.5) / 10
  t.ok(Math.abs(evaluate(['a', 'b', 'c']).ece! - expected) < 1e-9)
})

t.test('top-5 counts the right label among five', async t => {
  const labels = ['a', 'b', 'c', 'd', 'e', 'f']
  t.equal(evaluate(labels, at => at === 2 ? [3, 4, 5, 0] : at === 5 ? [3, 4, 5, 0, 1] : []).top5, 0.8)
})

t.test('a class that was never answered or never asked has no score, rather than zero', async t => {
  const [, , , d] = evaluate(['a', 'b', 'c', 'd']).classes
  t.match(d, { support: 0, precision: null, recall: null, f1: null })
})

t.test('labels without probabilities have all scores but those of probabilities', async t => {
  const labels = ['a', 'b', 'c', 'd', 'e', 'f']
  const evaluation = new Evaluation(labels)
  truth.forEach((right, at) => evaluation.add(right, { kind: 'label', label: labels[answer[at]!]!, index: answer[at]! }))
  t.match(evaluation.report(), { examples: 10, top1: 0.7, top5: null, ece: null, classes: [{ label: 'a', precision: 0.75, recall: 0.75 }] })
})

t.test('an answer without a label of the card is none', async t => {
  const evaluation = new Evaluation(['a', 'b'])
  t.throws(() => evaluation.add(0, { kind: 'value', value: 1 }), { message: 'the answer has no label of the card' })
  t.throws(() => evaluation.add(0, { kind: 'label', label: 'z', index: null }), { message: 'the answer has no label of the card' })
})

t.test("the errors of numbers are scikit-learn's", async t => {
  // sklearn.metrics of [3, -0.5, 2, 7] and [2.5, 0, 2, 8], the examples of its documentation
  const evaluation = new ValueEvaluation()
  for (const [truth, value] of [[3, 2.5], [-0.5, 0], [2, 2], [7, 8]] as const) evaluation.add(truth, value)
  const { examples, mae, rmse, r2 } = evaluation.report()
  t.equal(examples, 4)
  t.equal(mae, 0.5)
  t.ok(Math.abs(rmse - 0.6123724356957945) < 1e-12)
  t.ok(Math.abs(r2! - 0.9486081370449679) < 1e-12)
})

t.test('numbers that are all equal have no coefficient of determination', async t => {
  const evaluation = new ValueEvaluation()
  for (const value of [1, 3]) evaluation.add(2, value)
  t.same(evaluation.report(), { examples: 2, mae: 1, rmse: 1, r2: null })
})
