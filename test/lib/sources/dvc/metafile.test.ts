import t from 'tap'
import { parseManifest, parseMetafile } from '../../../../lib/sources/dvc/metafile.ts'
import { Final } from '../../../../lib/sources/source.ts'

const MD5 = '04f227a1ef0703cba356536e8ef6b4c8'

/** As `dvc add` of DVC 3.67 writes it. */
const FILE = `outs:
- md5: ${MD5}
  size: 650
  hash: md5
  path: model.onnx
`

t.test('a file that DVC 3 tracks', t => {
  t.same(parseMetafile(FILE, 'models/iris'), {
    outputs: [{ path: 'models/iris/model.onnx', md5: MD5, bytes: 650, version: null, isFolder: false, files: null, isOld: false, remote: null }],
    isImport: false
  })
  t.end()
})

t.test('a file without a name of its hash is of DVC 2', t => {
  const [output] = parseMetafile(FILE.replace('  hash: md5\n', ''), '').outputs
  t.match(output, { path: 'model.onnx', isOld: true })
  t.end()
})

t.test('a folder whose manifest lists its files', t => {
  const [output] = parseMetafile(`outs:\n- md5: ${MD5}.dir\n  size: 3060\n  nfiles: 2\n  hash: md5\n  path: iris\n  remote: Other\n`, 'models').outputs
  t.match(output, { path: 'models/iris', md5: MD5, isFolder: true, files: null, remote: 'Other' })
  t.same(parseManifest(`[{"md5": "${MD5}", "relpath": "onnx/model.onnx"}]`), [{ path: 'onnx/model.onnx', md5: MD5, bytes: null, version: null }])
  t.end()
})

t.test('what a remote with versions keeps, as dvc push writes it', t => {
  const cloud = (indent: string) => ['cloud:', '  versioned:', `    etag: ${MD5}`, '    version_id: 01M8PTGPKFJNAE0RQM55VF1SW9'].map(line => `${indent}${line}\n`).join('')
  t.match(parseMetafile(`${FILE}${cloud('  ')}`, '').outputs, [{ md5: MD5, version: { remote: 'versioned', id: '01M8PTGPKFJNAE0RQM55VF1SW9' } }])
  const folder = `outs:\n- hash: md5\n  path: dir\n  files:\n  - relpath: model.onnx\n    md5: ${MD5}\n    size: 650\n${cloud('    ')}`
  t.match(parseMetafile(folder, '').outputs, [{
    md5: null, isFolder: true, files: [{ path: 'model.onnx', md5: MD5, bytes: 650, version: { remote: 'versioned', id: '01M8PTGPKFJNAE0RQM55VF1SW9' } }]
  }])
  t.match(parseMetafile(`${FILE}  cloud:\n    versioned:\n      etag: x\n`, '').outputs, [{ version: null }], 'a remote without versions')
  t.match(parseMetafile(`${FILE}  cloud: {}\n`, '').outputs, [{ version: null }])
  t.match(parseMetafile(`${FILE}  cloud: {a: 1}\n`, '').outputs, [{ version: null }])
  t.end()
})

t.test('the stages of a dvc.lock are outputs, too', t => {
  const text = `schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    outs:\n    - path: models/model.onnx\n      hash: md5\n      md5: ${MD5}\n      size: 650\n  report:\n    cmd: ls\n`
  t.match(parseMetafile(text, '').outputs, [{ path: 'models/model.onnx', md5: MD5 }])
  t.end()
})

t.test('an import, and a working directory', t => {
  t.equal(parseMetafile(`deps:\n- path: model.onnx\n  repo:\n    url: ssh://there\n${FILE}`, '').isImport, true)
  t.match(parseMetafile(`wdir: ..\n${FILE}`, 'stages').outputs, [{ path: 'model.onnx' }])
  t.end()
})

t.test('a path may not leave the repository', t => {
  for (const path of ['../model.onnx', '/etc/passwd', 'C:/model.onnx', 's3://bucket/model.onnx', 'https://user:hush@there/model.onnx', 'a\\..\\..\\b', '.', '"a\\0b"', 'a/../../b']) {
    const text = FILE.replace('path: model.onnx', `path: ${path}`)
    t.throws(() => parseMetafile(text, ''), new Final('outs[0].path is outside of the repository'), path)
  }
  t.throws(() => parseMetafile(`wdir: ../..\n${FILE}`, 'stages'), new Final('outs[0].path is outside of the repository'))
  for (const path of ['../model.onnx', '/model.onnx', 'a/../model.onnx', './model.onnx', 'a//b', 'a\\\\b']) {
    t.throws(() => parseManifest(`[{"md5": "${MD5}", "relpath": "${path}"}]`), { message: 'the manifest of the folder (.dir)[0].relpath is no path inside the folder' }, path)
  }
  t.end()
})

t.test('what is no .dvc file is told with the field that is wrong', t => {
  const cases: Array<[text: string, message: RegExp]> = [
    ['', /no \.dvc file/],
    ['<html>', /no \.dvc file/],
    ['a: [', /no YAML/],
    ['outs: []', /tracks nothing/],
    ['outs: model.onnx', /tracks nothing/],
    ['outs: [1]', /^outs\[0\] is no object/],
    [FILE.replace('path: model.onnx', 'path: 1'), /^outs\[0\]\.path is no text/],
    [FILE.replace('path: model.onnx', `path: ${'a'.repeat(4097)}`), /^outs\[0\]\.path is no text of 1 to 4096/],
    [FILE.replace(MD5, '../../../../../../etc/passwd'), /^outs\[0\]\.md5 is no MD5/],
    [FILE.replace(MD5, MD5.slice(1)), /^outs\[0\]\.md5 is no MD5/],
    [FILE.replace(`md5: ${MD5}`, 'etag: abc'), /^outs\[0\] has no md5/],
    [`${FILE}  cloud: {a: {version_id: "x\\ny"}}\n`, /^outs\[0\]\.cloud\.version_id is no version/],
    [`${FILE}  files: [{relpath: a}]\n`, /^outs\[0\]\.files\[0\] has no md5/],
    [`${FILE}  files: [1]\n`, /^outs\[0\]\.files\[0\] is no object/],
    [`outs: [${Array(10_001).fill('1').join(',')}]`, /more than 10000 outputs/]
  ]
  for (const [text, message] of cases) t.throws(() => parseMetafile(text, ''), { constructor: Final, message }, text.slice(0, 80))
  t.end()
})

t.test('bombs of YAML and long manifests are refused', t => {
  t.throws(() => parseMetafile('a: &a [x, x]\nb: &b [*a, *a]\nouts: [*b, *b]\n', ''), { constructor: Final, message: /no YAML/ })
  t.throws(() => parseMetafile(`${'['.repeat(100_000)}`, ''), { constructor: Final, message: /nested deeper/ })
  t.throws(() => parseMetafile(' '.repeat(1024 * 1024 + 1), ''), { constructor: Final, message: /longer than/ })
  const entries = Array.from({ length: 100_000 }, (_, index) => ({ md5: MD5, relpath: `${index}` }))
  t.throws(() => parseManifest(JSON.stringify(entries)), new Final('the manifest of the folder (.dir) lists more than 10000 files'))
  t.throws(() => parseManifest('{"a": 1}'), new Final('the manifest of the folder (.dir) is no list of files'))
  t.throws(() => parseManifest('<html>'), new Final('the manifest of the folder (.dir) is not JSON'))
  t.end()
})
