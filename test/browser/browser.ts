import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContextOptions, type LaunchOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'
]

export interface Visit {
  page: Page
  /** Errors on the console, and requests to anywhere but the service. */
  problems: string[]
}

/** A page of a real browser with a profile of its own, closed when the test ends. */
export async function visit (t: Test, url: string, { args = [], ...options }: BrowserContextOptions & Pick<LaunchOptions, 'args'> = {}): Promise<Visit> {
  const profile = mkdtempSync(join(tmpdir(), 'servery-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: [...ARGUMENTS, ...args], ...options
  })
  t.teardown(async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', message => { if (message.type() === 'error') problems.push(message.text()) })
  page.on('pageerror', error => problems.push(error.message))
  page.on('request', request => { if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) problems.push(request.url()) })
  await page.goto(url)
  // The script of a form starts after the page has loaded.
  if (options.javaScriptEnabled !== false && await page.locator('#ask').count() > 0) await page.locator('html.ready').waitFor()
  return { page, problems }
}
