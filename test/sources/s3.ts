// Compares what lib/sources/s3.ts lists and reads with what Amazon's client stored: s3.js STORED, where STORED is what fill_s3.py
// wrote. The account comes from the environment.
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openBucket, openS3 } from '../../lib/sources/s3.ts'
import { Absent, Final, type Entry, type Piece } from '../../lib/sources/source.ts'

interface Stored { bytes: number, sha256: string, etag: string, version: string | null }

const START = { offsetBytes: 0, validator: '' }
const stored = new Map<string, Stored>(Object.entries(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))))
const settings = { environment: process.env }

async function listOf (address: string, environment: NodeJS.ProcessEnv = process.env): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of (await openS3(address, { environment })).list()) entries.push(entry)
  return entries
}

async function bytesOf ({ bytes }: Piece): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Lists a prefix and reads all of it, and compares it with what was stored below it. */
async function compare (prefix: string, environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  const source = await openS3(prefix, { environment })
  const expected = [...stored].filter(([address]) => address.startsWith(`${prefix}/`))
  const entries = await listOf(prefix, environment)
  deepEqual(entries.map(({ path }) => path).sort(), expected.map(([address]) => address.slice(prefix.length + 1)).sort())
  for (const entry of entries) {
    const { bytes, etag, sha256: digest } = stored.get(`${prefix}/${entry.path}`)!
    deepEqual([entry.bytes, entry.version], [bytes, etag], entry.path)
    const piece = await source.open(entry, START)
    deepEqual([piece.totalBytes, piece.validator], [bytes, etag], entry.path)
    equal(sha256(await bytesOf(piece)), digest, entry.path)
  }
  return entries.length
}

ok(await compare('s3://private/team/iris') >= 3)
ok(await compare('s3://private/odd') === 7)
equal((await listOf('s3://private/many')).length, 2_345, 'three pages')
equal((await listOf('s3://private/')).length, [...stored.keys()].filter(address => address.startsWith('s3://private/')).length + 2_345, 'a whole bucket')

// One object, uploaded in three parts, and continued in its middle.
const large = 's3://private/large/weights.onnx'
const { bytes, etag, sha256: digest } = stored.get(large)!
const [entry, ...others] = await listOf(large)
deepEqual([entry, others], [{ path: 'weights.onnx', bytes, version: etag }, []])
const source = await openS3(large, settings)
const whole = await source.open(entry!, START)
equal(whole.digest, undefined, 'the ETag of several parts is no MD5')
const content = await bytesOf(whole)
equal(sha256(content), digest)
const rest = await source.open(entry!, { offsetBytes: 7_000_000, validator: whole.validator })
deepEqual([rest.offsetBytes, rest.totalBytes], [7_000_000, bytes])
ok((await bytesOf(rest)).equals(content.subarray(7_000_000)))
const changed = await source.open(entry!, { offsetBytes: 7_000_000, validator: '"another"' })
equal(changed.offsetBytes, 0, 'another version starts again')
await bytesOf(changed)

// A version by its name.
const versions = await openBucket('versions', settings)
for (const address of ['first', 's3://versions/model.bin']) {
  const { version, sha256: digest, bytes, etag } = stored.get(address)!
  deepEqual(await versions.find('model.bin', version!), { key: 'model.bin', bytes, etag })
  equal(sha256(await bytesOf(await versions.open('model.bin', START, version!))), digest)
}
await rejects(versions.open('model.bin', START, '01AAAAAAAAAAAAAAAAAAAAAAAA'), Final)

// The public bucket, by nobody.
const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...nobody } = process.env
ok(await compare('s3://public/team/iris', nobody) >= 3)

// What is refused says why, and says no secret.
const wrong = 'WRONGwrongWRONGwrongWRONGwrongWRONGwrong'
const refused: Array<[address: string, environment: NodeJS.ProcessEnv, message: RegExp]> = [
  ['s3://private/team/iris', nobody, /AccessDenied: access is denied to anonymous requests; allow/],
  ['s3://private/team/iris', { ...process.env, AWS_SECRET_ACCESS_KEY: wrong }, /SignatureDoesNotMatch: .*check AWS_SECRET_ACCESS_KEY/],
  ['s3://private/team/iris', { ...process.env, AWS_ACCESS_KEY_ID: wrong }, /the store knows no such access key; check AWS_ACCESS_KEY_ID/],
  ['s3://absent/team/iris', process.env, /NoSuchBucket: there is no such bucket/],
  ['s3://private/nothing', process.env, /there is no object "nothing", and none below it/]
]
for (const [address, environment, message] of refused) {
  await rejects(listOf(address, environment), (error: unknown) => {
    ok(error instanceof Final, String(error))
    match(error.message, message)
    for (const secret of [wrong, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]) ok(!error.stack?.includes(String(secret)), 'a secret is in the error')
    return true
  })
}
await rejects((await openS3('s3://private/team/', settings)).open({ path: 'nothing', bytes: null, version: null }, START), Absent)

// A region that is not that of the store: the store says which one it is in.
equal((await listOf('s3://private/team/iris', { ...process.env, AWS_DEFAULT_REGION: 'us-west-2', AWS_REGION: 'us-west-2' })).length >= 3, true)
console.log('lists, objects, versions, and what is refused: as stored')
