// Compares what lib/sources/mlflow.ts lists and reads with what MLflow's own client has downloaded, and what Servery answers with
// the answers of ONNX Runtime: mlflow.js LOGGED THEIRS PORT, where LOGGED and THEIRS are what mlflow.py wrote.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openMlflow } from '../../lib/sources/mlflow.ts'
import type { Piece } from '../../lib/sources/source.ts'

interface Logged {
  /** The folder into which each address was downloaded. */
  downloads: Record<string, string>
  /** Address of the model that mlflow.onnx has logged. */
  logged: string
  answers: { rows: number[][], labels: string[], probabilities: number[][] }
}

const START = { offsetBytes: 0, validator: '' }
const TOLERANCE = 1e-5
const START_SECONDS = 120
const [, , file = '', , port = ''] = process.argv
const { downloads, logged, answers }: Logged = JSON.parse(await readFile(file, 'utf8'))

async function bytesOf ({ bytes }: Piece): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

let count = 0
for (const [address, folder] of Object.entries(downloads)) {
  const source = await openMlflow(address, { environment: process.env })
  const paths: string[] = []
  for await (const entry of source.list()) {
    const content = await readFile(join(folder, entry.path))
    equal(entry.bytes, content.length, `${address}: ${entry.path}`)
    const piece = await source.open(entry, START)
    ok((await bytesOf(piece)).equals(content), `${address}: ${entry.path}`)
    const middle = Math.floor(content.length / 2)
    const rest = await source.open(entry, { offsetBytes: middle, validator: piece.validator })
    equal(rest.offsetBytes, middle, 'the server continues')
    ok((await bytesOf(rest)).equals(content.subarray(middle)), `${address}: ${entry.path}`)
    paths.push(entry.path)
    count++
  }
  // Their client writes a file of its own into the folder of a registered model.
  deepEqual(paths.sort(), (await readdir(folder)).filter(name => name !== 'registered_model_meta').sort(), address)
}
console.log(`${count} files of ${Object.keys(downloads).length} addresses are as MLflow downloads them`)

// A model that has no card: what mlflow.onnx writes is all there is.
const service = spawn(process.execPath, ['dist/cli/servery.js', 'start', logged], { env: { ...process.env, HOST: '127.0.0.1', PORT: port, WORKERS: '1', THREADS: '1' }, stdio: ['ignore', 'ignore', 'inherit'] })
const url = `http://127.0.0.1:${port}`
for (let second = 0; !(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false)); second++) {
  ok(second < START_SECONDS && service.exitCode === null, 'the service did not start')
  await sleep(1000)
}
const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ instances: answers.rows }) })
const { predictions }: { predictions: Array<{ label: string, probability: number }> } = JSON.parse(await response.text())
deepEqual(predictions.map(({ label }) => label), answers.labels)
let largest = 0
for (const [index, { probability }] of predictions.entries()) largest = Math.max(largest, Math.abs(probability - Math.max(...answers.probabilities[index]!)))
ok(largest <= TOLERANCE, `a probability differs by ${largest}`)
console.log(`${predictions.length} answers of ${logged} are those of ONNX Runtime; the largest difference of a probability is ${largest.toExponential(1)}`)
service.kill()
await once(service, 'exit')
process.exit()
