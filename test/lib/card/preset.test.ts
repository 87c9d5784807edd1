import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PRESET_NAMES, presetOf, resolveWithPreset } from '../../../lib/card/preset.ts'
import { modelFolder } from '../../fixtures/model.ts'
import { onnxFile } from '../../fixtures/onnx.ts'

/** A network for pictures of these channels and sides that says nothing of their preparation. */
function folderOf (t: Test, shape: number[], card?: object): string {
  const transposed = shape[0] !== 1 && shape[0] !== 3
  const model = onnxFile([['x', 'float32', ['batch', ...shape]]], [['y', 'float32', ['batch', 3]]], [
    ...transposed ? [{ op: 'Transpose', from: ['x'], to: 't' }] : [], { op: 'GlobalAveragePool', from: [transposed ? 't' : 'x'], to: 'means' }, { op: 'Flatten', from: ['means'], to: 'y' }
  ])
  const folder = modelFolder(t, { model })
  if (card) writeFileSync(join(folder, 'card.json'), JSON.stringify(card))
  else rmSync(join(folder, 'card.json'))
  return folder
}

t.test('a name that is none lists the presets', async t => {
  t.same(PRESET_NAMES, ['torchvision', 'timm', 'keras', 'sklearn'])
  t.equal(presetOf('timm'), 'timm')
  for (const name of ['', 'Timm', 'toString']) t.throws(() => presetOf(name), { message: `there is no preset '${name}'; the presets are torchvision, timm, keras, sklearn` })
})

t.test('what would be assumed is taken from the preset, for the size of the model', async t => {
  const { card } = await resolveWithPreset(folderOf(t, [3, 96, 96]), 'timm')
  // int(96 / 0.875) = 109.
  t.match(card.input, { width: 96, height: 96, layout: 'NCHW', resize: { fit: 'cover', filter: 'bicubic', shorterSide: 109 }, normalisation: { mean: [0.485, 0.456, 0.406] } })
})

t.test('what the card says stays', async t => {
  const { card } = await resolveWithPreset(folderOf(t, [3, 96, 96], { input: { kind: 'image', resize: { fit: 'stretch', filter: 'nearest' } } }), 'timm')
  t.match(card.input, { resize: { fit: 'stretch', filter: 'nearest' } })
})

t.test('without a preset, nothing changes', async t => {
  t.match((await resolveWithPreset(folderOf(t, [3, 96, 96]), null)).card.input, { resize: { filter: 'bilinear' } })
})
