import t from 'tap'
import { allocateLayout, MARGIN, rowAddress, type Layout } from '../../../lib/pixels/jpeg-layout.ts'
import { Arena } from '../../../lib/pixels/simd.ts'

const one = { horizontal: 1, vertical: 1 }
const subsampled = { width: 83, height: 45, components: [{ horizontal: 2, vertical: 2 }, one, one] }

function layoutOf (picture = subsampled, left = 0, width = picture.width, fileBytes = 1e9): Layout {
  return allocateLayout(picture, { left, top: 0, width, height: picture.height }, fileBytes, new Arena())
}

t.test('an MCU holds as many blocks as the sampling factors say', async t => {
  t.match(layoutOf(), { mcu: { width: 16, height: 16, blocks: 6 }, mcusPerRow: 6, mcuRows: 3 })
  t.match(layoutOf({ ...subsampled, components: [one, one, one] }), { mcu: { width: 8, height: 8, blocks: 3 }, mcusPerRow: 11, mcuRows: 6 })
  t.match(layoutOf({ ...subsampled, components: [one] }), { mcu: { blocks: 1 } })
})

t.test('a window needs the MCUs of its columns, and those of two columns to each side', async t => {
  const range = (left: number, width: number) => {
    const { from, to } = layoutOf(subsampled, left, width)
    return [from, to]
  }
  t.same(range(0, 83), [0, 6])
  t.same(range(18, 12), [1, 2])
  t.same(range(17, 12), [0, 2])
  t.same(range(18, 13), [1, 3])
  t.same(range(82, 1), [5, 6], 'and none beyond the picture')
})

t.test('the rows of a plane do not touch those of another', async t => {
  const { planes, neutralChroma } = layoutOf()
  t.match(planes, [{ rowBytes: MARGIN + 96 + MARGIN, rows: 16 }, { rowBytes: MARGIN + 48 + MARGIN, rows: 8 }, { rows: 8 }])
  planes.forEach((plane, at) => {
    const { address, rowBytes, rows } = plane
    t.equal(rowAddress(plane, -1), address, 'one row more above')
    t.equal(rowAddress(plane, 0), address + rowBytes)
    const end = rowAddress(plane, rows + 1)
    t.ok(end <= (planes[at + 1]?.address ?? neutralChroma), 'and one below')
  })
})

t.test('of a large file a part is in memory, with room for two rows of MCUs', async t => {
  t.equal(layoutOf(subsampled, 0, 83, 5000).inputBytes, 5000)
  const wide = layoutOf({ ...subsampled, width: 16_384 })
  t.equal(wide.inputBytes, 2 * wide.codedRowBytes)
  t.ok(layoutOf().inputBytes < 1e6)
})
