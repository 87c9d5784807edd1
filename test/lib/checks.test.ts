import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { checkModel, faultsOf } from '../../lib/checks.ts'
import { Classifier } from '../../lib/classifier.ts'
import { InlineRunner } from '../../lib/engine/inline.ts'
import { echoCard, echoModel } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'
import { payloadRow } from './engine/rows.ts'

/** Opens a model that puts out its input. */
async function open (t: Test, change: Partial<Card>, { folder = '', model = echoModel } = {}): Promise<{ classifier: Classifier, runner: InlineRunner }> {
  const card: Card = { ...echoCard, ...change }
  const runner = await InlineRunner.open({ model, contract: card, threads: 1 })
  const classifier = new Classifier({ folder, card, engine: { runner, workers: 0, threads: 1, maxBatch: 1, providers: ['cpu'], trials: [] }, limits: { pixels: 100, characters: Infinity } })
  t.teardown(() => classifier.close())
  return { classifier, runner }
}

async function check (t: Test, change: Partial<Card> = {}, example: unknown = [0.25, 0.75], options: Parameters<typeof open>[2] = {}): Promise<void> {
  const { classifier, runner } = await open(t, change, options)
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
  await t.rejects(of('b.png', 0.8), { message: /^sample b\.png is missing/ })
})

/** A model that takes two features and puts out the first one, [batch, 1]. */
const firstModel = onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 1]]], [{ op: 'Gather', from: ['x', 'first'], to: 'y', attributes: { axis: 1 } }], { first: [0] })

t.test('a probability of two labels, or of several at once, is from 0 to 1', async t => {
  const binary: Partial<Card> = { output: { kind: 'binary', tensor: 'y', activation: 'none' } }
  await t.resolves(check(t, binary, [0.3, 0], { model: firstModel }))
  await t.rejects(check(t, binary, [3, 0], { model: firstModel }), { message: 'output \'y\' does not hold probabilities: they are from 3.000 to 3.000; if it holds logits, set "activation": "sigmoid" in the card' })
  await t.resolves(check(t, { output: { kind: 'binary', tensor: 'y', activation: 'sigmoid' } }, [3, 0], { model: firstModel }))
  const labels: Partial<Card> = { output: { kind: 'labels', tensor: 'y', activation: 'none' } }
  await t.resolves(check(t, labels, [0.9, 0.8]), 'they need not sum to 1')
  await t.rejects(check(t, labels, [0.5, -1]), { message: /they are from -1\.000 to 0\.500; .*"sigmoid"/ })
})

t.test('an output that has not one row for one input stops the start', async t => {
  const twice = onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['rows', 2]]], [{ op: 'Concat', from: ['x', 'x'], to: 'y', attributes: { axis: 0 } }])
  await t.rejects(check(t, {}, [0.25, 0.75], { model: twice }), { message: /output 'y' has the shape \[2,2\], not \[1,…\]/ })
  const flat = onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['rows']]], [{ op: 'Reshape', from: ['x', 'shape'], to: 'y' }], { shape: [-1] })
  await t.resolves(check(t, {}, [0.25, 0.75], { model: flat }), 'scores of one input may lack the batch axis')
  await t.rejects(check(t, { labels: [], output: { kind: 'value', tensor: 'y' } }, [1, 2], { model: flat }), { message: "output 'y' is [2] for a single input: it has 2 rows instead of one" })
})

t.test('a model may have no number for an input that was made up', async t => {
  await t.resolves(check(t, { labels: [], output: { kind: 'value', tensor: 'y' } }, [NaN, 0], { model: firstModel }))
})

t.test('a golden sample of a number is near it: within the tolerance, and for large ones within that share', async t => {
  const value = (value: number, row = [3.2, 0]) => check(t, { labels: [], output: { kind: 'value', tensor: 'y' }, samples: [{ row, value }] }, [0, 0], { model: firstModel })
  await t.resolves(value(3.2))
  await t.resolves(value(3.229))
  await t.rejects(value(3.3), { message: /^sample \[3\.2,0\] has the value 3\.3 in the card, but the service answers 3\.2$/ })
  await t.resolves(value(20_100, [20_000, 0]))
  await t.rejects(value(20_300, [20_000, 0]), { message: /answers 20000$/ })
})

t.test('a golden sample of several labels has all of them, in any order', async t => {
  const labels = (labels: string[]) => check(t, { output: { kind: 'labels', tensor: 'y', activation: 'none' }, samples: [{ row: [0.6, 0.7], labels }] })
  await t.resolves(labels(['wide', 'high']))
  await t.rejects(labels(['high']), { message: /^sample \[0\.6,0\.7\] has the labels \["high"\] in the card, but the service answers \["high","wide"\]$/ })
})

t.test('of a golden sample, only what it says is compared', async t => {
  await t.resolves(check(t, { samples: [{ row: [0.3, 0.7] }, { row: [0.3, 0.7], label: 'high' }, { row: [0.3, 0.7], probability: 0.7 }] }))
  await t.rejects(check(t, { samples: [{ row: [0.3, 0.7], label: 'wide' }] }), { message: "sample [0.3,0.7] has label 'wide' in the card, but the service answers 'high' with probability 0.7" })
  const words = onnxFile([['x', 'float32', ['batch', 2]]], [['z', 'int64', ['batch']]], [{ op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }])
  const label: Partial<Card> = { output: { kind: 'label', label: 'z', classes: [0, 1] } }
  await t.resolves(check(t, { ...label, samples: [{ row: [3, 7], label: 'high' }] }, [1, 2], { model: words }))
  await t.rejects(check(t, { ...label, samples: [{ row: [3, 7], label: 'high', probability: 0.5 }] }, [1, 2], { model: words }), { message: /but the service answers 'high'$/ })
})

t.test('all faults can be told at once', async t => {
  const { classifier, runner } = await open(t, { samples: [{ row: [0.3, 0.7], label: 'wide' }, { row: [0.3, 0.7], label: 'high' }, { row: [0.6, 0.4], label: 'high' }] })
  const faults = await faultsOf(classifier, runner, payloadRow([2, 5]))
  t.match(faults, [/^output 'y' does not hold probabilities/, /^sample \[0\.3,0\.7\]/, /^sample \[0\.6,0\.4\]/])
  t.equal(faults.length, 3)
})
