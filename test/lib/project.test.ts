import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { projectFile, VERSION } from '../../lib/project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('a file of the project is found from the sources and from what is built', async t => {
  t.equal(projectFile('models/iris/card.json'), join(root, 'models/iris/card.json'))
  const built: { projectFile: typeof projectFile } = await import(pathToFileURL(join(root, 'dist/lib/project.js')).href)
  t.equal(built.projectFile('README.md'), join(root, 'README.md'))
})

t.test("the version is the package's", async t => {
  t.equal(VERSION, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
})
