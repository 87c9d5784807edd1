import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { expected, picture } from '../fixtures/expected.ts'
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
  const right = ['rgb.png', 'grey.png'].filter(name => expected.pictures[name]!.label === label).length
  const report = JSON.parse(readFileSync(join(folder, 'out/evaluation.json'), 'utf8'))
  t.match(report, { model: 'tensorfood', examples: 3, top1: right / 3 })
  t.equal(readFileSync(join(folder, 'out/confusion.png')).toString('latin1', 1, 4), 'PNG')
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
    [['evaluate', join(folder, 'nothing')], {}, /ENOENT/],
    [['evaluate', join(folder, 'iris.csv')], { MODEL_NAME: 'iris' }, /needs a header with a column 'species' or 'label'/],
    [['evaluate', join(folder, 'bad'), '--limit', 'all'], {}, /--limit all must be a number/],
    [['evaluate'], {}, /name a folder/]
  ] as const) {
    const { code, stderr } = await servery([...args], settings)
    t.equal(code, 1)
    t.match(stderr, message)
    t.equal(stderr.split('\n').length, 2, 'one line')
  }
})
