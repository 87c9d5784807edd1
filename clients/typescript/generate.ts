import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { OpenAPI3 } from 'openapi-typescript'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import { typesOf } from './types.ts'

const { values: { out } } = parseArgs({ options: { out: { type: 'string', default: projectFile('clients/typescript/paths.ts') } } })

// Dialects are for the clients of other systems.
const app = await buildApp(loadConfig({ ...process.env, DIALECTS: 'none' }))
const document: OpenAPI3 = (await app.inject('/openapi.json')).json()
await writeFile(out, await typesOf(document))
await app.close()
process.stdout.write(`${out}\n`)
