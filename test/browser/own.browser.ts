import { readFileSync } from 'node:fs'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { start } from '../e2e/process.ts'
import { visit } from './browser.ts'

/** A file of the exports, as their frameworks wrote them, without a card. */
const exported = (name: string): string => projectFile(`test/fixtures/exports/${name}`)

/** The framework's own answers to the inputs of an export. */
function casesOf (name: string): Array<{ input?: Record<string, number>, picture?: string, label: string }> {
  return JSON.parse(readFileSync(exported(`${name}.reference.json`), 'utf8')).cases
}

t.test('a wine model of scikit-learn, as MLflow saved it, is answered in the page as in Python', async t => {
  const { url } = await start(t, { MODEL_PATH: exported('mlflow-named-columns') })
  const { page, problems } = await visit(t, url)
  for (const { input, label } of casesOf('mlflow-named-columns')) {
    for (const [column, value] of Object.entries(input ?? {})) await page.getByLabel(column, { exact: true }).fill(String(value))
    await page.locator('.result:not([aria-busy]) .label', { hasText: new RegExp(`^${label}$`) }).waitFor()
  }
  t.same(problems, [])
})

t.test('a network of torch, as its exporter wrote it, is answered in the page as in Python', async t => {
  const { url } = await start(t, { MODEL_PATH: exported('torch-dynamo') })
  const { page, problems } = await visit(t, url)
  for (const { picture = '', label } of casesOf('torch-dynamo')) {
    await page.setInputFiles('#file', exported(picture))
    await page.locator('.result:not([aria-busy]) .label', { hasText: new RegExp(`^${label}$`) }).first().waitFor()
    await page.locator('.result').first().evaluate(result => result.remove())
  }
  t.same(problems, [])
})
