import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { checkModel } from '../../lib/checks.ts'
import { Classifier } from '../../lib/classifier.ts'
import { InlineRunner } from '../../lib/engine/inline.ts'
import { echoCard, echoModel } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'
import { payloadRow } from './engine/rows.ts'

/** Checks a model that puts out its input. */
async function check (t: Test, change: Partial<Card> = {}, example: unknown = [0.25, 0.75], { folder = '', model = echoModel } = {}): Promise<void> {
  const card: Card = { ...echoCard, ...change }
  const runner = await InlineRunner.open({ model, contract: card, threads: 1 })
  const classifier = new Classifier({ folder, card, engine: { runner, workers: 0, threads: 1, maxBatch: 1, trials: [] }, limits: { pixels: 100 } })
  t.teardown(() => classifier.close())
  await checkModel(classifier, runner, payloadRow(example))
}

const softmax = { output: { kind: 'classes', tensor: 'y', activation: 'softmax' } } as const

t.test('probabilities are not negative and sum to 1', async t => {
  await t.resolves(check(t))
  await t.resolves(check(t, {}, [0.2475, 0.7475]), 'to within 0.01, for quantised models')
  await t.rejects(check(t, {}, [2, 5]), { message: 'output \'y\' does not hold probabilities: they sum to 7.000, and the least is 2.000; if it holds logits, set "activation": "softmax" in the card' })
  await t.rejects(check(t, {}, [-0.5, 1.5]), { message: /they sum to 1\.000, and the least is -0\.500;/ })
})

t.test('logits may be anything but infinite, or no number at all', async t => {
  await t.resolves(check(t, softmax, [-20, 5]))
  for (const value of [NaN, Infinity]) await t.rejects(check(t, softmax, [value, 1]), { message: "output 'y' is not finite" })
})

t.test('an output with too few values for the labels is refused', async t => {
  await t.rejects(check(t, { labels: ['a', 'b', 'c'] }), { message: "output 'y' is float32 [1,2], not floats of [batch,3]" })
})

t.test('a golden sample has the label of the card, and its probability to within the tolerance', async t => {
  const sample = { row: [0.3, 0.7], label: 'high', probability: 0.7 }
  await t.resolves(check(t, { samples: [sample] }))
  await t.resolves(check(t, { samples: [{ ...sample, probability: 0.709 }] }), 'of 0.01, where the card does not say')
  await t.rejects(check(t, { samples: [sample, { ...sample, probability: 0.72 }] }), { message: /^sample \[0\.3,0\.7\] has label 'high' with probability 0\.72 in the card, but the service answers 'high' with probability 0\.7$/ })
  await t.resolves(check(t, { samples: [{ ...sample, probability: 0.72 }], tolerance: 0.05 }))
  await t.rejects(check(t, { samples: [{ ...sample, label: 'wide' }] }), { message: /^sample \[0\.3,0\.7\] has label 'wide' with probability 0\.7 in the card, but the service answers 'high'/ })
})

t.test('a golden sample may be a file of the model', async t => {
  const folder = t.testdir()
  // Two grey pixels of 51 and 204: a fifth and four fifths of 255.
  writeFileSync(join(folder, 'a.png'), await sharp(Buffer.from([51, 204]), { raw: { width: 2, height: 1, channels: 1 } }).png().toBuffer())
  const model = onnxFile([['x', 'float32', ['batch', 1, 1, 2]]], [['y', 'float32', ['batch', 2]]], [{ op: 'Flatten', from: ['x'], to: 'y' }])
  const input: Card['input'] = {
    kind: 'image',
    tensor: 'x',
    type: 'float32',
    layout: 'NCHW',
    width: 2,
    height: 1,
    colour: 'grey',
    resize: { fit: 'stretch', filter: 'bilinear' },
    background: '#ffffff',
    normalisation: { mean: [0], std: [1] }
  }
  const example = { bytes: await sharp({ create: { width: 2, height: 1, channels: 3, background: '#808080' } }).png().toBuffer(), width: 2, height: 1, decoder: 'libvips', isCmyk: false }
  const of = (file: string, probability: number) => check(t, { input, samples: [{ file, label: 'high', probability }], output: softmax.output }, example, { folder, model })
  // e^0.8 / (e^0.2 + e^0.8)
  await t.resolves(of('a.png', 0.6457))
  await t.rejects(of('a.png', 0.8), { message: /^sample a\.png has label 'high' with probability 0\.8 in the card/ })
  await t.rejects(of('b.png', 0.8), { code: 'ENOENT' })
})
