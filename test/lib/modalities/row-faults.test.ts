import t from 'tap'
import { FAULT_LIMIT, RowFaults } from '../../../lib/modalities/row-faults.ts'

t.test('the error is that of the first faulty row, and lists all of them', async t => {
  const faults = new RowFaults()
  t.doesNotThrow(() => faults.check())
  const first = new Error('row 2 is wrong')
  faults.add(2, first)
  faults.add(5, new Error('row 5 is wrong'))
  t.throws(() => faults.check(), { message: 'row 2 is wrong', faults: [{ row: 2, message: 'row 2 is wrong' }, { row: 5, message: 'row 5 is wrong' }] })
})

t.test('it stops when there are as many as an error tells', async t => {
  const faults = new RowFaults()
  for (let row = 1; row < FAULT_LIMIT; row++) faults.add(row, new Error('wrong'))
  t.throws(() => faults.add(FAULT_LIMIT, new Error('wrong')), { message: 'wrong', faults: Array.from({ length: FAULT_LIMIT }, (_, at) => ({ row: at + 1, message: 'wrong' })) })
})
