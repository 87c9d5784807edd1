import { readFileSync } from 'node:fs'
import t from 'tap'
import { COMMANDS, commandNames } from '../../cli/commands.ts'
import { helpOf } from '../../cli/help.ts'
import { projectFile } from '../../lib/project.ts'
import { servery } from './servery.ts'

t.test('--help, or -h, or help, lists each command', async t => {
  const { code, stdout, stderr } = await servery(['--help'])
  t.same([code, stderr], [0, ''])
  t.match(stdout, /^Usage: servery \[serve\] \[MODEL\] \[flags\]\n/)
  for (const command of commandNames()) t.match(stdout, new RegExp(`^  ${command} +${COMMANDS[command].summary}`, 'm'), command)
  for (const args of [['-h'], ['help'], ['--port', '80', '--help']]) t.same(await servery(args), { code, stdout, stderr }, args.join(' '))
})

t.test('each command has a help of its own, and does nothing else then', async t => {
  for (const command of commandNames()) t.same(await servery([command, '--help', '--port', 'no port']), { code: 0, stdout: helpOf(command), stderr: '' }, command)
  for (const args of [['start', '-h'], ['help', 'start']]) t.same(await servery(args), { code: 0, stdout: helpOf('serve'), stderr: '' }, args.join(' '))
})

t.test("--version is the package's", async t => {
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))
  for (const flag of ['--version', '-v']) t.same(await servery([flag]), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('a command that does not exist is refused with the one that was meant', async t => {
  for (const [word, meant] of [['serv', 'serve'], ['predcit', 'predict'], ['eval', 'evaluate'], ['stat', 'start']]) {
    t.match(await servery([word!, 'a.jpg']), { code: 2, stdout: '', stderr: `servery: there is no command '${word}'; did you mean '${meant}'?\n         servery --help lists the commands; a model in this folder is ./${word}\n` })
  }
  t.match(await servery(['frobnicate']), { code: 2, stdout: '', stderr: /^servery: there is no command 'frobnicate'\n +servery --help lists the commands/ })
  t.match(await servery(['help', 'serv']), { code: 2, stderr: /did you mean 'serve'\?/ })
  t.match(await servery(['9000']), { code: 2, stderr: "servery: there is no command '9000'; did you mean --port 9000?\n" })
})

t.test('no command, serve or start serves', async t => {
  // A port that is none ends the start before the model is loaded.
  for (const args of [[], ['serve'], ['start']]) t.match(await servery(args, { PORT: 'http' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' }, args.join())
})

t.test('a wrong setting is one line and exit code 1 for every command', async t => {
  for (const command of [['predict', 'a.jpg'], ['evaluate', 'a'], ['fetch'], ['containerize', 'a.onnx']]) {
    t.match(await servery(command, { PORT: 'http' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' }, command.join(' '))
  }
})

t.test('a flag sets what its environment variable sets, before it', async t => {
  t.match(await servery(['--port', 'http'], { PORT: '1' }), { code: 1, stderr: 'servery: PORT=http must be integer\n' })
  t.match(await servery(['inspect', 'x', '--port', 'http']), { code: 1, stderr: 'servery: PORT=http must be integer\n' })
})

t.test('an unknown flag is one line with the nearest, whatever the command', async t => {
  for (const args of [['--prot', '80'], ['a.onnx', '--prot', '80'], ...commandNames().map(command => [command, '--prot', '80'])]) {
    t.match(await servery(args), { code: 2, stdout: '', stderr: 'servery: there is no flag --prot; did you mean --port?\n' }, args.join(' '))
  }
})

t.test('a first word that looks like a path is a model', async t => {
  for (const args of [['./serv'], ['serv.onnx'], ['serve', 'serv'], ['start', 'serv'], ['--port', '0', './serv']]) {
    t.match(await servery(args), { code: 1, stderr: /^servery: There is no .*serv(\.onnx)?; name an \.onnx file, a folder or an archive of a model, or set MODEL_URL to download one\.\n$/ }, args.join(' '))
  }
  t.match(await servery(['a.onnx', 'b.onnx']), { code: 2, stderr: "servery: there is one model, and 'b.onnx' is one too many\n" })
  t.match(await servery(['photo.jpg']), { code: 2, stderr: 'servery: photo.jpg is not a model; to ask a model about it: servery predict photo.jpg\n' })
})

t.test('a flag that npm has taken for itself is not passed over', async t => {
  // What npm gives to the script of `npm start --port 9000`.
  t.match(await servery(['serve'], { npm_lifecycle_event: 'start', npm_config_port: '9000' }), { code: 2, stderr: 'servery: npm has taken --port for itself; write -- before the flags: npm start -- --port 9000\n' })
  // What npm 10 gives to it, which takes a flag that it does not know for one without a value.
  t.match(await servery(['serve', '9000'], { npm_lifecycle_event: 'start', npm_config_port: 'true' }), { code: 2, stderr: /npm start -- --port 9000\n$/ })
  t.match(await servery(['serve'], { npm_lifecycle_event: 'dev', npm_config_model_name: 'iris' }), { code: 2, stderr: /npm run dev -- --model-name iris\n$/ })
})
