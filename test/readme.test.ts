import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { projectFile } from '../lib/project.ts'
import { start } from './e2e/process.ts'
import { agrees, cleanUp, commandsOf, lacking, prepare, run } from './readme.ts'

const manual = readdirSync(projectFile('docs'), { recursive: true }).map(name => `docs/${name}`.replaceAll('\\', '/'))
const documents = ['README.md', 'clients/python/README.md', ...manual.filter(name => name.endsWith('.md') && !name.startsWith('docs/decisions/')).sort()]
const commands = documents.flatMap(file => commandsOf(readFileSync(projectFile(file), 'utf8')).map(command => ({ file, ...command })))

t.test('every command of a document says how it is tested, or why not', async t => {
  t.ok(commands.some(({ untested }) => !untested))
  for (const { file, line, marked } of commands) t.ok(marked, `${file}:${line}`)
})

t.test('every command of a document does what it shows', async t => {
  const services = new Map<string, string>()
  t.teardown(async () => { for (const command of commands) await cleanUp(command) })
  for (const command of commands) {
    const { file, line, language, model, output, untested, elsewhere } = command
    if (elsewhere) continue
    prepare(command)
    const name = `${file}:${line} ${language}`
    const reason = untested ?? (lacking(command) && `there is no ${lacking(command)} here`)
    if (reason) {
      process.stderr.write(`NOT RUN: ${name}: ${reason}\n`)
      continue
    }
    if (model && !services.has(model)) services.set(model, (await start(t, { MODEL_NAME: model })).url)
    await t.test(name, async t => {
      const printed = await run(command, model && services.get(model))
      if (output === undefined || agrees(output, printed)) t.pass(command.code)
      else t.equal(printed, output, command.code)
    })
  }
})

t.test('a wrong output is noticed', async t => {
  t.ok(agrees('{"food":"waffles","probability":0.75}', '{ "food": "waffles",\n "probability": 0.7529 }\n'))
  t.notOk(agrees('{"food":"waffles","probability":0.75}', '{"food":"waffles","probability":0.77}'))
  t.notOk(agrees('{"food":"waffles","probability":0.75}', '{"food":"pizza","probability":0.75}'))
  t.notOk(agrees('{"food":"waffles"}', '{"food":"waffles","index":24}'))
  t.ok(agrees('French fries 94.7 %\n… rows', 'French fries 94.1 %\nin 12 ms, 100 rows\n'))
  t.notOk(agrees('French fries 94.7 %', 'French fries 93.1 %'))
  t.notOk(agrees('10 rows', '11 rows'))
  t.notOk(agrees('a+b', 'aab'))
})

t.test('what a command needs and the machine lacks is named', async t => {
  const command = { line: 1, language: 'python', code: 'import sys\nfrom nowhere.at_all import nothing\n', marked: true } as const
  t.equal(lacking(command), 'Python with sys and nowhere.at_all')
  t.equal(lacking({ ...command, language: 'js', code: '' }), undefined)
  t.equal(lacking({ ...command, language: 'js', code: '', needs: 'nothing.onnx' }), 'a nothing.onnx, which a command before it writes')
})

t.test('commands are read with their marks and outputs', async t => {
  const fence = '```'
  const commands = commandsOf(`
<!-- test: iris, writes out.csv -->
${fence}sh
curl localhost:8000
${fence}

${fence}json
{}
${fence}

<!-- test: needs wine.onnx, starts -->
${fence}sh
npm start
${fence}

<!-- not tested: needs a printer -->

${fence}powershell
Out-Printer
${fence}

Some prose.

${fence}text
not an output
${fence}

${fence}js
1
${fence}

<!-- tested elsewhere: test/docs.test.ts -->
${fence}sh
servery s3://a
${fence}
`)
  t.same(commands, [
    { line: 3, language: 'sh', code: 'curl localhost:8000', output: '{}', marked: true, model: 'iris', writes: 'out.csv' },
    { line: 12, language: 'sh', code: 'npm start', marked: true, needs: 'wine.onnx', starts: true },
    { line: 18, language: 'powershell', code: 'Out-Printer', marked: true, untested: 'needs a printer' },
    { line: 28, language: 'js', code: '1', marked: false },
    { line: 33, language: 'sh', code: 'servery s3://a', marked: true, elsewhere: 'test/docs.test.ts' }
  ])
})

t.test('a command that starts a service is stopped once that is ready', async t => {
  const command = { line: 1, language: 'sh', code: 'MODEL_NAME=iris node dist/server.js', marked: true, starts: true } as const
  t.match(await run(command), '"Shut down"')
  await t.rejects(run({ ...command, code: 'true' }), { message: /exit code 0/ })
})

t.test('a command that fails, or does not write its file, is an error', async t => {
  const command = { line: 1, language: 'js', code: 'process.exitCode = 3', marked: true } as const
  await t.rejects(run(command), { message: /exit code 3/ })
  await t.rejects(run({ ...command, code: '', writes: 'nothing.png' }), { message: 'nothing.png was not written' })
})

t.test('what a command wrote or took is removed', async t => {
  const command = { line: 1, language: 'sh', code: 'touch written.png', marked: true, writes: 'written.png' } as const
  await run(command)
  t.ok(existsSync(projectFile('written.png')))
  await cleanUp(command)
  t.notOk(existsSync(projectFile('written.png')))
})
