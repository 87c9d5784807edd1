import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { projectFile } from '../lib/project.ts'

/**
 * Takes screenshots of the page in each of its states, on a desktop and on a phone, light and dark, to look at. The best ones
 * go to web/screenshots for the documents. Usage: `npm run screenshots [-- FOLDER [STATE …]]`. The browser is CHROMIUM, or
 * /usr/bin/chromium.
 */

const [folder = join(tmpdir(), 'servery-screenshots'), ...chosen] = process.argv.slice(2)
const PORT = process.env['SCREENSHOTS_PORT'] ?? '8740'
const WINDOWS = { phone: { width: 360, height: 740 }, desktop: { width: 1440, height: 900 } }
const SCHEMES = ['light', 'dark'] as const

/** The screenshots of the documents: what each shows, and the file of web/screenshots. */
const DOCUMENTED: Record<string, string> = {
  'picture-desktop-light': 'page', 'many-desktop-dark': 'many', 'table-desktop-light': 'table', 'picture-phone-dark': 'phone'
}

/** The documents show them smaller and in fewer colours: all of them weigh under 300 KB. */
const DOCUMENTED_WIDTH_PIXELS = 1000

/** How many pictures the list of many shows. */
const MANY = 30

const WHY_TRIES = 5
const WHY_TIMEOUT_MS = 10_000

interface State {
  /** The model's folder. */
  model: string
  act: (page: Page) => Promise<void>
}

const STATES: Record<string, State> = {
  start: { model: 'models/tensorfood', act: async page => { await page.locator('#ask').waitFor() } },
  picture: {
    model: 'models/tensorfood',
    act: async page => {
      await page.locator('.sample').first().click()
      await askWhy(page)
    }
  },
  many: {
    model: 'models/tensorfood',
    act: async page => {
      const samples = await page.locator('.sample').evaluateAll(buttons => buttons.map(button => button.getAttribute('data-file') ?? ''))
      const paths = Array.from({ length: MANY }, (_, at) => projectFile(`models/tensorfood/samples/${samples[at % samples.length]}`))
      await page.setInputFiles('#file', paths)
      await page.locator('.many [data-format=json]:enabled').waitFor()
      await page.waitForFunction(count => document.querySelectorAll('.many .list > li').length >= count && document.querySelectorAll('.many .list > li:not(.ready):not(.failed)').length === 0, MANY)
      await page.locator('.many').first().scrollIntoViewIfNeeded()
    }
  },
  table: {
    model: 'models/iris',
    act: async page => {
      // Far outside what the model saw in training, so that the page warns.
      await page.locator('.feature input[type=number], .feature input:not([type=range])').first().fill('99')
      await page.locator('.result.unsure:not([aria-busy])').waitFor()
      await askWhy(page)
    }
  },
  text: {
    model: 'test/fixtures/reviews',
    act: async page => {
      await page.getByRole('textbox').first().fill('The food was great, but the staff was rude.')
      await askWhy(page)
    }
  }
}

/** Opens "Why?" of the first answer. A newer answer closes it again, so this takes as many tries as it needs. */
async function askWhy (page: Page): Promise<void> {
  const shown = page.locator('.reasons:not([hidden]) > *').first()
  for (let tries = 0; tries < WHY_TRIES; tries++) {
    await page.locator('.result:not([aria-busy]) .why[aria-expanded=false]').first().click({ timeout: WHY_TIMEOUT_MS }).catch(() => {})
    if (await shown.waitFor({ timeout: WHY_TIMEOUT_MS }).then(() => true, () => false)) return
  }
  throw new Error('the page does not say why')
}

async function serve (model: string, use: (url: string) => Promise<void>): Promise<void> {
  const server = spawn(process.execPath, [projectFile('dist/server.js')], {
    env: { ...process.env, MODEL_PATH: projectFile(model), PORT, HOST: '127.0.0.1', LOG_LEVEL: 'warn' }, stdio: ['ignore', 'ignore', 'inherit']
  })
  try {
    const url = `http://127.0.0.1:${PORT}`
    while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) {
      if (server.exitCode !== null) throw new Error(`the server for ${model} has stopped`)
      await sleep(50)
    }
    await use(url)
  } finally {
    if (server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
  }
}

await mkdir(folder, { recursive: true })
await mkdir(projectFile('web/screenshots'), { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
})
try {
  for (const [state, { model, act }] of Object.entries(STATES).filter(([state]) => chosen.length === 0 || chosen.includes(state))) {
    await serve(model, async url => {
      for (const [window, viewport] of Object.entries(WINDOWS)) {
        for (const colorScheme of SCHEMES) {
          const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce', hasTouch: window === 'phone', isMobile: window === 'phone' })
          await page.goto(url)
          await page.locator('html.ready').waitFor()
          await act(page)
          const name = `${state}-${window}-${colorScheme}`
          const shot = await page.screenshot({ path: join(folder, `${name}.png`) })
          const documented = DOCUMENTED[name]
          if (documented !== undefined) {
            await sharp(shot).resize({ width: DOCUMENTED_WIDTH_PIXELS, withoutEnlargement: true }).png({ palette: true, quality: 40, effort: 10 })
              .toFile(projectFile(`web/screenshots/${documented}.png`))
          }
          await page.close()
          console.log(join(folder, `${name}.png`))
        }
      }
    })
  }
} finally {
  await browser.close()
}
