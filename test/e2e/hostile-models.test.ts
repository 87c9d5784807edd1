import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import onnxProto from 'onnx-proto'
import { create } from 'tar'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { echoCard, echoModel } from '../fixtures/model.ts'
import { onnxFile } from '../fixtures/onnx.ts'
import { zip } from '../fixtures/zip.ts'
import { environment, WAIT_MS } from './process.ts'

/**
 * Broken and hostile models, given to the command line as a stranger's would be. Each start must end by itself, with exit
 * code 1 and one line that names the file, the cause and a remedy.
 */
interface Case {
  name: string
  /** Makes the model in an empty folder. Returns the path to give, relative to the folder. */
  make: (folder: string) => string
  /** Part of the path that the line names. */
  file: RegExp
  cause: RegExp
  remedy: RegExp
  settings?: Record<string, string>
}

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea423c2713d436b5ee50593a9640e0018c1550b5a0002f74190d6caea8\nsize 12345\n'

/** Length-delimited field 7 of ModelProto (graph) that says it has 2^63 bytes. */
const ABSURD = Buffer.from([0x08, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])

/** A model whose only weight is external data. */
function withExternalData (location: string, length = 8): Uint8Array {
  const { onnx: { ModelProto, TensorProto } } = onnxProto
  const model = ModelProto.decode(onnxFile([['x', 'float32', ['batch', 2]]], [['y', 'float32', ['batch', 2]]], [{ op: 'Add', from: ['x', 'w'], to: 'y' }]))
  model.graph!.initializer = [TensorProto.create({
    name: 'w',
    dims: [2],
    dataType: 1,
    dataLocation: TensorProto.DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: location }, { key: 'offset', value: '0' }, { key: 'length', value: `${length}` }]
  })]
  return ModelProto.encode(model).finish()
}

/** A file called model.onnx with these bytes. */
const only = (bytes: string | Uint8Array) => (folder: string) => {
  writeFileSync(join(folder, 'model.onnx'), bytes)
  return 'model.onnx'
}

/** A file of this name. */
const called = (name: string, bytes: string | Uint8Array) => (folder: string) => {
  writeFileSync(join(folder, name), bytes)
  return name
}

