import t from 'tap'
import { parseJsonWithComments, printJsonWithComments, withField } from '../../../lib/card/jsonc.ts'

t.test('comments to the end of the line, and between slash and star, are left out', async t => {
  t.same(await parseJsonWithComments('// a card\n{ "a": 1, /* why */ "b": "// no /* comment */" }\n'), { a: 1, b: '// no /* comment */' })
  t.same(await parseJsonWithComments('\uFEFF{"a": 1}'), { a: 1 }, 'as well as the mark that Windows puts before')
})

t.test('what is no JSON is refused, with its place in the text', async t => {
  for (const text of ['', '{"a": 1,}', '{"a": // lost', "{'a': 1}", '/* open']) await t.rejects(parseJsonWithComments(text), SyntaxError, text)
})

t.test('a field is added or changed, and the rest of the text stays', async t => {
  const text = '{\n  // why\n  "a": 1\n}\n'
  const added = await withField(text, 'b', [{ c: 2 }])
  t.match(added, /\/\/ why\n {2}"a": 1,\n/)
  t.same(await parseJsonWithComments(added), { a: 1, b: [{ c: 2 }] })
  t.equal(await withField(text, 'a', 3), '{\n  // why\n  "a": 3\n}\n')
  t.same(await parseJsonWithComments(await withField('{}', 'b', [1])), { b: [1] })
})

t.test('a comment is before its field, or before the nearest object around a field that is not there', async t => {
  const text = printJsonWithComments({ name: 'wine', input: { mean: [0.5, 1], features: [{ name: 'a/b' }] }, labels: ['x', 'y'], left: undefined }, [
    ['', 'worked out'], ['/input/mean', 'assumed:\n two lines'], ['/input/resize/fit', 'of the input'], ['/input/features/0/name', 'of a list']
  ])
  t.equal(text, `// worked out
{
  "name": "wine",
  // of the input
  "input": {
    // assumed: two lines
    "mean": [0.5, 1],
    "features": [
      {
        // of a list
        "name": "a/b"
      }
    ]
  },
  "labels": ["x", "y"]
}
`)
})

t.test('what is written is read again as it was, whatever its names and lists', async t => {
  const value = { 'a/b~c': { d: 1 }, long: Array.from({ length: 100 }, (_, at) => `label ${at}`), empty: { list: [], object: {} }, nested: [[1, 2], [3]], text: '// no comment', no: null }
  t.same(await parseJsonWithComments(printJsonWithComments(value, [['/a~1b~0c/d', 'here']])), value)
  t.match(printJsonWithComments(value, [['/a~1b~0c/d', 'here']]), / {4}\/\/ here\n {4}"d": 1/)
  t.ok(printJsonWithComments(value, []).split('\n').every(line => line.length < 130))
})
