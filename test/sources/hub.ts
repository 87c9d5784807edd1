// Serves repositories as the Hugging Face Hub does: hub.js OUT MODEL_FOLDER TOKEN. Writes where it listens to OUT.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveHub, type Files } from '../lib/sources/hub.ts'

const [, , out = '', folder = '', token = ''] = process.argv
const iris: Files = Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]))
const large: Files = {
  'config.json': Buffer.from('{}'),
  'onnx/model.onnx': Buffer.alloc(3_000_000, 'graph'),
  'onnx/model.onnx_data': Buffer.alloc(12_345_678, 'weights'),
  'onnx/with space+plus#ü.txt': Buffer.from('text')
}
const several: Files = { 'a.onnx': Buffer.from('a'), 'b.onnx': Buffer.from('b') }
const { origin, store, commit } = await serveHub({ teardown: end => { process.once('SIGTERM', end) } },
  { 'acme/iris': iris, 'acme/large': large, 'acme/several': several }, { token, revisions: ['main', 'refs/pr/1'] })
writeFileSync(`${out}.part`, JSON.stringify({ origin, store: store.origin, commit }))
renameSync(`${out}.part`, out)
