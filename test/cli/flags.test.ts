import t from 'tap'
import { modelOf, nearest, readFlags, settingsHelp, takeSettings } from '../../cli/flags.ts'

t.test('the flag of a setting is its name in small letters with hyphens, with its value in the same or the next argument', async t => {
  t.same(takeSettings(['wine', '--max-batch', '8', '--log-level=warn', '--json', 'b.csv']), {
    settings: { MAX_BATCH: '8', LOG_LEVEL: 'warn' }, rest: ['wine', '--json', 'b.csv']
  })
  t.same(takeSettings([]), { settings: {}, rest: [] })
})

t.test("a command's own flag is no setting", async t => {
  t.same(takeSettings(['predict', '--top-k', '2', '--port', '1'], ['top-k']), { settings: { PORT: '1' }, rest: ['predict', '--top-k', '2'] })
})

t.test('what is after -- is no flag', async t => {
  t.same(takeSettings(['--', '--port', '80']), { settings: {}, rest: ['--', '--port', '80'] })
})

t.test('a value may begin with a hyphen, but a flag is no value', async t => {
  t.same(takeSettings(['--model-path', '-odd']).settings, { MODEL_PATH: '-odd' })
  for (const args of [['--port'], ['--port', '--host', 'a'], ['--port=']]) t.throws(() => takeSettings(args), { message: '--port needs a value: --port 8000' }, args.join(' '))
  t.throws(() => takeSettings(['--workers']), { message: '--workers needs a value: --workers VALUE' })
})

t.test('an unknown flag is named, with the nearest known one', async t => {
  const options = { json: { type: 'boolean' }, 'top-k': { type: 'string' } } as const
  t.throws(() => readFlags(['--prot', '80'], options), { message: 'there is no flag --prot; the nearest is --port' })
  t.throws(() => readFlags(['--jsno'], options), { message: 'there is no flag --jsno; the nearest is --json' })
  t.throws(() => readFlags(['-x'], options), { message: /^there is no flag -x; the nearest is --/ })
  t.throws(() => readFlags([`--${'x'.repeat(100_000)}`], options), { message: /^there is no flag --x/ })
})

t.test('a flag without its value, and one with a value that takes none, is named', async t => {
  const options = { json: { type: 'boolean' }, 'top-k': { type: 'string' } } as const
  t.throws(() => readFlags(['--top-k'], options), { message: '--top-k needs a value' })
  t.throws(() => readFlags(['--json=yes'], options), { message: '--json takes no value' })
  t.match(readFlags(['a', '--top-k', '3', '--json'], options), { values: { json: true, 'top-k': '3' }, positionals: ['a'] })
})

t.test('a command takes one model or none', async t => {
  t.same(modelOf([]), {})
  t.same(modelOf(['a.onnx']), { MODEL_PATH: 'a.onnx' })
  t.throws(() => modelOf(['a.onnx', 'b.onnx']), { message: "there is one model, and 'b.onnx' is one too many" })
})

t.test('the nearest name takes the fewest insertions, deletions and replacements of a letter', async t => {
  // The example of https://en.wikipedia.org/wiki/Levenshtein_distance: kitten and sitting are 3 apart.
  t.equal(nearest('kitten', ['sitting', 'mittens', 'written-on']), 'mittens')
  t.equal(nearest('prot', ['host', 'port', 'workers']), 'port')
  t.equal(nearest('', ['longer', 'a']), 'a')
  t.equal(nearest('a', []), '')
})

t.test('the help lists every setting with its default', async t => {
  const lines = settingsHelp().split('\n')
  t.ok(lines.some(line => /^ {2}--port +Port to listen on \(8000\)$/.test(line)))
  t.ok(lines.some(line => /^ {2}--api-keys +API keys of the clients: `name:key,name:key`/.test(line)))
})
