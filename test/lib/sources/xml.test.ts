import t from 'tap'
import { Final } from '../../../lib/sources/source.ts'
import { readXml } from '../../../lib/sources/xml.ts'

/** Reads a document that comes in pieces of a size. */
async function read (document: string | Uint8Array, { pieceBytes = 7, limitBytes = 1_000_000 } = {}): Promise<Array<[path: string, text: string]>> {
  const bytes = Buffer.from(document)
  const found: Array<[string, string]> = []
  async function * body () {
    for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes)
  }
  await readXml({ body: body(), discard () {} }, limitBytes, (path, text) => { found.push([path, text]) })
  return found
}

t.test('elements come with their path and their text, however the bytes are cut', async t => {
  const document = '<?xml version="1.0"?><r xmlns="u"><a>ü &amp; &#x6587;<![CDATA[<c>]]></a><n:b xmlns:n="v"><c/></n:b></r>'
  const expected = [['r/a', 'ü & 文<c>'], ['r/b/c', ''], ['r/b', ''], ['r', '']]
  for (const pieceBytes of [1, 2, 3, 1_000]) t.same(await read(document, { pieceBytes }), expected)
})

t.test('what is not plain XML is refused', async t => {
  for (const [document, message] of [
    ['', /not XML/],
    ['nothing', /not XML/],
    ['<a><b></a>', /not XML/],
    ['<a>', /not XML/],
    ['<a>&lol;</a>', /not XML/],
    ['<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>', /document type/],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /document type/],
    ['<a>'.repeat(17), /more than 16 elements inside each other/],
    [`<a>${'x'.repeat(16_385)}</a>`, /more than 16384 characters/],
    [`<a ${'x'.repeat(100_000)}="1"/>`, /not XML/]
  ] as const) await t.rejects(read(document, { pieceBytes: 1_000 }), { message }, document.slice(0, 60))
  await t.rejects(read('<a></a>', { limitBytes: 6 }), new Final('its XML has more bytes than the limit of 6'))
})

t.test('the connection is closed at the first fault', async t => {
  let discarded = 0
  async function * body () { for (;;) yield Buffer.from('<a>') }
  await t.rejects(readXml({ body: body(), discard () { discarded++ } }, 1_000_000, () => {}), { message: /more than 16 elements/ })
  t.equal(discarded, 1)
})
