import protobuf from 'protobufjs/minimal.js'
import t from 'tap'
import { Fields } from '../../../../routes/dialects/grpc/protobuf.ts'

const INVALID = { code: 'SRV_REQUEST_INVALID' }

t.test('fields are read in order, and what nobody reads is skipped', async t => {
  const bytes = protobuf.Writer.create().uint32(8).int64(-2).uint32(18).string('ä').uint32(29).float(0.5).uint32(33).double(0.25).uint32(40).uint64(2 ** 53).finish()
  const fields = new Fields(bytes)
  t.equal(fields.next() && fields.int(), -2)
  t.equal(fields.next() && fields.text(), 'ä')
  t.equal(fields.next() && Buffer.from(fields.fixed(5)).readFloatLE(), 0.5)
  t.equal(fields.next() && fields.number, 4)
  t.equal(fields.next() && fields.int(), 2 ** 53)
  t.equal(fields.next(), false)
  const numbers = []
  for (const skipped = new Fields(bytes); skipped.next();) numbers.push(skipped.number)
  t.same(numbers, [1, 2, 3, 4, 5])
})

t.test('integers are read as 64 bits', async t => {
  for (const [text, low, high] of [['18446744073709551615', 0xffff_ffff, 0xffff_ffff], ['9223372036854775808', 0, 0x8000_0000], ['4294967296', 0, 1], ['34359738367', 0xffff_ffff, 7]] as const) {
    let value = BigInt(text)
    const bytes = []
    for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128)
    const fields = new Fields(Uint8Array.from([...bytes, Number(value)]))
    fields.varint()
    t.same([fields.low, fields.high], [low, high], text)
  }
})

t.test('bytes that are no message are refused', async t => {
  const read = (bytes: number[], use: (fields: Fields) => unknown = () => {}) => () => { for (const fields = new Fields(Uint8Array.from(bytes)); fields.next();) use(fields) }
  t.throws(read([0x0a, 5, 1]), INVALID, 'a text that ends too early')
  t.throws(read([0x0a]), INVALID, 'no length')
  t.throws(read([0x08, 0x80]), INVALID, 'a number that ends too early')
  t.throws(read([0x08, ...Array.from({ length: 10 }, () => 0x80), 1]), INVALID, 'a number of 11 bytes')
  t.throws(read([0x00, 1]), INVALID, 'field 0')
  t.throws(read([0x0b, 0x0c]), INVALID, 'a group')
  t.throws(read([0x0d, 1, 2]), INVALID, 'a float that ends too early')
  t.throws(read([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), INVALID, 'a length over 4 GiB')
  t.throws(read([0x08, 1], fields => fields.text()), { ...INVALID, message: /field 1 has the wire type 0, not 2/ })
  t.throws(read([0x0a, 0x81, 0x20, ...Array.from({ length: 4097 }, () => 97)], fields => fields.text()), { ...INVALID, message: /4097 bytes, over the limit of 4096/ })
})
