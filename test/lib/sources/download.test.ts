import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { attempt, close, download, partsIn } from '../../../lib/sources/download.ts'
import { Absent, Final, type Entry, type Piece, type Received, type Source } from '../../../lib/sources/source.ts'

const FILE = Buffer.from('0123456789')
const LIMIT = { limitBytes: 1000, backoffMs: 1 }
const ENTRY: Entry = { path: 'model.onnx', bytes: null, version: null }

function hashOf (algorithm: 'sha256' | 'md5', bytes = FILE): NonNullable<Entry['digest']> {
  return { algorithm, hex: createHash(algorithm).update(bytes).digest('hex').toUpperCase() }
}

/** A source of one file, and what it was asked. */
function sourceOf (open: (received: Received, count: number) => Promise<Partial<Piece>> | Partial<Piece>): Source & { asked: Received[] } {
  const asked: Received[] = []
  return {
    name: 'wine',
    address: 's3://bucket/wine',
    asked,
    async * list () { yield ENTRY },
    async open (_entry, received) {
      asked.push(received)
      return { bytes: Readable.from([FILE]), offsetBytes: 0, totalBytes: null, validator: '"1"', ...await open(received, asked.length) }
    }
  }
}

/** Bytes that end with an error. */
async function * broken (bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
  throw new Error('the connection broke')
}

t.test('a file appears whole, in a folder that is made for it', async t => {
  const folder = t.testdir()
  const progress: Array<[number, number | null]> = []
  const file = join(folder, 'a', 'b', 'model.onnx')
  t.equal(await download(sourceOf(() => ({})), ENTRY, file, { ...LIMIT, onProgress: (_file, ...now) => progress.push(now) }), 10)
  t.ok(readFileSync(file).equals(FILE))
  t.same(readdirSync(join(folder, 'a', 'b')), ['model.onnx'])
  t.same(progress, [[10, null], [10, 10]], 'and its size is known at the end')
})

t.test('digests of the listing, of the opening and of the operator are compared, each of its kind', async t => {
  const folder = t.testdir()
  const right = [hashOf('sha256'), hashOf('md5')] as const
  for (const digest of right) t.equal(await download(sourceOf(() => ({ digest })), { ...ENTRY, digest }, join(folder, 'right'), { ...LIMIT, sha256: hashOf('sha256').hex }), 10)
  const wrong = hashOf('md5', Buffer.from('other'))
  for (const [entry, piece, sha256, message] of [
    [{ ...ENTRY, digest: wrong }, {}, undefined, /^its MD5 is [0-9a-f]{32}, not [0-9A-F]{32}$/],
    [ENTRY, { digest: wrong }, undefined, /^its MD5 is/],
    [{ ...ENTRY, digest: right[1] }, {}, '0'.repeat(64), /^its SHA-256 is [0-9a-f]{64}, not 0{64} \(MODEL_SHA256\)$/]
  ] as const) {
    const source = sourceOf(() => piece)
    await t.rejects(download(source, entry, join(folder, 'wrong'), { ...LIMIT, sha256 }), { constructor: Final, message })
    t.equal(source.asked.length, 1)
  }
  t.same(readdirSync(folder), ['right'])
})

t.test('a file in two parts that do not belong together is fetched again from the start', async t => {
  const folder = t.testdir()
  const source = sourceOf((_received, count) => count === 1
    ? { bytes: broken(Buffer.from('xxxxx')) }
    : count === 2 ? { bytes: Readable.from([FILE.subarray(5)]), offsetBytes: 5 } : {})
  t.equal(await download(source, { ...ENTRY, digest: hashOf('md5') }, join(folder, 'model.onnx'), LIMIT), 10)
  t.same(source.asked.map(({ offsetBytes }) => offsetBytes), [0, 5, 0])
  t.same(readdirSync(folder), ['model.onnx'])
})

t.test('a file that is optional may be absent, and no other', async t => {
  const folder = t.testdir()
  const source = sourceOf(() => { throw new Absent('there is none') })
  t.equal(await download(source, { ...ENTRY, isOptional: true }, join(folder, 'a'), LIMIT), null)
  await t.rejects(download(source, ENTRY, join(folder, 'a'), LIMIT), { constructor: Absent, message: 'there is none' })
  t.equal(source.asked.length, 2, 'it is asked once')
  t.same(readdirSync(folder), [])
})

t.test('what other files take counts to the limit', async t => {
  const folder = t.testdir()
  for (const [options, message] of [
    [{ limitBytes: 9 }, /^the file has more bytes than the limit of 9 \(MODEL_LIMIT\)$/],
    [{ limitBytes: 15, usedBytes: 6 }, /^the files have more bytes together than the limit of 15 \(MODEL_LIMIT\)$/]
  ] as const) {
    await t.rejects(download(sourceOf(() => ({})), ENTRY, join(folder, 'a'), { backoffMs: 1, ...options }), { constructor: Final, message })
    const closed = Readable.from([FILE])
    await t.rejects(download(sourceOf(() => ({ bytes: closed, totalBytes: 10 })), ENTRY, join(folder, 'a'), { backoffMs: 1, ...options }), { message: /limit of/ })
    t.ok(closed.destroyed, 'nothing of it is read')
  }
  t.equal(await download(sourceOf(() => ({})), ENTRY, join(folder, 'a'), { ...LIMIT, limitBytes: 15, usedBytes: 5 }), 10)
})

