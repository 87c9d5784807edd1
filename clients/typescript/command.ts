#!/usr/bin/env node
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { OpenAPI3 } from 'openapi-typescript'

const USAGE = `Usage: servery-types URL --out FILE

Writes the TypeScript types of the model that a Servery server at URL serves. It needs the package openapi-typescript.

Options:
  --out FILE   where to write them, such as model.ts
  --help       print this
`

try {
  const { values, positionals: [url, ...others] } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.help) process.stdout.write(USAGE)
  else if (url === undefined || others.length > 0 || values.out === undefined) fail(`Give one URL, and --out FILE.\n\n${USAGE}`, 2)
  else await write(url, values.out)
} catch (error) {
  const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  fail(`${error instanceof Error ? error.message : String(error)}\n`, isUsage ? 2 : 1)
}

async function write (url: string, out: string): Promise<void> {
  const address = `${url.replace(/\/$/, '')}/openapi.json`
  const response = await fetch(address).catch((error: Error) => { throw new Error(`There is no answer from ${address}: ${error.cause instanceof Error ? error.cause.message : error.message}`) })
  if (!response.ok) throw new Error(`${address} answered ${response.status} ${response.statusText}`)
  const document: OpenAPI3 = await response.json()
  // Imported here, so that the command can say what it lacks.
  const { typesOf } = await import('./types.ts').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_MODULE_NOT_FOUND' ? new Error('This needs another package: npm install --save-dev openapi-typescript typescript@5') : error
  })
  await writeFile(out, await typesOf(document))
  process.stdout.write(`${out}\n`)
}

function fail (message: string, exitCode: number): void {
  process.stderr.write(message)
  process.exitCode = exitCode
}
