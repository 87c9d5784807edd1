import fc from 'fast-check'
import t from 'tap'
import { fromBase64 } from '../../../wire/image/base64.ts'
import { turnsOf } from '../../turns.ts'

t.test('all bytes come back, wrapped at any width, padded or not, in both alphabets', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), fc.constantFrom<BufferEncoding[]>('base64', 'base64url'), async (bytes, width, alphabet) => {
    const text = Buffer.from(bytes).toString(alphabet).replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n')
    if (!(await fromBase64(text, 'it')).equals(bytes)) throw new Error(text)
  }), { seed: 20, numRuns: 500 }))
})

t.test('a long text, in pieces, is the same', async t => {
  const bytes = Buffer.from(Array.from({ length: 2_500_001 }, (_, at) => at * 37))
  const text = bytes.toString('base64')
  for (const long of [text, text.replace(/.{76}/g, '$&\n'), `data:image/png;base64,${text}`, `${text}\n\n`, text.slice(0, -1)]) {
    t.ok((await fromBase64(long, 'it')).equals(bytes))
  }
  t.ok(await turnsOf(() => fromBase64('A'.repeat(2 ** 24), 'it')) >= 14, 'and leaves the event loop free after each megabyte')
})

t.test('padding at the end of a piece of a megabyte is followed by white space alone', async t => {
  const text = `${Buffer.alloc(2 ** 20 / 4 * 3 - 1).toString('base64')}`
  t.equal(text.length, 2 ** 20)
  t.equal((await fromBase64(`${text}\n`, 'it')).length, 2 ** 20 / 4 * 3 - 1)
  await t.rejects(fromBase64(`${text}AAAA`, 'it'), { statusCode: 400, code: 'SRV_BODY_MALFORMED', message: 'it is not base64.' })
})

t.test('any other text is malformed', async t => {
  for (const text of ['!', 'AAAAA', 'AA=A', '====', 'AAAA='.repeat(2), `${'A'.repeat(3_000_000)}!`, `${'A'.repeat(1_500_000)}=${'A'.repeat(1_500_000)}`]) {
    await t.rejects(fromBase64(text, "field 'image'"), { statusCode: 400, message: "field 'image' is not base64." }, text.slice(0, 10))
  }
})
