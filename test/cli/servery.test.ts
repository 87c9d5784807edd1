import { readFileSync } from 'node:fs'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { servery } from './servery.ts'

t.test('--help, or -h, lists each command', async t => {
  const { code, stdout, stderr } = await servery(['--help'])
  t.same([code, stderr], [0, ''])
  t.match(stdout, /^Usage: servery MODEL \[flags\]\n/)
  for (const command of ['start [MODEL]', 'inspect [MODEL]', 'init [MODEL]', 'check [MODEL]', 'predict [MODEL] FILE...', 'evaluate [MODEL] PATH', 'fetch']) t.ok(stdout.includes(`\n  ${command}`), command)
  t.same(await servery(['-h']), { code, stdout, stderr })
})

t.test("--version is the package's", async t => {
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))
  t.same(await servery(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('a command that does not exist is named, with those that do', async t => {
  t.match(await servery(['serv']), { code: 2, stdout: '', stderr: /^servery: there is no command 'serv'; the nearest is .*\n\nUsage: servery/ })
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

t.test('a flag sets what its environment variable sets, before it', async t => {
  t.match(await servery(['--port', 'http'], { PORT: '1' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' })
  t.match(await servery(['inspect', 'x', '--port', 'http']), { code: 1, stderr: 'servery: PORT=http must be integer\n' })
})

t.test('an unknown flag is one line with the nearest', async t => {
  for (const args of [['--prot', '80'], ['start', '--prot', '80'], ['fetch', '--prot', '80'], ['a.onnx', '--prot', '80']]) {
    t.match(await servery(args), { code: 1, stderr: 'servery: there is no flag --prot; the nearest is --port\n' }, args.join(' '))
  }
})

t.test('a first word that looks like a path is a model', async t => {
  for (const args of [['./serv'], ['serv.onnx'], ['start', 'serv'], ['--port', '0', './serv']]) {
    t.match(await servery(args), { code: 1, stderr: /^servery: There is no .*serv(\.onnx)?; name an \.onnx file, a folder or an archive of a model, or set MODEL_URL to download one\.\n$/ }, args.join(' '))
  }
  t.match(await servery(['a.onnx', 'b.onnx']), { code: 1, stderr: "servery: there is one model, and 'b.onnx' is one too many\n" })
})
