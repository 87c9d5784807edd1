import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { start } from '../e2e/process.ts'
import { picture } from '../fixtures/expected.ts'
import { visit } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The layout is not measured at the start: it changes no page. */
const LAYOUT = { WORKERS: '1', THREADS: '1', MAX_BATCH: '1' }

/** How a visitor may have set up the system. */
const COLOURS = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  'forced colours': { colorScheme: 'dark', forcedColors: 'active' }
} as const

/** Windows in CSS pixels. A zoom of 200 % halves the pixels of a window. */
const WINDOWS = {
  '360 pixels': { width: 360, height: 740 },
  '768 pixels': { width: 768, height: 1024 },
  '1440 pixels': { width: 1440, height: 900 },
  '1440 pixels at 200 %': { width: 720, height: 450 }
}

/** The narrowest window in which nothing may need to be scrolled sideways: 1280 pixels at 400 %. https://www.w3.org/TR/WCAG22/#reflow */
const NARROWEST = { width: 320, height: 256 }

/** Everything that axe finds wrong with the page as it is now. */
async function violations (page: Page, except: readonly string[]): Promise<string[]> {
  return await page.evaluate(async except => {
    const rules = Object.fromEntries(except.map(rule => [rule, { enabled: false }]))
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run({ resultTypes: ['violations'], rules })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`)
  }, except)
}

/** Checks the page as it is now, for each visitor. */
async function check (t: Test, page: Page, except: readonly string[] = []): Promise<void> {
  await page.evaluate(axe)
  for (const [colours, media] of Object.entries(COLOURS)) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' })
    for (const [name, size] of Object.entries(WINDOWS)) {
      await page.setViewportSize(size)
      // The contents of a document open or close when the window has its new size.
      await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
      t.same(await violations(page, except), [], `${colours}, ${name}`)
      t.equal(await sideways(page), 0, `nothing to scroll sideways, ${colours}, ${name}`)
    }
  }
  await page.setViewportSize(NARROWEST)
  t.equal(await sideways(page), 0, `nothing to scroll sideways at ${NARROWEST.width} pixels`)
}

const sideways = async (page: Page) => await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
const answered = async (page: Page) => await page.locator('.result:not([aria-busy])').waitFor()

/** The form has its script. Before that, it is one without. */
const started = async (page: Page) => await page.locator('#file[multiple]').waitFor({ state: 'attached' })

const pictures = await start(t, LAYOUT)
const rows = await start(t, { MODEL_NAME: 'iris', ...LAYOUT })

/**
 * Rules that the elements of Swagger UI break, which its styles cannot mend: a button of its list holds another one, its
 * headings leave out a level, and its introduction is in no landmark.
 */
const OF_SWAGGER_UI = ['nested-interactive', 'heading-order', 'region']

const STATES: Array<[name: string, url: string, act?: (page: Page) => Promise<unknown>, except?: readonly string[]]> = [
  ['the page with an answer, its reasons and an error', pictures.url, async page => {
    await started(page)
    await page.setInputFiles('#file', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
    await page.locator('.result.failed').waitFor()
    await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer: picture('rgb.png') })
    await page.locator('.result:not([aria-busy], .failed)').waitFor()
    await page.locator('.why:visible').click()
    await page.locator('.overlay').waitFor()
    await page.locator('.matrix tbody td').nth(1).click()
  }],
  ['the list of shortcuts', pictures.url, async page => {
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('?')
    await page.locator('dialog').waitFor()
  }],
  ['the page in a frame', `${pictures.url}/?embed`],
  ['the page of rows', rows.url, async page => {
    await answered(page)
    await page.locator('.why:visible').click()
    await page.locator('.effects').waitFor()
  }],
  ['an answer without JavaScript', pictures.url, async page => {
    await page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#file')!
      const data = new DataTransfer()
      data.items.add(new File(['no picture'], 'notes.txt'))
      field.files = data.files
      field.form!.submit()
    })
    await page.waitForURL('**/predict')
  }],
  ['answers to a table without JavaScript', rows.url, async page => {
    await page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#csv')!
      const data = new DataTransfer()
      data.items.add(new File(['5.1,3.5,1.4,0.2\n5.9,3,5.1,1.8\n'], 'rows.csv'))
      field.files = data.files
      field.form!.submit()
    })
    await page.waitForURL('**/predict')
  }],
  ['/info', `${pictures.url}/info`, async page => await page.locator('summary').click()],
  ['a missing page', `${pictures.url}/no/such/page`],
  ['/confusion', `${pictures.url}/confusion`, async page => await page.locator('.matrix tbody td').nth(1).click()],
  ['/docs', `${pictures.url}/docs`],
  ['the README of a model', `${pictures.url}/docs/models/tensorfood`],
  ['/swagger', `${pictures.url}/swagger/`, async page => await page.locator('.opblock').first().waitFor(), OF_SWAGGER_UI]
]

for (const [name, url, act, except] of STATES) {
  t.test(`axe finds nothing wrong with ${name}, in light, dark and forced colours, in any window`, async t => {
    const { page } = await visit(t, url, { viewport: WINDOWS['1440 pixels'], reducedMotion: 'reduce' })
    await act?.(page)
    await check(t, page, except)
  })
}

t.test('the services end cleanly', async t => {
  for (const { stop } of [pictures, rows]) t.equal(await stop(), 0)
})
