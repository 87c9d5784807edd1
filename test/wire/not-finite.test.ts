import fc from 'fast-check'
import t from 'tap'
import { NotFiniteQuoter } from '../../wire/not-finite.ts'

/** Quotes a text that comes in pieces of this many bytes. */
function quoted (text: string, pieceBytes: number): string {
  const quoter = new NotFiniteQuoter()
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(quoter.quote(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length))
  return Buffer.concat(pieces).toString()
}

t.test('bare tokens become texts, wherever a piece ends, and texts stay what they are', async t => {
  const cases = [
    ['[NaN,Infinity,-Infinity]', '["NaN","Infinity","-Infinity"]'],
    ['{"NaN":[ NaN ],"a":"-Infinity \\" NaN","b\\\\":NaN}', '{"NaN":[ "NaN" ],"a":"-Infinity \\" NaN","b\\\\":"NaN"}'],
    ['["é€😀NaN",-1.5,true,null]', '["é€😀NaN",-1.5,true,null]']
  ] as const
  for (const [text, expected] of cases) {
    for (let pieceBytes = 1; pieceBytes <= text.length + 1; pieceBytes++) t.equal(quoted(text, pieceBytes), expected, `pieces of ${pieceBytes} bytes`)
  }
})

t.test('JSON without such tokens stays as it is', async t => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, pieceBytes) => quoted(text, pieceBytes) === Buffer.from(text).toString()), { seed: 15, numRuns: 1000 }))
})
