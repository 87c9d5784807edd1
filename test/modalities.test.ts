import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../lib/project.ts'

/** The table of modalities: the only place that asks a card which modality it has. */
const TABLE = ['lib/modalities/kinds.ts']

/** What works out the card of a model has to find its modality first. */
const INFERENCE = join('lib', 'card')

const ASKS = /\binput\??\.kind\b|\bkind (===|!==) '(image|table|text)'/

/** Calls the function of the model's modality. */
const CHOOSES = /\bbyModality[(<]/

/** Where each modality has a row: its two halves, and its HTTP side. */
const ROWS = ['lib/modalities/encoders.ts', 'lib/modalities/index.ts', 'lib/modalities/kinds.ts', 'wire/index.ts']

t.test('only the table of modalities tells them apart, and what works out a card', async t => {
  const found = new Set<string>()
  const rows = new Set<string>()
  let read = 0
  for (const folder of ['plugins', 'routes', 'wire', 'cli', 'bench', 'lib']) {
    for (const name of await readdir(projectFile(folder), { recursive: true })) {
      const path = join(folder, name)
      if (!name.endsWith('.ts') || path.startsWith(INFERENCE)) continue
      read++
      const text = await readFile(projectFile(path), 'utf8')
      if (ASKS.test(text)) found.add(path)
      if (CHOOSES.test(text)) rows.add(path)
    }
  }
  t.notMatch(await readFile(projectFile('app.ts'), 'utf8'), ASKS)
  t.ok(read > 80, `${read} files were read`)
  t.same([...found], TABLE)
  t.same([...rows].sort(), ROWS)
})
