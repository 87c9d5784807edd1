import t from 'tap'
import { parseYaml } from '../../../lib/card/yaml.ts'

t.test('YAML is parsed as PyYAML writes it, texts over several lines included', async t => {
  t.same(parseYaml("a: null\nb:\n- 1\n- 'x'\nc: '[{\"type\": \"long\",\n    \"name\": \"pclass\"}]'\n"), { a: null, b: [1, 'x'], c: '[{"type": "long", "name": "pclass"}]' })
  t.equal(Object.getPrototypeOf(parseYaml('__proto__: {a: 1}')), Object.prototype)
})

t.test('what would cost the parser minutes or its stack is refused', async t => {
  const long = 256 * 1024
  const hostile = {
    brackets: '['.repeat(long),
    braces: '{a: '.repeat(long),
    sequences: '- '.repeat(long),
    keys: '? '.repeat(long),
    indents: Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    anchors: '&a '.repeat(long),
    documents: '---\n'.repeat(long),
    aliases: 'a: &a [1]\nb: *a',
    bomb: 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]',
    length: `a: ${'x'.repeat(1024 * 1024)}`,
    tabs: '\t'.repeat(1024 * 1024)
  }
  for (const [name, text] of Object.entries(hostile)) t.throws(() => parseYaml(text), Error, name)
})

t.test('as deep as people write is allowed', async t => {
  t.same(parseYaml('a:\n  b:\n    - c: {d: [1, [2]]}\n'), { a: { b: [{ c: { d: [1, [2]] } }] } })
  t.equal(Object.keys(parseYaml(Array.from({ length: 10_000 }, (_, at) => `k${at}: 1`).join('\n')) ?? {}).length, 10_000)
})