t.test('an endless file is stopped at the limit', async t => {
  const folder = t.testdir()
  async function * endless () { for (;;) yield Buffer.alloc(100) }
  await t.rejects(download(sourceOf(() => ({ bytes: endless() })), ENTRY, join(folder, 'a'), LIMIT), { constructor: Final, message: /limit of 1000/ })
  t.same(readdirSync(folder), [])
})

t.test('a length that is not the one that was said is an error, each time, and the parts stay for later', async t => {
  const folder = t.testdir()
  const source = sourceOf(() => ({ totalBytes: 11 }))
  await t.rejects(download(source, ENTRY, join(folder, 'a'), LIMIT), { message: 'the download ended after 10 of 11 bytes' })
  t.equal(source.asked.length, 5)
  t.match(source.asked[1], { offsetBytes: 10, validator: '"1"' })
  t.equal((await partsIn(folder)).length, 1)
})

t.test('a connection that ends early is told by the size that was listed, if the server says none', async t => {
  const folder = t.testdir()
  const source = sourceOf(() => ({ bytes: Readable.from([FILE.subarray(0, 4)]) }))
  await t.rejects(download(source, { ...ENTRY, bytes: 10 }, join(folder, 'model.onnx'), LIMIT), { message: 'the download ended after 4 of 10 bytes' })
  t.notOk(readdirSync(folder).includes('model.onnx'))
})

t.test('what came of one model is not continued for another at the same printed address', async t => {
  const folder = t.testdir()
  const source = sourceOf(() => ({ bytes: broken(FILE.subarray(0, 4)) }))
  await t.rejects(download(source, ENTRY, join(folder, 'model.onnx'), { ...LIMIT, identity: 'one' }))
  const other = sourceOf(() => ({}))
  t.equal(await download(other, ENTRY, join(folder, 'model.onnx'), { ...LIMIT, identity: 'two' }), 10)
  t.equal(other.asked[0]?.offsetBytes, 0)
})

t.test('a line that breaks often brings a large file all the same', async t => {
  const piece = Buffer.alloc(16 * 1024 * 1024)
  const source = sourceOf(({ offsetBytes }, count) => ({ bytes: count < 8 ? broken(piece) : Readable.from([piece]), offsetBytes, totalBytes: 8 * piece.length }))
  t.equal(await download(source, ENTRY, join(t.testdir(), 'a'), { limitBytes: 1e9, backoffMs: 1 }), 8 * piece.length)
  t.equal(source.asked.length, 8)
})

t.test('a name and a validator of any length and kind fit into a file system', async t => {
  const folder = t.testdir()
  const name = '日'.repeat(85)
  const source = sourceOf((_received, count) => ({ validator: `"${'é/'.repeat(500)}"`, ...count === 1 && { bytes: broken(FILE) } }))
  t.equal(await download(source, { ...ENTRY, path: name }, join(folder, name), LIMIT), 10)
  t.same(readdirSync(folder), [name])
})

t.test('partial files are found in folders, too', async t => {
  const folder = t.testdir({ a: { 'b.part': '', c: '' }, 'd.part': '' })
  t.same((await partsIn(folder)).sort(), [join(folder, 'a', 'b.part'), join(folder, 'd.part')])
  t.same(await partsIn(join(folder, 'no')), [])
})

t.test('a file that was there is not taken for the new one', async t => {
  const folder = t.testdir({ a: 'old' })
  await t.rejects(download(sourceOf(() => { throw new Final('no') }), ENTRY, join(folder, 'a'), LIMIT), { message: 'no' })
  mkdirSync(join(folder, 'b'))
  const source = sourceOf(() => {
    writeFileSync(join(folder, 'b', 'a'), 'by another process')
    throw new Error('no')
  })
  t.equal(await download(source, ENTRY, join(folder, 'b', 'a'), LIMIT), 18)
})

t.test('something is tried five times, and no more when it is final', async t => {
  let count = 0
  const failing = (error: Error) => async () => {
    count++
    throw error
  }
  await t.rejects(attempt(failing(new Error('again')), { backoffMs: 1 }), { message: 'again' })
  t.equal(count, 5)
  await t.rejects(attempt(failing(new Final('no')), { backoffMs: 1 }), { message: 'no' })
  t.equal(count, 6)
  await t.rejects(attempt(failing(new Error('again')), { attempts: 2, backoffMs: 1 }))
  t.equal(count, 8)
})

t.test('what was opened and not read is closed', async t => {
  const stream = Readable.from([FILE])
  await close({ bytes: stream })
  t.ok(stream.destroyed)
  let isClosed = false
  await close({ bytes: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }), return: async () => { isClosed = true; return { done: true, value: undefined } } }) } })
  t.ok(isClosed)
})
