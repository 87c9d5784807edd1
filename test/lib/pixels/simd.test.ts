import t from 'tap'
import { Arena, constants, simd } from '../../../lib/pixels/simd.ts'

t.test('blocks of memory are aligned, apart, and in the memory', async t => {
  const arena = new Arena()
  const lengths = [1, 64, 65, 1000]
  const addresses = lengths.map(length => arena.allocate(length))
  t.ok(addresses[0]! >= simd.freeAddress(), "behind the module's own data")
  addresses.forEach((address, at) => {
    t.equal(address % 64, 0)
    // SIMD instructions may read past the end of a block.
    const end = address + lengths[at]! + 64
    t.ok(end <= (addresses[at + 1] ?? arena.bytes), `${lengths[at]} bytes at ${address}`)
  })
  t.equal(arena.bytes % 65_536, 0, 'in whole pages of WebAssembly')
  t.ok(arena.memory().length >= arena.bytes)
})

t.test('the memory grows for a large picture, and the next picture begins at its start again', async t => {
  const [large, small] = [new Arena(), new Arena()]
  const before = large.memory().length
  const start = large.allocate(before)
  const memory = large.memory()
  t.ok(memory.length > before)
  memory[start + before - 1] = 1
  t.equal(small.allocate(10), start)
  t.equal(small.memory().length, memory.length)
})

t.test('the input is read from its address on, and may move', async t => {
  const arena = new Arena()
  const address = arena.allocate(1000)
  arena.memory()
  simd.startInput(address + 500, address + 1000)
  t.equal(simd.inputAddress(), address + 500)
  simd.moveInput(-300, address + 700)
  t.equal(simd.inputAddress(), address + 200)
})

t.test('every constant is a number of the module', async t => {
  for (const [name, value] of Object.entries(constants)) t.ok(Number.isInteger(value) && value >= 0, `${name} is ${value}`)
  t.equal(constants.RGB_BYTES, 4, 'as Band says')
})
