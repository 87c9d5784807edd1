import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { onnxFile, type Node, type Value } from '../fixtures/onnx.ts'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'

/** A folder for pictures of each page, to look at. */
const { SCREENSHOTS } = process.env

const outputs: Value[] = [['y', 'float32', ['batch', 2]], ['z', 'int64', ['batch']], ['one', 'float32', ['batch', 1]]]
const nodes: Node[] = [
  { op: 'Identity', from: ['x'], to: 'y' }, { op: 'ArgMax', from: ['x'], to: 'z', attributes: { axis: 1, keepdims: 0 } }, { op: 'Gather', from: ['x', 'first'], to: 'one', attributes: { axis: 1 } }
]
const model = onnxFile([['x', 'float32', ['batch', 2]]], outputs, nodes, { first: [0] })

// The page sends its example, [0.25, 0.75].
const pages: Array<[name: string, Pick<Card, 'output' | 'labels'>, shown: { heading: RegExp, verdict: string, given: string[], bars: number, chosen: number, why: boolean, outputs: string[] }]> = [
  ['labels', { output: { kind: 'labels', tensor: 'y', activation: 'none', threshold: 0.2 }, labels: ['with_stripes', 'with_stripes'] }, {
    heading: /^2 labels$/, verdict: '', given: ['with stripes', 'with stripes'], bars: 2, chosen: 2, why: true, outputs: []
  }],
  ['no label', { output: { kind: 'labels', tensor: 'y', activation: 'none', threshold: 0.9 }, labels: ['wide', 'high'] }, {
    heading: /^No label$/, verdict: 'No label reaches the threshold of the model.', given: [], bars: 2, chosen: 0, why: true, outputs: []
  }],
  ['label', { output: { kind: 'label', label: 'z', classes: [0, 1] }, labels: ['wide', 'high'] }, {
    heading: /^high$/, verdict: 'This model gives no probabilities.', given: [], bars: 0, chosen: 0, why: false, outputs: []
  }],
  ['value', { output: { kind: 'value', tensor: 'one' }, labels: [] }, { heading: /^0\.25$/, verdict: '', given: [], bars: 0, chosen: 0, why: true, outputs: [] }],
  ['tensors', { output: { kind: 'tensors' }, labels: [] }, {
    heading: /^3 outputs$/, verdict: '', given: [], bars: 0, chosen: 0, why: false, outputs: ['y [1, 2]', '[[0.25,0.75]]', 'z [1]', '[1]', 'one [1, 1]', '[[0.25]]']
  }]
]

for (const [name, part, shown] of pages) {
  t.test(`the page shows an answer of the kind: ${name}`, async t => {
    const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card: { ...echoCard, ...part, labelKey: 'shape' }, model }), WORKERS: '0' })
    for (const [width, height] of [[1440, 900], [360, 740]] as const) {
      const { page, problems } = await visit(t, url, { viewport: { width, height } })
      await page.locator('.result:not([aria-busy])').waitFor()
      const result = page.locator('.result')
      t.match(await result.locator('h2 .label').innerText(), shown.heading)
      t.equal(await result.locator('.verdict').innerText(), shown.verdict)
      t.same(await result.locator('.given li').allInnerTexts(), shown.given)
      t.equal(await result.locator('.bars li').count(), shown.bars)
      t.equal(await result.locator('.bars .chosen').count(), shown.chosen)
      t.same(await result.locator('.outputs > dt, .outputs pre').allInnerTexts(), shown.outputs)
      t.equal(await result.locator('.why').isVisible(), shown.why)
      if (shown.why) {
        await result.locator('.why').click()
        await result.locator('.effects li').first().waitFor()
        t.equal(await result.locator('.effects li').count(), 2)
      }
      await page.setInputFiles('#csv', { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('width,height\n0.25,0.75\n') })
      await page.locator('#rows *').first().waitFor()
      if (name === 'tensors') t.same(await page.locator('#rows dt').allInnerTexts(), ['y [1, 2]', 'z [1]', 'one [1, 1]'])
      else {
        t.same(await page.locator('#rows td:not(.added)').allInnerTexts(), ['0.25', '0.75'])
        t.equal(await page.locator('#rows td.added').count(), part.output.kind === 'labels' ? 3 : 1)
      }
      t.notOk(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), 'nothing is wider than the page')
      t.same(problems, [])
      if (SCREENSHOTS) {
        mkdirSync(SCREENSHOTS, { recursive: true })
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`), fullPage: true })
      }
      await page.close()
    }
  })
}
