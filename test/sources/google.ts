// Compares what lib/sources/google.ts lists and reads with what Google's client stored: google.js STORED, where STORED is what
// fill_google.py wrote. The endpoint comes from the environment.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openGoogle } from '../../lib/sources/google.ts'
import { Absent, type Entry, type Piece } from '../../lib/sources/source.ts'

const START = { offsetBytes: 0, validator: '' }
const stored = new Map<string, { bytes: number, sha256: string }>(Object.entries(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))))
const settings = { environment: process.env }

async function listOf (address: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of (await openGoogle(address, settings)).list()) entries.push(entry)
  return entries
}

async function bytesOf ({ bytes }: Piece): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

for (const prefix of ['team/iris', 'odd']) {
  const source = await openGoogle(`gs://models/${prefix}`, settings)
  const expected = [...stored].filter(([name]) => name.startsWith(`${prefix}/`))
  const entries = await listOf(`gs://models/${prefix}`)
  deepEqual(entries.map(({ path }) => path).sort(), expected.map(([name]) => name.slice(prefix.length + 1)).sort())
  for (const entry of entries) {
    const { bytes, sha256 } = stored.get(`${prefix}/${entry.path}`)!
    const content = await bytesOf(await source.open(entry, START))
    deepEqual([entry.bytes, entry.digest], [bytes, { algorithm: 'md5', hex: createHash('md5').update(content).digest('hex') }], entry.path)
    equal(createHash('sha256').update(content).digest('hex'), sha256, entry.path)
  }
}
equal((await listOf('gs://models/many')).length, 1_234, 'two pages')

const [large] = await listOf('gs://models/large/weights.onnx')
const source = await openGoogle('gs://models/large/weights.onnx', settings)
const whole = await source.open(large!, START)
const content = await bytesOf(whole)
equal(content.length, large!.bytes)
const rest = await source.open(large!, { offsetBytes: 7_000_000, validator: whole.validator })
ok((await bytesOf(rest)).equals(content.subarray(rest.offsetBytes)))
await rejects(listOf('gs://absent/team/iris'), Absent)
await rejects(listOf('gs://models/nothing'), Absent)
console.log(`lists and objects: as stored; a download ${rest.offsetBytes > 0 ? 'continues' : 'starts again'}`)
