import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { environment, start } from '../e2e/process.ts'
import { patientsCard, patientsModel } from '../fixtures/columns.ts'
import { modelFolder } from '../fixtures/model.ts'
import { reviewsCard, reviewsModel } from '../fixtures/reviews.ts'
import { tokensCard, tokensModel } from '../fixtures/tensors.ts'
import { visit } from './browser.ts'
import { twoPhotos } from './photos.ts'

const [photo] = twoPhotos()
const KEY = "it's-a-secret-key"
const python = process.env['PYTHON'] ?? 'python3'
const hasPython = spawnSync(python, ['-c', 'import requests, tqdm']).status === 0

/** How the code of each tab is run. There is no PowerShell here. */
const COMMANDS: Record<string, ((code: string) => [string, string[]]) | undefined> = {
  curl: code => ['bash', ['-c', `set -e; ${code}`]],
  'Open Inference Protocol': code => ['bash', ['-c', code]],
  JavaScript: code => ['node', ['--input-type=module', '--eval', code]],
  ...hasPython && { Python: code => [python, ['-c', code]], 'Python client': code => [python, ['-c', code]] }
}

/** The code of each tab, by its name. */
async function codesOf (page: Page): Promise<Map<string, string>> {
  await page.locator('.use summary').click()
  const codes = new Map<string, string>()
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click()
    codes.set(await tab.innerText(), await page.getByRole('tabpanel').locator('code').innerText())
  }
  return codes
}

/** Runs the code of all tabs in a folder, and checks what it prints. */
async function run (t: Test, codes: Map<string, string>, cwd: string, expected: RegExp, inference: RegExp): Promise<void> {
  for (const [name, code] of codes) {
    const command = COMMANDS[name]?.(code)
    if (!command) {
      t.comment(`NOT RUN: ${name}`)
      continue
    }
    const { stdout } = await promisify(execFile)(...command, { cwd, env: environment({ PYTHONPATH: projectFile('clients/python') }) })
    t.match(stdout, name === 'Open Inference Protocol' ? inference : expected, `${name}:\n${code}`)
  }
}

const ALL = ['curl', 'Python', 'Python client', 'JavaScript', 'PowerShell', 'Open Inference Protocol']

t.test('a picture: the code of every tab sends it, whatever its name', async t => {
  const { url } = await start(t)
  const { page, problems } = await visit(t, url)
  const name = "it's 100 %, é;1.jpg"
  await page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer: photo.bytes })
  await page.locator('.result .label', { hasText: photo.label }).waitFor()
  const codes = await codesOf(page)
  t.same([...codes.keys()], ALL)
  t.equal(codes.get('PowerShell'), `Invoke-RestMethod ${url}/predict -Method Post -ContentType 'application/octet-stream' -InFile 'it''s 100 %, é;1.jpg' | ConvertTo-Json -Depth 10`)
  const cwd = t.testdir({})
  writeFileSync(`${cwd}/${name}`, photo.bytes)
  await run(t, codes, cwd, new RegExp(photo.label.replaceAll(' ', '_')), /"model_name":"tensorfood".*"datatype":"FP32","shape":\[1,25\]/)
  t.same(JSON.parse(await page.locator('.json').innerText()).food, photo.label.replaceAll(' ', '_'))
  t.same(problems, [])
})

t.test('a row, with a key: the code has the key that the visitor typed', async t => {
  const { url } = await start(t, { MODEL_NAME: 'iris', API_KEYS: `laboratory:${KEY}` })
  const { page } = await visit(t, url)
  await page.locator('.result.failed').waitFor()
  t.notOk(await page.locator('.use').isVisible(), 'there is no code before there is an answer')
  t.notOk(await page.locator('.why').isVisible())
  await page.getByLabel('API key').fill(KEY)
  await page.getByRole('button', { name: 'setosa' }).click()
  await page.locator('.result .label', { hasText: 'setosa' }).waitFor()
  const codes = await codesOf(page)
  t.same([...codes.keys()], ALL)
  for (const [name, code] of codes) t.match(code, name === 'PowerShell' ? "Authorization = 'Bearer it''s-a-secret-key'" : /[Bb]earer it|api_key="it/)
  await run(t, codes, t.testdir({}), /setosa/, /"name":"output_label","datatype":"INT64","shape":\[1\],"data":\[0\]/)
  await page.getByRole('tab', { name: 'curl' }).focus()
  await page.keyboard.press('ArrowLeft')
  t.equal(await page.locator(':focus').innerText(), 'Open Inference Protocol', 'the arrow keys go round')
})

t.test('a row of values of every kind, one of them missing', async t => {
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card: patientsCard, model: patientsModel }) })
  const { page } = await visit(t, url)
  await page.locator('.result .label', { hasText: 'weight' }).waitFor()
  await page.getByLabel('city').selectOption(' Rome')
  const codes = await codesOf(page)
  await run(t, codes, t.testdir({}), /weight/, /"outputs"/)
})