/** A folder of these files. */
const files = (all: Record<string, string | Uint8Array>) => (folder: string) => {
  for (const [name, bytes] of Object.entries(all)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
  return '.'
}

const card = (content: unknown) => files({ 'model.onnx': echoModel, 'card.json': typeof content === 'string' ? content : JSON.stringify(content) })

const mlmodel = (text: string) => files({ 'model.onnx': echoModel, MLmodel: text })

const picture = onnxFile([['pixel_values', 'float32', ['batch', 3, 8, 8]]], [['logits', 'float32', ['batch', 3]]], [
  { op: 'GlobalAveragePool', from: ['pixel_values'], to: 'means' }, { op: 'Flatten', from: ['means'], to: 'logits' }
])

function archive (folder: string, name: string, path: string): string {
  create({ sync: true, gzip: true, file: join(folder, name), cwd: folder, preservePaths: true }, [path])
  return name
}

const anyExport = /export|download|give|convert/

const CASES: Case[] = [
  // Files that are no ONNX.
  { name: 'an empty file', make: only(''), file: /model\.onnx/, cause: /empty \(0 bytes\)/, remedy: /download or export it again/ },
  { name: 'a text', make: only('hello, world\n'), file: /model\.onnx/, cause: /text file/, remedy: anyExport },
  { name: 'a web page', make: only('<!DOCTYPE html><html><body>404</body></html>'), file: /model\.onnx/, cause: /HTML|web page/i, remedy: anyExport },
  { name: 'a pointer of Git LFS', make: only(LFS), file: /model\.onnx/, cause: /Git LFS/, remedy: /git lfs pull/ },
  { name: 'a ZIP file', make: only(zip([{ name: 'a', bytes: Buffer.from('a') }])), file: /model\.onnx/, cause: /ZIP/i, remedy: /unpack|export|give|rename/ },
  { name: 'a pickle', make: only(Buffer.from('\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94', 'latin1')), file: /model\.onnx/, cause: /pickle/, remedy: /export/ },
  { name: 'a Keras file', make: only(Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(100)])), file: /model\.onnx/, cause: /HDF5|Keras/, remedy: /export/ },
  { name: 'a safetensors file', make: only(Buffer.concat([Buffer.from([30, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"w":{"dtype":"F32","shape":[1]}}')])), file: /model\.onnx/, cause: /safetensors/, remedy: /export/ },
  { name: 'a TensorFlow Lite file', make: only(Buffer.concat([Buffer.from([28, 0, 0, 0]), Buffer.from('TFL3'), Buffer.alloc(64)])), file: /model\.onnx/, cause: /TensorFlow Lite|TFLite/i, remedy: /convert|export/ },
  { name: 'a model that is cut off', make: only(echoModel.subarray(0, echoModel.length - 10)), file: /model\.onnx/, cause: /damaged|cut off/, remedy: anyExport },
  { name: 'a length of 2^63', make: only(ABSURD), file: /model\.onnx/, cause: /damaged|ends too early|no ONNX file/, remedy: anyExport },
  { name: 'random bytes', make: only(Buffer.from(Array.from({ length: 4096 }, (_, at) => at * 37 % 251))), file: /model\.onnx/, cause: /no ONNX/, remedy: anyExport },
  { name: 'an operator that nobody has', make: only(customOperator()), file: /model\.onnx/, cause: /acme\.FlyToMars|FlyToMars/, remedy: /export/ },

  // External data.
  { name: 'external data at an absolute path', make: only(withExternalData('/etc/passwd')), file: /model\.onnx/, cause: /'\/etc\/passwd', which may be outside/, remedy: /put the file beside/ },
  { name: 'external data above the folder', make: only(withExternalData('../secret.data')), file: /model\.onnx/, cause: /outside/, remedy: /put the file beside/ },
  {
    name: 'external data behind a link out of the folder',
    make: folder => {
      symlinkSync('/etc/passwd', join(folder, 'w.data'))
      return only(withExternalData('w.data'))(folder)
    },
    file: /model\.onnx/,
    cause: /link|outside/,
    remedy: /;/
  },
  { name: 'external data that are too short', make: files({ 'model.onnx': withExternalData('w.data', 8), 'w.data': 'four' }), file: /model\.onnx/, cause: /4 bytes|too short|ends/, remedy: /copy|export|download/ },
  { name: 'external data that are missing', make: only(withExternalData('w.data')), file: /model\.onnx/, cause: /'w\.data'/, remedy: /copy|put/ },
  {
    name: 'external data in a pipe',
    make: folder => {
      execFileSync('mkfifo', [join(folder, 'w.data')])
      return only(withExternalData('w.data'))(folder)
    },
    file: /model\.onnx/,
    cause: /no file/,
    remedy: /copy/
  },

  // Folders.
  { name: 'nothing at the path', make: () => 'nowhere.onnx', file: /nowhere\.onnx/, cause: /There is no/, remedy: /name an \.onnx file/ },
  { name: 'an empty folder', make: () => '.', file: /no ONNX file in/, cause: /empty/, remedy: /export/ },
  { name: 'two models and no model.onnx', make: files({ 'a.onnx': echoModel, 'b.onnx': echoModel }), file: /a\.onnx, b\.onnx/, cause: /2 ONNX files/, remedy: /give the path of the one to serve/ },
  { name: 'a folder of weights without a graph', make: files({ 'model.safetensors': 'x', 'config.json': '{}' }), file: /no ONNX file in/, cause: /safetensors/, remedy: /export/ },
  {
    name: 'a folder that links to itself',
    make: folder => {
      symlinkSync('loop', join(folder, 'loop'))
      return 'loop'
    },
    file: /loop/,
    cause: /ELOOP|There is no/,
    remedy: /;/
  },
  {
    name: 'a pipe called model.onnx',
    make: folder => {
      execFileSync('mkfifo', [join(folder, 'model.onnx')])
      return 'model.onnx'
    },
    file: /model\.onnx/,
    cause: /pipe/,
    remedy: /give an \.onnx file or a folder/
  },
  { name: 'a device', make: () => '/dev/zero', file: /\/dev\/zero/, cause: /device/, remedy: /give an \.onnx file or a folder/ },
  {
    name: 'a model that is a link out of its folder',
    make: folder => {
      mkdirSync(join(folder, 'elsewhere'))
      mkdirSync(join(folder, 'model'))
      writeFileSync(join(folder, 'elsewhere', 'secret.onnx'), echoModel)
      symlinkSync('../elsewhere/secret.onnx', join(folder, 'model', 'model.onnx'))
      return 'model'
    },
    file: /model\.onnx/,
    cause: /link out of its folder/,
    remedy: /give that path/
  },

  // Cards.
  { name: 'a card that is no JSON', make: card('{"labels": ['), file: /card\.json/, cause: /not JSON/, remedy: /JSON/ },
  { name: 'a card that is no object', make: card('[]'), file: /card\.json/, cause: /a card is an object/, remedy: /such as/ },
  { name: 'an unknown field of a card', make: card({ ...echoCard, lables: ['a'] }), file: /card\.json/, cause: /\/lables is not a field of a card/, remedy: /not a field/ },
  { name: 'an unknown kind of input', make: card({ input: { kind: 'sound' } }), file: /card\.json/, cause: /\/input\/kind/, remedy: /must be one of image, table, text, tensors/ },
  { name: 'a card with too few labels', make: card({ ...echoCard, labels: ['only'] }), file: /card\.json/, cause: /2 classes, the card 1 label/, remedy: /card/ },
  { name: 'a card for another input', make: card({ ...echoCard, input: { ...echoCard.input, tensor: 'z' } }), file: /card\.json/, cause: /has no input 'z'/, remedy: /its inputs are x/ },
  { name: 'a card that nests very deep', make: card('[{"a":'.repeat(100_000)), file: /card\.json/, cause: /not JSON/, remedy: /JSON/ },
  { name: 'a card of 17 MB', make: card(`{"labels":["${'x'.repeat(17 * 1024 * 1024)}"]}`), file: /card\.json/, cause: /over the limit of 16777216/, remedy: /make it smaller/ },
  {
    name: 'a card that is a link out of the folder',
    make: folder => {
      symlinkSync('/etc/passwd', join(folder, 'card.json'))
      only(echoModel)(folder)
      return '.'
    },
    file: /card\.json/,
    cause: /link out of the folder/,
    remedy: /replace it/
  },

  // Files of exporters.
  { name: 'labels of another model', make: files({ 'model.onnx': softmaxOf(3), 'labels.txt': 'a\nb\n' }), file: /labels\.txt/, cause: /2 labels/, remedy: /card\.json/ },
  { name: 'a config.json that is no JSON', make: files({ 'model.onnx': picture, 'config.json': '{"id2label":', 'preprocessor_config.json': '{}' }), file: /config\.json/, cause: /JSON/, remedy: /;/ },
  { name: 'a config.json that nests very deep', make: files({ 'model.onnx': picture, 'config.json': `{"id2label":${'['.repeat(200_000)}`, 'preprocessor_config.json': '{}' }), file: /config\.json/, cause: /JSON/, remedy: /;/ },
  { name: 'a config.json of 17 MB', make: files({ 'model.onnx': picture, 'config.json': `{"a":"${'x'.repeat(17 * 1024 * 1024)}"}`, 'preprocessor_config.json': '{}' }), file: /config\.json/, cause: /over the limit/, remedy: /smaller/ },
  {
    name: 'a processor that nobody knows',
    make: files({ 'model.onnx': picture, 'config.json': '{"model_type":"vit","architectures":["ViTForImageClassification"]}', 'preprocessor_config.json': '{"image_processor_type":"SpyImageProcessor"}' }),
    file: /preprocessor_config\.json/,
    cause: /SpyImageProcessor/,
    remedy: /card\.json/
  },
  { name: 'an MLmodel that names a file elsewhere', make: files({ MLmodel: 'flavors:\n  onnx:\n    data: ../../etc/passwd\n' }), file: /MLmodel/, cause: /outside the folder/, remedy: /write a path inside it/ },
  { name: 'an MLmodel at an absolute path', make: files({ MLmodel: 'flavors:\n  onnx:\n    data: /etc/passwd\n' }), file: /MLmodel/, cause: /outside the folder/, remedy: /write a path inside it/ },
  { name: 'an MLmodel without ONNX', make: files({ MLmodel: 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n' }), file: /MLmodel/, cause: /sklearn/, remedy: /mlflow\.onnx\.log_model/ },
  { name: 'an MLmodel that multiplies references', make: mlmodel(`a: &a [x, x]\n${Array.from({ length: 20 }, (_, at) => `a${at}: &a${at} [${`*a${at === 0 ? '' : at - 1}, `.repeat(9)}x]`).join('\n')}\n`), file: /MLmodel/, cause: /alias|YAML/i, remedy: /save the model again/ },
  { name: 'an MLmodel that nests very deep', make: mlmodel('['.repeat(500_000)), file: /MLmodel/, cause: /deep|nested/, remedy: /save the model again/ },
  { name: 'an MLmodel of 2 MB', make: mlmodel(`a: ${'x'.repeat(2 * 1024 * 1024)}\n`), file: /MLmodel/, cause: /longer than 1048576|YAML/, remedy: /save the model again/ },
  { name: 'an MLmodel that is no YAML', make: mlmodel('a: b: c: [}\n'), file: /MLmodel/, cause: /YAML/, remedy: /save the model again/ },
  { name: 'a signature that is no JSON', make: mlmodel("signature:\n  inputs: '[{'\n"), file: /MLmodel/, cause: /signature\.inputs is not JSON/, remedy: /infer_signature/ },
  { name: 'a signature of another model', make: mlmodel(`signature:\n  inputs: '${JSON.stringify(['a', 'b', 'c'].map(name => ({ type: 'double', name })))}'\n`), file: /MLmodel/, cause: /names 3 columns, but input 'x' takes 2/, remedy: /save the model/ },

  // Archives.
  {
    name: 'an archive with a link',
    make: folder => {
      mkdirSync(join(folder, 'in'))
      writeFileSync(join(folder, 'in', 'model.onnx'), echoModel)
      symlinkSync('/etc/passwd', join(folder, 'in', 'card.json'))
      return archive(folder, 'a.tar.gz', 'in')
    },
    file: /a\.tar\.gz/,
    cause: /SymbolicLink/,
    remedy: /pack it again without links/
  },
  {
    name: 'an archive with a path out of the folder',
    make: folder => {
      mkdirSync(join(folder, 'in'))
      writeFileSync(join(folder, 'model.onnx'), echoModel)
      create({ sync: true, gzip: true, file: join(folder, 'a.tgz'), cwd: join(folder, 'in'), preservePaths: true }, ['../model.onnx'])
      return 'a.tgz'
    },
    file: /a\.tgz/,
    cause: /path contains '\.\.'/,
    remedy: /pack it again/
  },
  {
    name: 'an archive that becomes large',
    make: folder => {
      writeFileSync(join(folder, 'model.onnx'), '')
      truncateSync(join(folder, 'model.onnx'), 50_000_000)
      return archive(folder, 'a.tar.gz', 'model.onnx')
    },
    settings: { MODEL_LIMIT: '1000000' },
    file: /a\.tar\.gz/,
    cause: /more bytes than the limit of 1000000/,
    remedy: /MODEL_LIMIT/
  },
  { name: 'a ZIP file with a path out of the folder', make: called('a.zip', zip([{ name: '../model.onnx', bytes: echoModel }])), file: /a\.zip/, cause: /invalid relative path/, remedy: /pack it again/ },
  { name: 'a ZIP file with a link', make: called('a.zip', zip([{ name: 'model.onnx', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }])), file: /a\.zip/, cause: /SymbolicLink/, remedy: /pack it again without links/ },
  { name: 'a ZIP file that becomes large', make: called('a.zip', zip([{ name: 'model.onnx', bytes: Buffer.alloc(50_000_000) }])), settings: { MODEL_LIMIT: '1000000' }, file: /a\.zip/, cause: /more bytes than the limit of 1000000/, remedy: /MODEL_LIMIT/ },
  { name: 'a ZIP file that lies about sizes', make: called('a.zip', zip([{ name: 'model.onnx', bytes: Buffer.alloc(5_000_000), size: 10 }])), file: /a\.zip/, cause: /too many bytes/, remedy: /pack it again/ },
  { name: 'a ZIP file with a password', make: called('a.zip', zip([{ name: 'model.onnx', bytes: echoModel, isEncrypted: true }])), file: /a\.zip/, cause: /encrypted/, remedy: /without a password/ },
  { name: 'an archive without a model', make: called('a.zip', zip([{ name: 'README.md', bytes: Buffer.from('no model') }])), file: /a\.zip/, cause: /has no model/, remedy: /model\.onnx/ },
  { name: 'an archive that is none', make: called('a.tar.gz', 'no archive'), file: /a\.tar\.gz/, cause: /not an archive/, remedy: /\.tar\.gz or \.zip/ },
  {
    name: 'an archive that is cut off',
    make: folder => {
      files({ 'in/model.onnx': echoModel })(folder)
      const whole = readFileSync(join(folder, archive(folder, 'whole.tar.gz', 'in')))
      writeFileSync(join(folder, 'a.tar.gz'), whole.subarray(0, 100))
      return 'a.tar.gz'
    },
    file: /a\.tar\.gz/,
    cause: /unexpected end/,
    remedy: /download or pack it again/
  },
  {
    name: 'a pipe called a.zip',
    make: folder => {
      execFileSync('mkfifo', [join(folder, 'a.zip')])
      return 'a.zip'
    },
    file: /a\.zip/,
    cause: /is a device or pipe/,
    remedy: /name an archive/
  },
  { name: 'a compressed file that is no archive', make: called('a.tar.gz', gzipSync(Buffer.from('x'.repeat(2000)))), file: /a\.tar\.gz/, cause: /TAR|has no model/, remedy: /pack it again|model\.onnx/ }
]

t.jobs = 3

for (const { name, make, file, cause, remedy, settings = {} } of CASES) {
  t.test(`the start ends at ${name}`, async t => {
    const folder = t.testdir({})
    const made = make(folder)
    const path = made === '.' ? folder : made.startsWith('/') ? made : join(folder, made)
    const { code, signal, stdout, stderr } = await start(path, settings)
    t.same([code, signal], [1, null], stderr)
    t.match(stderr, /^servery: [^\n]+\n$/, 'one line')
    t.ok(stderr.length < 2000, 'which people can read')
    for (const part of [file, cause, remedy]) t.match(stderr, part)
    t.notMatch(stdout + stderr, /root:/, 'no other file is shown')
  })
}

function start (path: string, settings: Record<string, string> = {}): Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [projectFile('dist/cli/servery.js'), path, '--port', '0', '--host', '127.0.0.1'], {
      env: environment(settings), timeout: WAIT_MS, killSignal: 'SIGKILL'
    }, (_error, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }))
  })
}

function customOperator (): Uint8Array {
  const { onnx: { ModelProto } } = onnxProto
  const model = ModelProto.decode(echoModel)
  Object.assign(model.graph!.node![0]!, { opType: 'FlyToMars', domain: 'acme' })
  model.opsetImport = [{ domain: '', version: 17 }, { domain: 'acme', version: 1 }]
  return ModelProto.encode(model).finish()
}

function softmaxOf (classes: number): Uint8Array {
  return onnxFile([['x', 'float32', ['batch', classes]]], [['y', 'float32', ['batch', classes]]], [{ op: 'Softmax', from: ['x'], to: 'y' }])
}
