import { createHash } from 'node:crypto'
import t from 'tap'
import { checkedLines } from '../../../../lib/sources/dvc/lines.ts'

const md5Of = (text: string) => createHash('md5').update(text).digest('hex')

async function through (pieces: string[], md5: string): Promise<string> {
  async function * bytes () {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  const received: Uint8Array[] = []
  for await (const piece of checkedLines(bytes(), md5)) received.push(piece)
  return Buffer.concat(received).toString()
}

t.test('bytes pass with their own MD5, or that of their lines with the ends of Unix', async t => {
  const text = 'one\r\ntwo\r\n\r\nthr\ree\r\r\nfour\n\r'
  const unix = text.replaceAll('\r\n', '\n')
  t.equal(await through([text], md5Of(text)), text)
  t.equal(await through([text], md5Of(unix)), text)
  for (let size = 1; size < text.length; size++) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    t.equal(await through([...pieces, ''], md5Of(unix)), text, `pieces of ${size}`)
  }
})

t.test('other bytes fail at their end', async t => {
  await t.rejects(through(['one\r\n'], md5Of('two\n')), { message: /its MD5 is not [0-9a-f]{32}, which the \.dvc file says/ })
})

t.test('the MD5 that DVC 2.58 gave a card of two lines', async t => {
  // dvc add, of: printf '{\r\n}\r\n'
  t.equal(await through(['{\r\n}\r\n'], '5b76b0eef9af8a2300673e0553f609f9'), '{\r\n}\r\n')
})
