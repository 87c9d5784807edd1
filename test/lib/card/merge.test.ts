import t from 'tap'
import type { Assumption, PartialCard } from '../../../lib/card/infer/source.ts'
import { merge, openIn } from '../../../lib/card/merge.ts'

t.test('what is there stays, and the rest is added field by field; lists stay whole', async t => {
  t.same(merge(
    { name: 'own', labels: ['a'], input: { normalisation: { mean: [1] } } },
    { name: 'other', version: '3', labels: ['b', 'c'], input: { kind: 'image', width: 8, normalisation: { mean: [2], std: [3] } }, output: { kind: 'classes' } }
  ), { name: 'own', version: '3', labels: ['a'], input: { kind: 'image', width: 8, normalisation: { mean: [1], std: [3] } }, output: { kind: 'classes' } })
})

t.test('a part of another kind is left out', async t => {
  t.same(merge({ output: { kind: 'tensors' } }, { output: { kind: 'classes', tensor: 'y' } }), { output: { kind: 'tensors' } })
  t.same(merge({ output: { activation: 'softmax' } }, { output: { kind: 'classes', tensor: 'y', activation: 'none' } }), { output: { kind: 'classes', tensor: 'y', activation: 'softmax' } })
})

t.test('null is a value: it says that there is none', async t => {
  t.same(merge({ input: { kind: 'image', normalisation: null } }, { input: { kind: 'image', normalisation: { mean: [0], std: [1] } } }), { input: { kind: 'image', normalisation: null } })
})

t.test('the shorter side belongs to the way of fitting that it was found with', async t => {
  t.same(merge({ input: { resize: { fit: 'stretch' } } }, { input: { resize: { fit: 'cover', shorterSide: 256, filter: 'bilinear' } } }), { input: { resize: { fit: 'stretch', filter: 'bilinear' } } })
  t.same(merge({ input: { resize: { filter: 'bicubic' } } }, { input: { resize: { fit: 'cover', shorterSide: 256, filter: 'bilinear' } } }), { input: { resize: { fit: 'cover', shorterSide: 256, filter: 'bicubic' } } })
})

t.test('features that only name themselves are completed by their names, else by their places', async t => {
  const found: PartialCard = { input: { kind: 'table', features: [{ name: 'a', tensor: 'a', type: 'string', values: ['x'], example: 'x' }, { name: 'b', tensor: 'b', min: 1, max: 3, example: 2 }] } }
  const features = (names: Array<{ name: string, example?: number, min?: number }>) => {
    const { input } = merge({ input: { kind: 'table', features: names } }, found)
    return input && 'features' in input ? input.features : undefined
  }
  t.same(features([{ name: 'b' }, { name: 'a' }])?.map(({ tensor }) => tensor), ['b', 'a'])
  t.same(features([{ name: 'sex' }, { name: 'age' }]), [{ name: 'sex', tensor: 'a', type: 'string', values: ['x'], example: 'x' }, { name: 'age', tensor: 'b', min: 1, max: 3, example: 2 }])
  t.same(features([{ name: 'one' }]), [{ name: 'one' }], 'not if their number differs')
  t.same(features([{ name: 'a' }, { name: 'b', min: 2.5 }])?.[1], { name: 'b', tensor: 'b', min: 2.5 }, 'half a range is not completed by another')
  t.same(features([{ name: 'a' }, { name: 'b', example: 9 }])?.[1], { name: 'b', tensor: 'b', example: 9 }, 'nor an example by a range that it is not in')
  t.same(features([{ name: 'a' }, { name: 'b', example: 3 }])?.[1], { name: 'b', tensor: 'b', min: 1, max: 3, example: 3 })
})

t.test('an assumption about what the card says is none', async t => {
  const about = (field: string): Assumption => ({ field, assumed: '', because: '', card: '{}' })
  const all = ['/labels', '/input/normalisation', '/input/resize/fit', '/input/features/0/min', '/input/features/1/min', '/output/kind'].map(about)
  const card: PartialCard = { labels: [], input: { normalisation: null, features: [{ name: 'a', min: 1 }, { name: 'b' }] } }
  t.same(openIn(card, all).map(({ field }) => field), ['/input/resize/fit', '/input/features/1/min', '/output/kind'])
  t.same(openIn({}, all), all)
})
