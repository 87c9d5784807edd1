import t from 'tap'
import { printerOf, type Format } from '../../cli/answers.ts'
import type { Prediction } from '../../lib/output/prediction.ts'

const labels = ['french_fries', 'pizza', 'sushi']
const pizza = { label: 'pizza', index: 1, probability: 0.875 }
const sushi = { label: 'sushi', index: 2, probability: 0.125 }
const classes: Prediction = { kind: 'classes', first: pizza, top: [pizza, sushi] }
const page = { columns: 80, names: ['a.png', 'folder/b.png'] }
const output = { kind: 'classes', tensor: 'y', activation: 'none' } as const

async function printed (format: Format, output: Parameters<typeof printerOf>[1]['output'], prediction: Prediction, topK = 1, { columns, names } = page): Promise<string> {
  const { head, line } = printerOf(format, { output, labels: output.kind === 'value' || output.kind === 'tensors' ? [] : labels }, topK, { columns, names })
  return `${head}${await line(names[0]!, prediction)}`
}

t.test('a table has a line for each input, with columns that are aligned', async t => {
  t.equal(await printed('table', output, { ...classes, top: [pizza] }), 'file          label         probability\na.png         pizza              87.5 %\n')
  t.equal(await printed('table', output, classes, 2), 'file          label         probability  next\na.png         pizza              87.5 %  sushi 12.5 %\n')
})

t.test('JSON has a line for each input, and the list of labels if several were asked for', async t => {
  t.same(JSON.parse(await printed('json', output, { ...classes, top: [pizza] })), { file: 'a.png', label: 'pizza', probability: 0.875, index: 1 })
  t.same(JSON.parse(await printed('json', output, classes, 2)), { file: 'a.png', label: 'pizza', probability: 0.875, index: 1, top: [pizza, sushi] })
})

t.test('CSV has a header, and two columns for each label', async t => {
  t.equal(await printed('csv', output, { ...classes, top: [pizza] }), 'file,label,probability\na.png,pizza,0.875\n')
  t.equal(await printed('csv', output, classes, 2), 'file,label,probability,label_2,probability_2\na.png,pizza,0.875,sushi,0.125\n')
  t.equal((await printed('csv', output, classes, 99)).split('\n')[0], 'file,label,probability,label_2,probability_2,label_3,probability_3', 'and no more than there are labels')
  t.equal((await printed('csv', output, { ...classes, top: [pizza] }, 1, { columns: 80, names: ['a,"b".png'] })).split('\n')[1], '"a,""b"".png",pizza,0.875')
})

t.test('each kind of answer is printed in each format', async t => {
  const several: Prediction = { kind: 'labels', first: pizza, top: [pizza], labels: [pizza, sushi] }
  const none: Prediction = { ...several, labels: [] }
  const tensors: Prediction = { kind: 'tensors', outputs: { y: { dtype: 'float32', shape: [1, 2], data: new Float32Array([1, 2]) } } }
  for (const [output, prediction, table, json, csv] of [
    [{ kind: 'labels', tensor: 'y', activation: 'none' }, several, 'file          labels\na.png         pizza 87.5 %, sushi 12.5 %\n', { labels: [pizza, sushi], top: [pizza] }, 'file,labels,label,probability\na.png,pizza;sushi,pizza,0.875\n'],
    [{ kind: 'labels', tensor: 'y', activation: 'none' }, none, 'file          labels\na.png         no label; nearest: pizza 87.5 %\n', { labels: [], top: [pizza] }, 'file,labels,label,probability\na.png,,pizza,0.875\n'],
    [{ kind: 'label', label: 'z' }, { kind: 'label', label: 'sushi', index: 2 }, 'file          label\na.png         sushi\n', { label: 'sushi', index: 2 }, 'file,label\na.png,sushi\n'],
    [{ kind: 'label', label: 'z' }, { kind: 'label', label: '7', index: null }, 'file          label\na.png         7\n', { label: '7' }, 'file,label\na.png,7\n'],
    [{ kind: 'value', tensor: 'y' }, { kind: 'value', value: 0.5 }, 'file          value\na.png         0.5\n', { value: 0.5 }, 'file,value\na.png,0.5\n'],
    [{ kind: 'tensors' }, tensors, 'file          outputs\na.png         {"y":[[1,2]]}\n', { outputs: { y: [[1, 2]] } }, 'file,outputs\na.png,"{""y"":[[1,2]]}"\n']
  ] as const) {
    t.equal(await printed('table', output, prediction), table)
    t.same(JSON.parse(await printed('json', output, prediction)), { file: 'a.png', ...json })
    t.equal(await printed('csv', output, prediction), csv)
  }
})

t.test('names of files and labels write nothing else to a terminal, and leave the columns as they are', async t => {
  const [, line = ''] = (await printed('table', output, { ...classes, first: { ...pizza, label: `\u001b[2J${'x'.repeat(100)}` }, top: [pizza] }, 1, { columns: 80, names: [`${'long/'.repeat(20)}a\u0007.png`] })).split('\n')
  t.notMatch(line, /\p{Cc}/u)
  t.match(line, /^….*\/a \.png {2} \[2Jx+… +87\.5 %$/)
  t.equal([...line].length, 40 + 2 + 12 + 2 + 11)
})
