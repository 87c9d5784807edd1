import t from 'tap'
import { isInside } from '../../../lib/card/inside.ts'

t.test('a path is inside its folder, also if its name starts with dots', async t => {
  for (const path of ['/m', '/m/a', '/m/a/b', '/m/..a', '/m/...']) t.equal(isInside('/m', path), true, path)
  for (const path of ['/', '/n', '/mm', '/m/..', '/m/../n', '/m/a/../../n']) t.equal(isInside('/m', path), false, path)
  t.equal(isInside('/', '/m'), true)
})
