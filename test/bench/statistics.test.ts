import t from 'tap'
import { median, quantile, trendOf } from '../../bench/statistics.ts'

t.test('a quantile is one of the values, and a median lies in the middle', async t => {
  t.equal(quantile([3, 1, 2, 4], 0.5), 3)
  t.equal(quantile([], 0.5), 0)
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 2, 3]), 2.5)
})

t.test('a straight line has its own slope, without a margin', async t => {
  const { slope, low, high } = trendOf(Array.from({ length: 60 }, (_, time) => ({ time, value: 5 + 2 * time })))
  for (const value of [slope, low, high]) t.ok(Math.abs(value - 2) < 1e-9, String(value))
})

t.test('the margin is that of the textbook', async t => {
  // From SciPy: linregress, and t.ppf(0.975, 10) for the interval.
  const { slope, low, high } = trendOf([1, 3, 2, 5, 4, 6, 8, 7, 9, 12, 10, 11].map((value, time) => ({ time, value })))
  t.same([slope, low, high].map(each => each.toFixed(3)), ['0.958', '0.756', '1.160'])
})

t.test('a long swing, whose samples all look alike, is no trend', async t => {
  const swing = Array.from({ length: 600 }, (_, time) => ({ time, value: 100 * Math.sin(time / 600 * 6 * Math.PI) }))
  const { low, high } = trendOf(swing)
  t.ok(low < 0 && high > 0, `${low} to ${high}`)
})

t.test('fewer samples than blocks have no trend', async t => {
  t.throws(() => trendOf([{ time: 0, value: 1 }]), { message: 'a trend needs 12 samples, not 1' })
})
