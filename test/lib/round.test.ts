import t from 'tap'
import { roundHalfEven } from '../../lib/round.ts'

t.test("halves go to the even neighbour, as in Python's round()", async t => {
  // [round(x) for x in (0, 0.5, 1.5, 2.5, 3.5, 0.49999999999999994, 2.4999999, 2.5000001, 7)]
  t.same([0, 0.5, 1.5, 2.5, 3.5, 0.49999999999999994, 2.4999999, 2.5000001, 7].map(roundHalfEven), [0, 0, 2, 2, 4, 0, 2, 3, 7])
  t.equal(roundHalfEven(2 ** 51 - 0.5), 2 ** 51)
})
