import t from 'tap'
import { flagOf, modelOf, readFlags, schemaOf, SETTINGS, suggestion, takeSettings, Usage, wholeNumber } from '../../cli/flags.ts'

t.test('each setting is a flag with its name in small letters with hyphens', async t => {
  t.equal(flagOf('MAX_BATCH'), 'max-batch')
  t.equal(SETTINGS.get('log-level'), 'LOG_LEVEL')
  t.match(schemaOf('PORT'), { default: 8000, description: /Port/ })
})

t.test('the value of a setting is in the same or the next argument', async t => {
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
  for (const args of [['--port'], ['--port', '--host', 'a'], ['--port=']]) t.throws(() => takeSettings(args), new Usage('--port needs a value: --port 8000'), args.join(' '))
  t.throws(() => takeSettings(['--workers']), new Usage('--workers needs a value: --workers VALUE'))
})

const options = {
  json: { type: 'boolean', help: '' }, 'top-k': { type: 'string', value: 'K', help: '' }, format: { type: 'string', choices: ['table', 'csv'], help: '' }
} as const

t.test('an unknown flag is named, with the nearest known one or with the command that has it', async t => {
  t.throws(() => readFlags(['--prot', '80'], options, 'predict'), new Usage('there is no flag --prot; did you mean --port?'))
  t.throws(() => readFlags(['--jsno'], options, 'predict'), new Usage('there is no flag --jsno; did you mean --json?'))
  t.throws(() => readFlags(['--versoin'], options, 'predict'), new Usage('there is no flag --versoin; did you mean --version?'))
  t.throws(() => readFlags(['-x'], options, 'predict'), new Usage('there is no flag -x; servery predict --help lists them'))
  t.throws(() => readFlags(['--force'], options, 'predict'), new Usage('--force is not a flag of predict, but of init, containerize'))
  t.throws(() => readFlags(['--toString'], options, 'predict'), { message: /^there is no flag --toString; / })
  t.throws(() => readFlags([`--${'x'.repeat(100_000)}`], options, 'predict'), { message: /^there is no flag --x{38}…; servery predict --help lists them$/ })
})

t.test('a flag without its value, one with a value that takes none, and a value that is no choice is named', async t => {
  for (const args of [['--top-k'], ['--top-k', '--json'], ['--top-k=']]) t.throws(() => readFlags(args, options, 'predict'), new Usage('--top-k needs a value: --top-k K'), args.join(' '))
  t.throws(() => readFlags(['--json=yes'], options, 'predict'), new Usage('--json takes no value'))
  t.throws(() => readFlags(['--format', 'xml'], options, 'predict'), new Usage('--format xml must be one of table, csv'))
  t.match(readFlags(['a', '--top-k', '3', '--json', '--format=csv'], options, 'predict'), { values: { json: true, 'top-k': '3', format: 'csv' }, positionals: ['a'] })
})

t.test('a whole number is read, and nothing else', async t => {
  t.equal(wholeNumber('limit', '12', 1), 12)
  for (const text of ['0', '1.5', 'all', '', ' ', '1e99', '-1', 'NaN']) t.throws(() => wholeNumber('limit', text, 1), new Usage(`--limit ${text} must be a whole number of at least 1`), text)
})

t.test('a command takes one model or none', async t => {
  t.same(modelOf([]), {})
  t.same(modelOf(['a.onnx']), { MODEL_PATH: 'a.onnx' })
  t.throws(() => modelOf(['a.onnx', 'b.onnx']), new Usage("there is one model, and 'b.onnx' is one too many"))
})

t.test('a suggestion takes few insertions, deletions and replacements of a letter, or completes a beginning', async t => {
  // The example of https://en.wikipedia.org/wiki/Levenshtein_distance: kitten and sitting are 3 apart.
  t.equal(suggestion('kitten', ['sitting', 'mittens', 'written-on']), 'mittens')
  t.equal(suggestion('prot', ['host', 'port', 'workers']), 'port')
  t.equal(suggestion('contain', ['check', 'containerize']), 'containerize')
  for (const [word, names] of [['', ['a']], ['a', []], ['frobnicate', ['serve', 'predict']], ['x', ['y']]] as const) t.equal(suggestion(word, names), null, word)
})
