import t from 'tap'
import { commandNames, commandOf } from '../../cli/commands.ts'

t.test('a word names a command, also by its other name', async t => {
  t.equal(commandOf('predict'), 'predict')
  t.equal(commandOf('start'), 'serve')
  for (const word of ['toString', 'constructor', '', 'serv', 'PREDICT']) t.equal(commandOf(word), null, word)
  t.equal(commandNames()[0], 'serve')
})
