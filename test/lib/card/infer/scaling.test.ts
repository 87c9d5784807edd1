import t from 'tap'
import { rangeOf, scalingOf } from '../../../../lib/card/infer/scaling.ts'
import { evidenceOf, type TestModel, type TestNode } from '../../../fixtures/evidence.ts'

type Constants = NonNullable<TestModel['constants']>

async function scaling (nodes: TestNode[], constants: Constants = {}) {
  const model: TestModel = { input: { name: 'x', shape: ['N', 8, 8, 3] }, output: { name: 'y', shape: ['N', 2] }, nodes, constants }
  return scalingOf((await evidenceOf(t, model)).graph, 'x', 3)
}

const scalar = (value: number) => ({ shape: [], values: [value] })
const triple = (values: number[]) => ({ shape: [3, 1, 1], values })

t.test('what exporters put at the input is followed, and tells the range', async t => {
  const conv: TestNode = { op: 'Conv', from: ['z', 'w'], to: ['y'] }
  const cases: Array<[string, TestNode[], Constants, { factor: number, offset: number }, string | null]> = [
    ['Rescaling(1 / 127.5, -1) of Keras', [{ op: 'Mul', from: ['x', 'a'], to: ['s'] }, { op: 'Add', from: ['s', 'b'], to: ['z'] }, conv],
      { a: scalar(1 / 127.5), b: scalar(-1) }, { factor: 1 / 127.5, offset: -1 }, 'levels'],
    ['bytes of torch: Transpose, Cast, Div, Sub, Div', [
      { op: 'Transpose', from: ['x'], to: ['p'] }, { op: 'Cast', from: ['p'], to: ['q'] }, { op: 'Constant', from: [], to: ['c'], value: [255] },
      { op: 'Div', from: ['q', 'c'], to: ['r'] }, { op: 'Sub', from: ['r', 'm'], to: ['s'] }, { op: 'Div', from: ['s', 'd'], to: ['z'] }, conv
    ], { m: triple([0.5, 0.5, 0.5]), d: triple([0.25, 0.25, 0.25]) }, { factor: 4 / 255, offset: -2 }, 'levels'],
    ['a mean of levels', [{ op: 'Sub', from: ['x', 'm'], to: ['z'] }, conv], { m: triple([123.68, 116.779, 103.939]) }, { factor: 1, offset: -123.68 }, 'levels'],
    ["ImageNet's numbers without a division by 255", [{ op: 'Sub', from: ['x', 'm'], to: ['s'] }, { op: 'Div', from: ['s', 'd'], to: ['z'] }, conv],
      { m: triple([0.485, 0.456, 0.406]), d: triple([0.229, 0.224, 0.225]) }, { factor: 1 / 0.229, offset: -0.485 / 0.229 }, 'zero to one'],
    ['twice, minus 1', [{ op: 'Mul', from: ['a', 'x'], to: ['s'] }, { op: 'Sub', from: ['s', 'b'], to: ['z'] }, conv], { a: scalar(2), b: scalar(1) }, { factor: 2, offset: -1 }, 'zero to one'],
    ['back to levels', [{ op: 'Mul', from: ['x', 'a'], to: ['z'] }, conv], { a: scalar(255) }, { factor: 255, offset: 0 }, 'zero to one'],
    ['back to levels from -1 to 1', [{ op: 'Add', from: ['x', 'b'], to: ['s'] }, { op: 'Mul', from: ['s', 'a'], to: ['z'] }, conv], { a: scalar(127.5), b: scalar(1) }, { factor: 127.5, offset: 127.5 }, 'minus one to one'],
    ['a constant on the left', [{ op: 'Sub', from: ['b', 'x'], to: ['z'] }, conv], { b: scalar(1) }, { factor: -1, offset: 1 }, null],
    ['beside the reading of the shape', [{ op: 'Shape', from: ['x'], to: ['n'] }, { op: 'Mul', from: ['x', 'a'], to: ['z'] }, conv], { a: scalar(1 / 255) }, { factor: 1 / 255, offset: 0 }, 'levels']
  ]
  for (const [name, nodes, constants, { factor, offset }, range] of cases) {
    const found = await scaling(nodes, constants)
    if (found === null) {
      t.fail(name)
      continue
    }
    t.ok(Math.abs((found.factor[0] ?? NaN) - factor) < 1e-6 * Math.abs(factor), `${name}: factor`)
    t.ok(Math.abs((found.offset[0] ?? NaN) - offset) < 1e-5 * Math.max(1, Math.abs(offset)), `${name}: offset`)
    t.equal(rangeOf(found), range, `${name}: range`)
  }
})

t.test('other operations at the input say nothing', async t => {
  const w = { w: { shape: [4, 3, 3, 3] } }
  t.equal(await scaling([{ op: 'Conv', from: ['x', 'w'], to: ['y'] }], w), null, 'a convolution')
  t.equal(await scaling([{ op: 'Mul', from: ['x', 'x'], to: ['y'] }]), null, 'a square')
  t.equal(await scaling([{ op: 'Div', from: ['a', 'x'], to: ['y'] }], { a: scalar(1) }), null, 'a reciprocal')
  t.equal(await scaling([{ op: 'Mul', from: ['x', 'a'], to: ['y'] }], { a: { shape: [8, 8, 3] } }), null, 'a factor for each pixel')
  t.equal(await scaling([{ op: 'Mul', from: ['x', 'a'], to: ['y'] }, { op: 'Neg', from: ['x'], to: ['z'] }], { a: scalar(1 / 255) }), null, 'two branches')
  t.equal(await scaling([{ op: 'Identity', from: ['x'], to: ['y'] }]), null, 'nothing')
  t.equal(rangeOf({ factor: [0, 0, 0], offset: [0, 0, 0] }), null)
  t.equal(rangeOf({ factor: [1 / 255, 4, 1 / 255], offset: [0, 0, 0] }), null, 'channels that contradict each other')
})
