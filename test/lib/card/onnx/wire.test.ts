import protobuf from 'protobufjs/minimal.js'
import t from 'tap'
import { Fields } from '../../../../lib/card/onnx/wire.ts'

const fieldsOf = (...bytes: number[]) => new Fields(Buffer.from(bytes))

t.test('fields are read one after another, and those that nobody reads are skipped', async t => {
  // https://protobuf.dev/programming-guides/encoding/: 150 in field 1, "testing" in field 2, a fixed 64, a fixed 32
  const fields = fieldsOf(0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67, 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0x25, 0, 0, 0x80, 0x3f)
  t.ok(fields.next())
  t.same([fields.number, fields.int()], [1, 150])
  t.ok(fields.next())
  t.same([fields.number, fields.text()], [2, 'testing'])
  t.ok(fields.next())
  t.equal(fields.number, 3)
  t.ok(fields.next())
  t.same([fields.number, fields.float()], [4, 1])
  t.notOk(fields.next())
})

t.test('a field can be taken whole, with its tag, also after it was read', async t => {
  const fields = fieldsOf(0x08, 0x96, 0x01, 0x12, 0x01, 0x41)
  fields.next()
  t.same([...fields.whole()], [0x08, 0x96, 0x01])
  fields.next()
  fields.text()
  t.same([...fields.whole()], [0x12, 0x01, 0x41])
})

t.test('lists are read packed and single, and stop growing at one above the limit', async t => {
  const read = (bytes: Uint8Array, limit: number) => {
    const list: number[] = []
    const fields = new Fields(Buffer.from(bytes))
    while (fields.next()) fields.ints(list, limit)
    return list
  }
  const packed = protobuf.Writer.create().uint32(0x0a).fork().int64(-1).int64(300).int64(7).ldelim().finish()
  const single = protobuf.Writer.create().uint32(0x08).int64(-1).uint32(0x08).int64(300).uint32(0x08).int64(7).finish()
  for (const bytes of [packed, single]) {
    t.same(read(bytes, 3), [-1, 300, 7])
    t.same(read(bytes, 1), [-1, 300])
  }
  const floats: number[] = []
  const doubles: number[] = []
  const fields = new Fields(Buffer.from(protobuf.Writer.create().uint32(0x0a).fork().float(1.5).float(-2).ldelim().uint32(0x11).double(0.1).finish()))
  fields.next()
  fields.floats(floats, 9)
  fields.next()
  fields.doubles(doubles, 9)
  t.same([floats, doubles], [[1.5, -2], [0.1]])
})

t.test('what is no protobuf is refused with cause and remedy', async t => {
  const cases: Array<[name: string, bytes: number[], read: (fields: Fields) => unknown]> = [
    ['a tag that is cut off', [0x80], fields => fields.next()],
    ['a length beyond the end', [0x0a, 0x05, 0x41], fields => fields.next() && fields.bytes()],
    ['a length of six bytes, which protobufjs takes for one of ten', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 2, 3, 4, 5], fields => fields.next() && fields.bytes()],
    ['a skipped length beyond the end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], fields => fields.next() && fields.next()],
    ['the field number 0', [0x00, 0x00], fields => fields.next()],
    ['a group', [0x0b, 0x0c], fields => fields.next() && fields.next()],
    ['the wire type 7', [0x0f], fields => fields.next() && fields.next()],
    ['a text where an integer is meant', [0x0a, 0x00], fields => fields.next() && fields.int()],
    ['an integer where a text is meant', [0x08, 0x00], fields => fields.next() && fields.text()],
    ['an integer that is cut off', [0x08, 0xff, 0xff], fields => fields.next() && fields.int()],
    ['an integer of eleven bytes', [0x08, ...new Array<number>(11).fill(0xff)], fields => fields.next() && fields.int()],
    ['a float that is cut off', [0x0d, 0, 0], fields => fields.next() && fields.float()],
    ['packed floats that are cut off', [0x0a, 0x03, 0, 0, 0], fields => fields.next() && fields.floats([], 9)],
    ['packed integers that are cut off', [0x0a, 0x01, 0x80], fields => fields.next() && fields.ints([], 9)],
    ['a text over the limit', [0x0a, 0x03, 0x41, 0x41, 0x41], fields => fields.next() && fields.text(2)]
  ]
  for (const [name, bytes, read] of cases) {
    t.throws(() => { read(fieldsOf(...bytes)) }, { name: 'OnnxFault' }, name)
    t.throws(() => { read(fieldsOf(...bytes)) }, { message: /; (?:download or export it again|export it anew)/ }, name)
  }
})

t.test('a message that may be there once is refused the second time', async t => {
  const fields = fieldsOf(0x0a, 0x00, 0x0a, 0x00)
  fields.next()
  t.equal(fields.once().length, 0)
  fields.next()
  t.throws(() => fields.once(), { name: 'OnnxFault' })
})

t.test('a message of more fields than any exporter writes is refused', async t => {
  const fields = new Fields(Buffer.alloc(2 * (64 * 1024 * 1024 + 1), Buffer.of(0x08, 1)))
  t.throws(() => { while (fields.next()); }, { message: 'holds a list of more than 67108864 elements; export a smaller model' })
})
