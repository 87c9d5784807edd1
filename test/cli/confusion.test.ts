import sharp from 'sharp'
import t from 'tap'
import { confusionPicture } from '../../cli/confusion.ts'
import { Evaluation } from '../../lib/evaluation.ts'

/** The picture of a model that tells these labels apart as the counts say: `counts[truth][answer]`. */
async function draw (labels: string[], counts: number[][], title = 'echo 1 on test') {
  const evaluation = new Evaluation(labels)
  counts.forEach((row, truth) => row.forEach((count, index) => {
    for (let example = 0; example < count; example++) evaluation.add(truth, { kind: 'label', label: labels[index]!, index })
  }))
  const { data, info } = await sharp(await confusionPicture(title, evaluation.report())).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)]
  // The matrix begins at 170, 170; each of up to 40 classes has 28 pixels.
  return { info, cell: (truth: number, answer: number) => pixel(170 + 28 * answer + 14, 170 + 28 * truth + 14) }
}

t.test('truth goes down and answers go across: right ones are green, wrong ones red, and what never happened is white', async t => {
  const { cell, info } = await draw(['a', 'b'], [[9, 0], [5, 5]])
  t.match(info, { width: 170 + 2 * 28 + 20, height: 170 + 2 * 28 + 20 })
  const [red, green, blue] = cell(0, 0)
  t.ok(green! > red! && green! > blue!, `${cell(0, 0)}`)
  t.same(cell(0, 1), [255, 255, 255])
  const [wrongRed, wrongGreen] = cell(1, 0)
  t.ok(wrongRed! > wrongGreen! + 50, `${cell(1, 0)}`)
})

t.test("a cell is shaded by its share of the truth's examples, however many there are", async t => {
  const { cell } = await draw(['a', 'b', 'c'], [[1, 0, 0], [0, 100, 0], [0, 3, 1]])
  t.same(cell(0, 0), cell(1, 1))
  t.ok(cell(2, 2)[0]! > cell(0, 0)[0]!, 'a quarter is lighter than all')
})

t.test('labels and titles are text', async t => {
  await t.resolves(draw(['<b>', 'R&D'], [[1, 0], [0, 1]], '"<svg>" & co'))
})

t.test('many classes have smaller cells', async t => {
  const labels = Array.from({ length: 41 }, (_, at) => `${at}`)
  const { info } = await draw(labels, labels.map((_, truth) => labels.map((_, answer) => Number(truth === answer))))
  t.equal(info.width, 170 + 41 * 14 + 20)
})

t.test('afterwards SVG is not opened any more', async t => {
  await draw(['a', 'b'], [[1, 0], [0, 1]])
  await t.rejects(sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')).png().toBuffer(), { message: /unsupported image format/ })
})
