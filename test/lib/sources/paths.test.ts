import t from 'tap'
import { PathRules } from '../../../lib/sources/paths.ts'
import { Final } from '../../../lib/sources/source.ts'

t.test('relative paths are let through', async t => {
  const rules = new PathRules()
  for (const path of ['model.onnx', 'onnx/model.onnx', 'onnx/model.onnx_data', 'a b/ü/日本.txt', '.hidden', '..a/b..', 'c..d', `${'a/'.repeat(15)}b`, 'x'.repeat(255)]) {
    t.doesNotThrow(() => rules.check(path), path)
  }
})

t.test('a path that leads out of its folder, on any system, is refused', async t => {
  for (const [path, message] of [
    ['../model.onnx', /parts? .*of dots|one of dots/], ['a/../../b', /one of dots/], ['./a', /one of dots/], ['a/.', /one of dots/], ['..', /one of dots/],
    ['/etc/passwd', /not a relative path/], ['C:/a', /not a relative path/], ['c:a', /not a relative path/],
    ['a//b', /empty part/], ['a/', /empty part/], ['', /empty part/],
    ['..\\model.onnx', /backslash/], ['\\\\server\\a', /backslash/], ['a\0.onnx', /control characters/], ['a\nb', /control characters/],
    [`${'a/'.repeat(16)}b`, /more than 15 folders/], ['x'.repeat(256), /more than 255 bytes/], ['日'.repeat(86), /more than 255 bytes/]
  ] as const) {
    t.throws(() => new PathRules().check(path), { constructor: Final, message }, JSON.stringify(path))
  }
})

t.test('two files that are one on some file system are refused', async t => {
  for (const [first, second, message] of [
    ['Model.onnx', 'model.onnx', /differs from another only by case/], ['a/B.txt', 'A/b.txt', /only by case/], ['caf\u00e9', 'cafe\u0301', /only by case/], ['a', 'a', /only by case/],
    ['a', 'a/b', /that of a folder/], ['a/b', 'a', /that of a folder/], ['a/b/c', 'A/B', /that of a folder/]
  ] as const) {
    const rules = new PathRules()
    rules.check(first)
    t.throws(() => rules.check(second), { constructor: Final, message }, `${first} ${second}`)
  }
})

t.test('a message is one line', async t => {
  t.throws(() => new PathRules().check(`${'a'.repeat(100)}\n/..`), { message: /^it lists the file 'a{80}…', whose name/ })
})
