import t from 'tap'
import { COMMANDS, commandNames, type Command } from '../../cli/commands.ts'
import { SETTINGS } from '../../cli/flags.ts'
import { helpOf, usage } from '../../cli/help.ts'

t.test('every line fits a terminal of 80 columns', async t => {
  for (const text of [usage(), ...commandNames().map(helpOf)]) {
    for (const line of text.split('\n')) t.ok([...line].length <= 80, line)
    t.match(text, /[^\n]\n$/)
  }
})

t.test('the help of a command shows its flags, and an example that begins with its name', async t => {
  for (const name of commandNames()) {
    const { options, examples }: Command = COMMANDS[name]
    const text = helpOf(name)
    for (const flag of [...Object.keys(options), 'help']) t.match(text, new RegExp(`^  (?:-h, )?--${flag}\\b`, 'm'), `${name} --${flag}`)
    t.ok(examples.length > 0, name)
    if (name !== 'serve') for (const [example] of examples) t.ok(example.includes(`servery ${name} `), example)
  }
})

t.test('the help of serve lists every setting once, with its default', async t => {
  const text = helpOf('serve')
  for (const flag of SETTINGS.keys()) t.equal(text.match(new RegExp(`^  --${flag} `, 'gm'))?.length, 1, flag)
  t.match(text, /^ {2}--port +Port to listen on \(default: 8000\)$/m)
})

t.test('exit codes are documented', async t => {
  t.match(usage(), /Exit codes: 0 done, 1 something failed, 2 the command line is wrong\./)
})
