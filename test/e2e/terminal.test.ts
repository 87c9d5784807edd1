import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { hasTerminal } from '../cli/servery.ts'
import { environment } from './process.ts'

t.test('on a terminal, the start says what is served and where to open it, and requests are lines in words', { skip: !hasTerminal && 'there is no script of util-linux' }, async t => {
  const command = `exec '${process.execPath}' '${projectFile('dist/cli/servery.js')}' --model-name iris --port 0`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env: environment({ NO_COLOR: '1' }), stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  let printed = ''
  let [isAsked, isStopped] = [false, false]
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk
    const [, url] = /Open (http:\S+)\r?\n[^]*Stop with Ctrl-C/.exec(printed) ?? []
    if (url !== undefined && !isAsked) {
      isAsked = true
      t.match(url, /^http:\/\/localhost:\d+$/)
      const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[5.9, 3, 5.1, 1.8]' })
      t.match(await response.json(), { species: 'virginica' })
    }
    // Ctrl-C, as the terminal sends it.
    if (printed.includes('/predict') && !isStopped) {
      isStopped = true
      child.stdin.write('\u0003')
    }
  }
  const lines = stripVTControlCharacters(printed).replaceAll('\r', '').split('\n')
  t.match(lines[0], /^Loading .*models\/iris …$/)
  t.ok(lines.includes('  model    iris 1'))
  const open = lines.findIndex(line => line.startsWith('  Open '))
  t.ok(open > 0 && open < 20, 'it is on the first page')
  t.notMatch(printed, /trials|rate|latency|Server listening|"level"/, 'no trials, and no JSON')
  t.ok(lines.some(line => /^\[\d\d:\d\d:\d\d\] INFO: POST {2}\/predict {2}200 {2}[\d.]+ ms {2}virginica *$/.test(line)), printed)
  t.match(printed, /Shut down/)
})
