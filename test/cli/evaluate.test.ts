import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { expected, picture } from '../fixtures/expected.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { onnxFile, type Value } from '../fixtures/onnx.ts'
import { servery } from './servery.ts'

t.test('a folder of CLASS/picture is scored', async t => {
  const folder = t.testdir({ other: {} })
  const { label } = expected.pictures['rgb.png']!
  for (const [name, truth] of [['rgb.png', label], ['grey.png', label], ['rgb.webp', 'pizza'], ['rgb.tiff', 'unknown dish']] as const) {
    mkdirSync(join(folder, 'test', truth), { recursive: true })
    writeFileSync(join(folder, 'test', truth, name), picture(name))
  }
  const { code, stdout } = await servery(['evaluate', join(folder, 'test'), '--out', join(folder, 'out')])
  t.equal(code, 0)
  t.match(stdout, /examples {2}3\n/)
  const rows = stdout.slice(stdout.indexOf('\n') + 1, stdout.indexOf('\n(')).split('\n').map(line => line.split(/ +/, 2).join(' '))
  t.same(rows, [...new Set([label, 'pizza'])].sort().map(each => `${each} ${each === label ? 2 : 1}`), 'only classes with examples')
  t.match(stdout, /^\(23 other classes have no examples\)$/m)
  const right = ['rgb.png', 'grey.png'].filter(name => expected.pictures[name]!.label === label).length
  const report = JSON.parse(readFileSync(join(folder, 'out/evaluation.json'), 'utf8'))
  t.match(report, { model: 'tensorfood', examples: 3, top1: right / 3 })
  t.equal(readFileSync(join(folder, 'out/confusion.png')).toString('latin1', 1, 4), 'PNG')
  t.same(JSON.parse(readFileSync(join(folder, 'out/confusion.json'), 'utf8')), { counts: report.confusion })
})

t.test('a CSV with a column for the label is scored', async t => {
  const folder = t.testdir({ 'iris.csv': 'sepal length,sepal width,petal length,petal width,species\n5.9,3,5.1,1.8,virginica\n5,3.4,1.5,0.2,0\n5,3.4,1.5,0.2,virginica\n' })
  const { code, stdout } = await servery(['evaluate', join(folder, 'iris.csv'), '--out', folder], { MODEL_NAME: 'iris' })
  t.equal(code, 0)
  t.match(stdout, /top-1 +66\.67 %/)
  t.notMatch(stdout, /top-5/)
})

t.test('what cannot be scored is one line and exit code 1, at once', async t => {
  const folder = t.testdir({ empty: {}, bad: { pizza: { 'a.jpg': 'hello' } }, 'iris.csv': 'sepal length,sepal width,petal length,petal width\n1,2,3,4\n' })
  cpSync(join(folder, 'bad'), join(folder, 'bad2'), { recursive: true })
  for (const [args, settings, message] of [
    [['evaluate', join(folder, 'empty')], {}, /holds no example of any of the model's labels/],
    [['evaluate', join(folder, 'bad')], {}, /a\.jpg' is not an image/],
    [['evaluate', join(folder, 'nothing')], {}, /nothing: there is no such file or folder/],
    [['evaluate', join(folder, 'iris.csv')], { MODEL_NAME: 'iris' }, /needs a header with a column 'species' or 'label'/],
    [['evaluate', join(folder, 'bad'), '--limit', 'all'], {}, /--limit all must be a whole number of at least 1/],
    [['evaluate'], {}, /name a folder/]
  ] as const) {
    const { code, stderr } = await servery([...args], settings)
    t.equal(code, args.length === 1 || args.includes('--limit') ? 2 : 1)
    t.match(stderr, message)
    t.equal(stderr.split('\n').length, 2, 'one line')
  }
})

const x: Value = ['x', 'float32', ['batch', 2]]
const one = { card: { ...echoCard, labels: [], output: { kind: 'value', tensor: 'y' } }, model: onnxFile([x], [['y', 'float32', ['batch', 1]]], [{ op: 'Gather', from: ['x', 'first'], to: 'y', attributes: { axis: 1 } }], { first: [0] }) }

t.test('numbers are compared with a column of numbers', async t => {
  const folder = modelFolder(t, one)
  const csv = join(folder, 'test.csv')
  // The model answers the width, so that the errors are -0.5, 0.5, 0 and 1: the example of scikit-learn's documentation.
  writeFileSync(csv, 'width,height,shape\n2.5,0,3\n0,0,-0.5\n2,0,2\n8,0,7\n')
  const { code, stdout } = await servery(['evaluate', csv, '--out', folder], { MODEL_PATH: folder })
  t.equal(code, 0)
  t.match(stdout, /^echo 1 on test\.csv\nexamples {2}4\nMAE {7}0\.5\nRMSE {6}0\.612372\nR2 {8}0\.948608\n/)
  t.match(JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8')), { model: 'echo', examples: 4, mae: 0.5 })
  t.notOk(existsSync(join(folder, 'confusion.json')))
  t.notOk(existsSync(join(folder, 'confusion.png')), 'numbers have no confusion matrix')
})

t.test('answers that cannot be measured are refused in one line', async t => {
  for (const [output, labels, message] of [
    [{ kind: 'tensors' }, [], /echo answers plain tensors, which evaluate cannot measure/],
    [{ kind: 'labels', tensor: 'y', activation: 'none' }, ['a', 'b'], /echo answers several labels at once, which evaluate cannot measure/],
    [{ kind: 'label', label: 'z' }, [], /the labels of echo are not known; list them in card\.json/]
  ] as const) {
    const model = onnxFile([x], [['y', 'float32', ['batch', 2]], ['z', 'int64', ['batch']]], [{ op: 'Sigmoid', from: ['x'], to: 'y' }, { op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }])
    const { code, stderr } = await servery(['evaluate', 'none.csv'], { MODEL_PATH: modelFolder(t, { card: { ...echoCard, labels, output }, model }) })
    t.equal(code, 1)
    t.match(stderr, message)
    t.equal(stderr.split('\n').length, 2, 'one line')
  }
})
