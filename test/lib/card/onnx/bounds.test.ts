import t from 'tap'
import { Bounds, ELEMENTS } from '../../../../lib/card/onnx/bounds.ts'

t.test('as many as the limit are allowed, and one more is refused by name', async t => {
  const bounds = new Bounds()
  bounds.count('functions', 10_000)
  t.throws(() => bounds.count('functions'), { name: 'OnnxFault', message: 'holds more than 10000 functions; export a smaller model' })
  t.doesNotThrow(() => bounds.count('inputs', 10_000), 'each kind counts alone')
})

t.test('texts are given back, until all together are too long', async t => {
  const bounds = new Bounds()
  t.equal(bounds.text('a name'), 'a name')
  t.throws(() => { for (let i = 0; i <= 64; i++) bounds.text('x'.repeat(1024 * 1024)) }, /bytes of names and texts/)
})

t.test('lists are kept up to 64 Ki elements each, and 4 Mi together', async t => {
  const bounds = new Bounds()
  t.equal(bounds.keeps(ELEMENTS + 1), false)
  const kept = Array.from({ length: 100 }, () => bounds.keeps(ELEMENTS)).filter(isKept => isKept)
  t.equal(kept.length, 64)
})

t.test('subgraphs may be nested 32 deep', async t => {
  t.doesNotThrow(() => new Bounds().depth(32))
  t.throws(() => new Bounds().depth(33), /more than 32 deep/)
})
