import t from 'tap'
import { Evaluation } from '../../lib/evaluation.ts'

// truth, answer and confidence of ten examples of three classes, and what scikit-learn 1.7 says of them:
// precision_recall_fscore_support(truth, answer), accuracy_score, confusion_matrix
const truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
const answer = [0, 0, 1, 0, 1, 2, 1, 2, 0, 2]
const confidence = [0.95, 0.9, 0.6, 0.7, 0.8, 0.55, 0.99, 0.85, 0.5, 0.65]

function evaluate (labels: string[], among: (at: number) => number[] = () => []) {
  const evaluation = new Evaluation(labels)
  truth.forEach((right, at) => evaluation.add(right, [answer[at]!, ...among(at)].map((index, rank) => ({
    label: labels[index]!, index, probability: rank === 0 ? confidence[at]! : 0
  }))))
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
  t.ok(Math.abs(evaluate(['a', 'b', 'c']).ece - expected) < 1e-9)
})

t.test('top-5 counts the right label among five', async t => {
  const labels = ['a', 'b', 'c', 'd', 'e', 'f']
  t.equal(evaluate(labels, at => at === 2 ? [3, 4, 5, 0] : at === 5 ? [3, 4, 5, 0, 1] : []).top5, 0.8)
})

t.test('a class that was never answered or never asked has no score, rather than zero', async t => {
  const [, , , d] = evaluate(['a', 'b', 'c', 'd']).classes
  t.match(d, { support: 0, precision: null, recall: null, f1: null })
})
