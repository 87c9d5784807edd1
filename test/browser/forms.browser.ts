import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t from 'tap'
import { start } from '../e2e/process.ts'
import { patientsCard, patientsModel } from '../fixtures/columns.ts'
import { echoCard, modelFolder } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'
import { tokensCard, tokensModel } from '../fixtures/tensors.ts'
import { visit } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A model of 64 columns, as many as a small picture has pixels. */
const wideModel = onnxFile([['x', 'float32', ['batch', 64]]], [['y', 'float32', ['batch', 64]]], [{ op: 'Identity', from: ['x'], to: 'y' }])
const wideCard = {
  ...echoCard,
  labels: Array.from({ length: 64 }, (_, at) => `column ${at}`),
  output: { kind: 'classes', tensor: 'y', activation: 'softmax' },
  input: { kind: 'table', tensor: 'x', features: Array.from({ length: 64 }, (_, at) => ({ name: `pixel ${at}`, ...at % 2 === 0 && { min: 0, max: 16 } })) }
}

t.test('a row of columns of every kind is answered as it is typed and chosen', async t => {
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card: patientsCard, model: patientsModel }) })
  const { page, problems } = await visit(t, url)
  const answer = (label: string) => page.locator('.result:not([aria-busy]) .label', { hasText: label }).waitFor()
  await answer('weight')
  await page.getByLabel('weight', { exact: true }).fill('50')
  await page.getByLabel('age / years', { exact: true }).fill('99')
  await answer('age')
  await page.getByLabel('city').selectOption(' Rome')
  await page.getByLabel('is_member').selectOption('true')
  await page.getByLabel('visits', { exact: true }).fill('2.5')
  await page.locator('.result.failed').waitFor()
  t.match(await page.locator('.result .error').innerText(), "'visits' is 2.5, not a whole number.")
  await page.getByLabel('visits, slider').fill('5')
  await answer('age')
  await page.locator('.result summary').click()
  t.match(await page.locator('.result .curl').innerText(), '\'[99,0,5,true," Rome",50]\'')
  await page.getByRole('button', { name: 'Why?' }).click()
  await page.locator('.effects li').first().waitFor()
  t.same(await page.locator('.effects .name').allInnerTexts(), ['age / years 99', 'visits 5', 'is_member true', 'city Rome', 'weight 50'])
  t.same(problems.filter(problem => !problem.includes('422')), [])
})

t.test('plain tensors are typed, or come from a file', async t => {
  const card = { ...tokensCard, output: { kind: 'tensors' }, labels: [] }
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card, model: tokensModel }) })
  const { page, problems } = await visit(t, url)
  await page.getByLabel('Input tensors as JSON').fill('{"inputs":{"tokens":[[1,2,3]],"attention_mask":[[1,0,1]]}}')
  await page.getByRole('button', { name: 'Run the model' }).click()
  await page.getByText('[[1,0,3]]', { exact: true }).waitFor()
  await page.setInputFiles('#file', { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"inputs":{"tokens":[[4,5,6]],"attention_mask":[[1,1,1]]}}') })
  await page.getByText('[[4,5,6]]', { exact: true }).waitFor()
  await page.getByLabel('Input tensors as JSON').fill('{"inputs":{}}')
  await page.getByRole('button', { name: 'Run the model' }).click()
  await page.locator('.result.failed').waitFor()
  t.match(await page.locator('.result .error').innerText(), "input 'tokens' is missing")
  t.same(problems.filter(problem => !problem.includes('422')), [])
})

t.test('axe finds nothing, and nothing is to be scrolled sideways', async t => {
  const models = { columns: [patientsCard, patientsModel], tensors: [{ ...tokensCard, output: { kind: 'tensors' }, labels: [] }, tokensModel], wide: [wideCard, wideModel] } as const
  for (const [name, [card, model]] of Object.entries(models)) {
    const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card, model }) })
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 360]) {
        const { page } = await visit(t, url, { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
        if (name === 'tensors') await page.getByRole('button', { name: 'Run the model' }).click()
        await page.locator('.result:not([aria-busy])').waitFor()
        t.same(await violations(page), [], `${name}, ${colorScheme}, ${width} pixels`)
        t.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${name}, ${width} pixels`)
      }
    }
  }
})

/** Everything that axe finds wrong with the page as it is now. */
async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}