t.test('a text with quotes of all kinds', async t => {
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }) })
  const { page } = await visit(t, url)
  await page.getByLabel('Text', { exact: true }).fill('It’s "great", it\'s \\great\n$HOME 😀 `kind` {True} null')
  await page.locator('.result .label', { hasText: 'positive' }).waitFor()
  const codes = await codesOf(page)
  t.same([...codes.keys()], ALL)
  t.match(codes.get('PowerShell'), "-Body '{\"text\":\"It’’s \\\"great\\\", it''s ")
  await run(t, codes, t.testdir({}), /positive/, /"outputs"/)
})

t.test('plain tensors, short and long; JSON too long for a command comes as a file', async t => {
  const card = { ...tokensCard, output: { kind: 'tensors' }, labels: [] }
  const { url } = await start(t, { MODEL_PATH: modelFolder(t, { card, model: tokensModel }) })
  const { page } = await visit(t, url)
  const send = async (count: number) => {
    const tokens = Array.from({ length: count }, (_, at) => [3 * at + 1, 3 * at + 2, 3 * at + 3])
    await page.getByLabel('Input tensors as JSON').fill(JSON.stringify({ inputs: { tokens, attention_mask: tokens.map(() => [1, 1, 1]) } }))
    await page.getByRole('button', { name: 'Run the model' }).click()
    await page.locator('.result:not([aria-busy]) .use').waitFor()
  }
  await send(1)
  const codes = await codesOf(page)
  t.same([...codes.keys()], ALL)
  await run(t, codes, t.testdir({}), /\[\s*\[\s*1,\s*2,\s*3\s*\]\s*\]|array\(/, /"outputs"/)

  await send(120)
  const long = await codesOf(page)
  t.same([...long.keys()], ALL.slice(0, -1))
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save input.json' }).click()])
  const cwd = t.testdir({})
  await download.saveAs(`${cwd}/input.json`)
  await run(t, long, cwd, /28,\s*29,\s*30|array\(/, /./)
})

t.test('where the service does not speak the protocol, there is no such tab', async t => {
  const { url } = await start(t, { MODEL_NAME: 'iris', DIALECTS: 'max' })
  const { page } = await visit(t, url)
  await page.locator('.result .use').waitFor()
  t.same([...(await codesOf(page)).keys()], ALL.slice(0, -1))
})

t.test('code is copied, over plain HTTP too, where browsers have no clipboard', async t => {
  const { url } = await start(t, { MODEL_NAME: 'iris' })
  for (const isPlain of [false, true]) {
    const { page } = await visit(t, url, { permissions: ['clipboard-read', 'clipboard-write'] })
    const reader = await page.context().newPage()
    await reader.goto(url)
    await page.bringToFront()
    await page.locator('.result .use').waitFor()
    if (isPlain) await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    await page.locator('.use summary').click()
    const copy = page.getByRole('button', { name: 'Copy', exact: true })
    await page.getByRole('tab', { name: 'JavaScript' }).click()
    await copy.click()
    await page.locator('#status', { hasText: 'Copied.' }).waitFor({ state: 'attached' })
    const code = await page.getByRole('tabpanel').locator('code').innerText()
    await reader.bringToFront()
    t.equal(await reader.evaluate(() => navigator.clipboard.readText()), code, isPlain ? 'with the old command' : 'with the clipboard')
    if (!isPlain) continue
    await page.bringToFront()
    await page.evaluate(() => { document.execCommand = () => false })
    await page.getByRole('button', { name: 'Copy the JSON' }).click()
    await page.locator('#status', { hasText: 'Press Ctrl+C' }).waitFor({ state: 'attached' })
    t.match(await page.evaluate(() => getSelection()?.toString()), /"species": "virginica"/, 'what cannot be copied is selected')
  }
})
