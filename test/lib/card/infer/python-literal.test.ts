import t from 'tap'
import { readPythonLiteral } from '../../../../lib/card/infer/python-literal.ts'

t.test('what repr() of Python 3.11 writes is read back', async t => {
  // Each text is the output of print(repr(value)).
  t.same(readPythonLiteral(String.raw`{0: 'cat', 1: "dog's bone", 2: 'red "fox"', 3: 'it\'s a "bird"'}`), new Map([[0, 'cat'], [1, "dog's bone"], [2, 'red "fox"'], [3, 'it\'s a "bird"']]))
  t.same(readPythonLiteral('[128, 128]'), [128, 128])
  t.same(readPythonLiteral('(1, 2.5, -3, 1e-05)'), [1, 2.5, -3, 1e-5])
  t.same(readPythonLiteral('(1,)'), [1])
  t.same(readPythonLiteral("{'half': False, 'data': None, 'dynamic': True}"), new Map<string, unknown>([['half', false], ['data', null], ['dynamic', true]]))
  t.equal(readPythonLiteral(String.raw`'a\\b\n\t\x00\u2028\U0001f600é'`), 'a\\b\n\t\0\u2028😀é')
  t.same(readPythonLiteral('{}'), new Map())
  t.same(readPythonLiteral('[[], ()]'), [[], []])
  t.equal(readPythonLiteral(' 42 '), 42)
})

t.test('anything else is refused with its position', async t => {
  const wrong: Array<[string, RegExp]> = [
    ['', /character 1/],
    ['{0: "a"', /character 8/],
    ['{0 "a"}', /character 4/],
    ['{0: 1, 0: 2}', /twice/],
    ['[1 2]', /character 4/],
    ["'open", /no end/],
    ["'a\nb'", /no end/],
    [String.raw`'\N{DASH}'`, /escape/],
    [String.raw`'\x1'`, /escape/],
    [String.raw`'\Uffffffff'`, /escape/],
    ['__import__("os")', /no value of Python/],
    ['nan', /no value of Python/],
    ['1 2', /character 3/],
    [`${'['.repeat(100_000)}`, /nested too deeply/],
    [`[${'1,'.repeat(3_000_000)}]`, /more than/]
  ]
  for (const [text, message] of wrong) t.throws(() => readPythonLiteral(text), { name: 'SyntaxError', message }, text.slice(0, 20))
})
