import { randomBytes } from 'node:crypto'
import { deflateRawSync, deflateSync, gzipSync, gunzipSync, inflateSync } from 'node:zlib'
import t from 'tap'
import { encodingOf, pack, unpack, unpackedBytesOf } from '../../wire/unpack.ts'
import { turnsOf } from '../turns.ts'

const MEBIBYTE = 1024 * 1024

/** The same bytes in memory of their own, as those of a body. */
function own (bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

t.test('a header names one encoding, or none that counts', async t => {
  t.same(['gzip', 'Deflate', ' gzip '].map(encodingOf), ['gzip', 'deflate', 'gzip'])
  t.same([undefined, 'br', 'gzip, deflate, br', '*', ''].map(encodingOf), [undefined, undefined, undefined, undefined, undefined])
})

t.test('gzip and deflate in zlib format are unpacked, aligned as asked', async t => {
  const body = randomBytes(300_000)
  for (const [encoding, packed] of [['gzip', gzipSync(body)], ['deflate', deflateSync(body)]] as const) {
    const unpacked = await unpack(own(packed), encoding, body.length, 3)
    t.ok(unpacked.equals(body), encoding)
    t.equal(unpacked.byteOffset, 3)
  }
})

t.test('a bomb is unpacked no further than to the limit, in pieces', async t => {
  const bomb = gzipSync(Buffer.alloc(64 * MEBIBYTE))
  t.ok(unpackedBytesOf(bomb, Infinity) >= 64 * MEBIBYTE, 'what it may take is known before')
  t.equal(unpackedBytesOf(bomb, 1000), 1000)
  const turns = await turnsOf(async () => { await t.rejects(unpack(bomb, 'gzip', 2 * MEBIBYTE), { code: 'SRV_BODY_TOO_LARGE', statusCode: 413 }) })
  t.ok(turns >= 4, `${turns} turns of the event loop`)
  t.equal(bomb.length, 0, 'and its memory is released')
})

t.test('what is damaged, cut off or something else is refused', async t => {
  const packed = gzipSync(randomBytes(1000))
  for (const bytes of [Buffer.from('hello'), packed.subarray(0, 500), Buffer.alloc(0)]) await t.rejects(unpack(own(bytes), 'gzip', MEBIBYTE), { code: 'SRV_BODY_MALFORMED', message: /not gzip/ })
  await t.rejects(unpack(own(deflateRawSync(randomBytes(1000))), 'deflate', MEBIBYTE), { code: 'SRV_BODY_MALFORMED' })
})

t.test('answers are packed so that others can unpack them', async t => {
  const body = randomBytes(200_000)
  t.ok(gunzipSync(await pack(body, 'gzip')).equals(body))
  t.ok(inflateSync(await pack(body, 'deflate')).equals(body), 'deflate in zlib format')
})
