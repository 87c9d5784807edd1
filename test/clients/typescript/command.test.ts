import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../../../lib/project.ts'
import { environment, start } from '../../e2e/process.ts'

const command = (...args: string[]): Promise<{ status: number, out: string, complaint: string }> => new Promise(resolve => {
  execFile(process.execPath, [projectFile('dist/clients/typescript/command.js'), ...args], { env: environment() }, (error, out, complaint) => {
    resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, complaint })
  })
})

t.test('it writes the types of what a server serves, without the routes for other systems', async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const file = join(t.testdir(), 'model.ts')
  t.match(await command(`${url}/`, '--out', file), { status: 0, out: `${file}\n`, complaint: '' })
  const routes = (text: string) => [...text.matchAll(/^ {4}"(\/.*)": \{$/gm)].map(([, route]) => route)
  const written = readFileSync(file, 'utf8')
  t.same(routes(written), routes(readFileSync(projectFile('test/clients/typescript/iris.ts'), 'utf8')))
  t.match(written, '"setosa" | "versicolor" | "virginica"')
  t.equal(await stop(), 0)
})

t.test('what it cannot do is said, with an exit code', async t => {
  t.match(await command('--help'), { status: 0, out: /^Usage: servery-types URL --out FILE/ })
  t.match(await command(), { status: 2, complaint: /^Give one URL, and --out FILE/ })
  t.match(await command('http://localhost:8000'), { status: 2, complaint: /^Give one URL, and --out FILE/ })
  t.match(await command('http://127.0.0.1:9', '--out', 'never.ts'), { status: 1, complaint: /^There is no answer from http:\/\/127.0.0.1:9\/openapi.json: / })
  t.match(await command('http://127.0.0.1:9', '--output', 'never.ts'), { status: 2, complaint: /--output/ })
})
