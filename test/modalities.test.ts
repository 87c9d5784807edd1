import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../lib/project.ts'

/** The table of modalities, and the types and schemas of their cards: the only places that may know a modality by name. */
const TABLE = ['lib/modalities/kinds.ts']

t.test('only the table of modalities tells them apart', async t => {
  const found = new Set<string>()
  let read = 0
  for (const folder of ['plugins', 'routes', 'wire', 'cli', 'bench', 'lib']) {
    for (const name of await readdir(projectFile(folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue
      const path = join(folder, name)
      read++
      if (/\bkind (===|!==)|\.kind\b/.test(await readFile(projectFile(path), 'utf8'))) found.add(path)
    }
  }
  t.notMatch(await readFile(projectFile('app.ts'), 'utf8'), /\bkind (===|!==)|\.kind\b/)
  t.ok(read > 80, `${read} files were read`)
  t.same([...found], TABLE)
})
