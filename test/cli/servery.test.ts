import { readFileSync } from 'node:fs'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { servery } from './servery.ts'

t.test('--help, or -h, lists each command', async t => {
  const { code, stdout, stderr } = await servery(['--help'])
  t.same([code, stderr], [0, ''])
  t.match(stdout, /^Usage: servery \[command\]\n/)
  for (const command of ['start', 'predict FILE...', 'evaluate PATH', 'fetch']) t.match(stdout, `\n  ${command} `)
  t.same(await servery(['-h']), { code, stdout, stderr })
})

t.test("--version is the package's", async t => {
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))
  t.same(await servery(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('a command that does not exist is named, with those that do', async t => {
  t.match(await servery(['serv']), { code: 2, stdout: '', stderr: /^servery: there is no command 'serv'\n\nUsage: servery/ })
})

t.test('no command, or start, serves', async t => {
  // A port that is none ends the start before the model is loaded.
  for (const args of [[], ['start']]) t.match(await servery(args, { PORT: 'http' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' }, args.join())
})

t.test('a wrong setting is one line and exit code 1 for every command', async t => {
  for (const command of [['predict', 'a.jpg'], ['evaluate', 'a'], ['fetch']]) {
    t.match(await servery(command, { PORT: 'http' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' }, command.join(' '))
  }
})
