import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { projectFile } from '../lib/project.ts'

/** Takes the screenshots for the documents, with a real browser: CHROMIUM, or /usr/bin/chromium. */

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
})

/** Size of the browser window. */
const WINDOW_PIXELS = { width: 1200, height: 900 }

async function take (name: string, model: string, act: (page: Page) => Promise<void>): Promise<void> {
  const port = '8740'
  const server = spawn(process.execPath, [projectFile('dist/server.js')], {
    env: { ...process.env, MODEL_NAME: model, PORT: port, HOST: '127.0.0.1', LOG_LEVEL: 'warn' }, stdio: ['ignore', 'ignore', 'inherit']
  })
  const url = `http://127.0.0.1:${port}`
  while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) await sleep(50)
  const page = await browser.newPage({ viewport: WINDOW_PIXELS, reducedMotion: 'reduce' })
  await page.goto(url)
  await act(page)
  await sharp(await page.screenshot()).png({ palette: true, quality: 50, effort: 10 }).toFile(projectFile(`web/screenshots/${name}.png`))
  await page.close()
  server.kill('SIGTERM')
  await once(server, 'exit')
}

async function askWhy (page: Page): Promise<void> {
  await page.locator('.result:not([aria-busy])').first().waitFor()
  await page.locator('.why').first().click()
  await page.locator('.overlay, .effects').first().waitFor()
}

await mkdir(projectFile('web/screenshots'), { recursive: true })
await take('page', 'tensorfood', async page => {
  await page.locator('.sample').first().click()
  await askWhy(page)
})
await take('table', 'iris', askWhy)
await browser.close()
