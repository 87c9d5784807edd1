import fc from 'fast-check'
import t from 'tap'
import { readJson, type JsonLimits } from '../../wire/json.ts'
import { turnsOf } from '../turns.ts'

const LIMITS = { values: 10_000, depth: 16 }

async function read (text: string, limits: JsonLimits = LIMITS): Promise<unknown> {
  return await readJson(Buffer.from(text), limits)
}

t.test('it reads what JSON.parse reads, and nothing else', async t => {
  const texts: fc.Arbitrary<string> = fc.oneof(
    fc.json({ maxDepth: 8 }),
    fc.json({ maxDepth: 3, stringUnit: 'binary' }).map(text => ` \t\r\n${text}\n`),
    // Most of these are not JSON.
    fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '01', '1.', '.5', '1e', '1e5', '-0', 'true', 'nul', 'null', ' ', '\n', '\\', '\\u00', '\u0000', '\ufeff'), { maxLength: 8 }).map(parts => parts.join(''))
  )
  await t.resolves(fc.assert(fc.asyncProperty(texts, async text => {
    let expected
    try {
      expected = JSON.parse(text)
    } catch {
      // RFC 8259, section 8.1: a reader may ignore a byte order mark.
      if (text.startsWith('\ufeff')) return
      await read(text).then(value => { throw new Error(`read ${JSON.stringify(value)} from ${JSON.stringify(text)}`) }, error => { if (error.statusCode !== 400) throw error })
      return
    }
    const value = await read(text)
    if (!Object.is(JSON.stringify(value), JSON.stringify(expected))) throw new Error(`${JSON.stringify(value)} is not ${JSON.stringify(expected)}`)
  }), { seed: 20, numRuns: 3000 }))
})

t.test('a text and a number may be split between two pieces', async t => {
  const value = { text: `${'é€😀\\"\n'.repeat(30_000)}`, numbers: Array.from({ length: 9000 }, (_, at) => at * 1.37) }
  t.same(await read(JSON.stringify(value)), value)
})

t.test('what is not JSON is malformed, and the message stays short', async t => {
  for (const text of ['', ' ', '{', '[1,]', '{"a" 1}', '[1 2]', '{"a":1}}', 'tru', '"a', `{"a":1"${'x'.repeat(1_000_000)}"}`, `["${'x'.repeat(1_000_000)}" "a"]`, `[${'1'.repeat(100_000)}]`]) {
    const error = await read(text).then(() => null, error => error)
    t.match(error, { statusCode: 400, code: 'SRV_BODY_MALFORMED', message: /^The body is not JSON: / }, text.slice(0, 20))
    t.ok(error.message.length < 300)
  }
  await t.rejects(readJson(Buffer.from([0x22, 0xff, 0xfe, 0x22]), LIMITS), { code: 'SRV_BODY_MALFORMED' }, 'text that is not UTF-8')
})

t.test('it stops at the first value over the limit, of whatever type', async t => {
  for (const value of ['1', '""', 'null', 'true', '[]', '{}', '{"a":1}']) {
    await t.rejects(read(`[${Array.from({ length: 20_000 }, () => value).join()}`), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX', message: /more than 10000 values; send less at once/ }, `${value}, although the list never ends`)
  }
  t.equal((await read(`[${Array.from({ length: 9_999 }, () => '1').join()}]`) as unknown[]).length, 9_999, 'the list is a value, too')
})

t.test('it stops at the first list or object over the depth limit', async t => {
  await t.rejects(read('['.repeat(1_000_000)), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX', message: /more than 16 lists or objects inside one another/ })
  await t.rejects(read('{"a":'.repeat(17)), { code: 'SRV_BODY_TOO_COMPLEX' })
  t.ok(await read(`${'['.repeat(16)}${']'.repeat(16)}`))
  t.ok(await read(`[${'[[]],'.repeat(100)}1]`), 'lists beside one another')
})

t.test('a key that every object inherits is a key like others', async t => {
  const value = await read('{"__proto__":{"a":1},"constructor":2}')
  t.equal(Object.getPrototypeOf(value), Object.prototype)
  t.same(Object.keys(value as object), ['__proto__', 'constructor'])
})

t.test('a large body leaves the event loop free after each 64 KiB', async t => {
  for (const text of [`"${'x'.repeat(2 ** 22)}"`, ' '.repeat(2 ** 22), `[${'1'.repeat(2 ** 22)}]`]) {
    t.ok(await turnsOf(() => read(text)) >= 60, text.slice(0, 3))
  }
})

t.test('exactly read, whole numbers keep all digits and the tokens of rapidjson become texts', async t => {
  const exact = { ...LIMITS, isExact: true }
  t.same(await read('[9007199254740993, -9223372036854775808, 1e20, 1234567890123456.5, 9007199254740991]', exact), [9007199254740993n, -9223372036854775808n, 1e20, 1234567890123456.5, 9007199254740991])
  t.same(await read('{"a":[NaN, -Infinity,Infinity],"NaN":"Infinity"}', exact), { a: ['NaN', '-Infinity', 'Infinity'], NaN: 'Infinity' })
  const numbers = Array.from({ length: 9000 }, () => 'NaN')
  t.same(await read(`[${numbers.join()}]`, exact), numbers, 'also between two pieces')
  await t.rejects(read('[NaN]'), { code: 'SRV_BODY_MALFORMED' }, 'otherwise they are no JSON')
  t.same(await read('[9007199254740993]'), [9007199254740992])
})

t.test('an object has a bounded number of keys, as growing a large one would hold the event loop; others beside it do not count', async t => {
  const object = (keys: number) => `{${Array.from({ length: keys }, (_, at) => `"${at}":[]`).join()}}`
  const limits = { values: 1_000_000, depth: 16 }
  await t.rejects(read(object(65_537), limits), { statusCode: 413, code: 'SRV_BODY_TOO_COMPLEX', message: /more than 65536 keys/ })
  await t.resolves(read(`[${object(65_536)},{"a":{"b":1}},${object(65_536)}]`, limits))
})
