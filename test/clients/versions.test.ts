import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'

const PYTHON = 'clients/python/pyproject.toml'
const TYPESCRIPT = 'clients/typescript/package.json'

const read = (file: string, folder = projectFile('.')): string => readFileSync(join(folder, file), 'utf8')
const versionsIn = (folder?: string): unknown[] => [/^version = "(.+)"$/m.exec(read(PYTHON, folder))?.[1], JSON.parse(read(TYPESCRIPT, folder)).version]

t.test('the clients have the version of the service, its licence, and the libraries that it is tested with', async t => {
  const { version, license, devDependencies } = JSON.parse(read('package.json'))
  t.same(versionsIn(), [version, version])
  for (const client of ['clients/python', 'clients/typescript']) t.equal(read(`${client}/LICENSE`), read('LICENSE'), client)
  t.equal(JSON.parse(read(TYPESCRIPT)).license, license)
  t.equal(JSON.parse(read(TYPESCRIPT)).dependencies['openapi-fetch'], devDependencies['openapi-fetch'])
})

t.test('npm version gives both clients the new version, and changes nothing else', async t => {
  const folder = t.testdir()
  for (const file of [PYTHON, TYPESCRIPT]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    cpSync(projectFile(file), join(folder, file))
  }
  const run = (version: string) => execFileSync(process.execPath, [projectFile('deploy/package/versions.js')], { cwd: folder, env: { npm_package_version: version } })
  const [{ version }, before] = [JSON.parse(read('package.json')), [read(PYTHON, folder), read(TYPESCRIPT, folder)]]
  run('12.3.4-rc.1')
  t.same(versionsIn(folder), ['12.3.4-rc.1', '12.3.4-rc.1'])
  run(version)
  t.same([read(PYTHON, folder), read(TYPESCRIPT, folder)], before)
})
