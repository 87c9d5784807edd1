import t from 'tap'
import { instancesIn } from '../../wire/instances.ts'

const LIMIT = 3

t.test('instances and inputs are the same list, and other fields are passed over', async t => {
  for (const body of [{ instances: [1, [2]] }, { inputs: [1, [2]] }, { signature_name: 'serving_default', instances: [1, [2]], parameters: null }]) t.same(instancesIn(body, LIMIT), [1, [2]])
})

t.test('inputs may have a list for each name, in the same order', async t => {
  t.same(instancesIn({ inputs: { width: [1, 2], height: [[3], [4]] } }, LIMIT), [{ width: 1, height: [3] }, { width: 2, height: [4] }])
})

t.test('what holds no list is a 400 that says what to send', async t => {
  const bodies: Array<[unknown, RegExp]> = [
    [[], /must be an object/], [5, /must be an object/], [{}, /no list of instances/], [{ Instances: [1] }, /no list of instances/], [{ instances: 5 }, /'instances' is no list/],
    [{ instances: { a: [1] } }, /'instances' is no list/], [{ inputs: 'a' }, /'inputs' is no list/], [{ instances: [] }, /'instances' is an empty list/], [{ inputs: {} }, /'inputs' is an empty list/],
    [{ inputs: { a: [] } }, /'inputs' is an empty list/], [{ instances: [1], inputs: [1] }, /both/], [{ inputs: { a: 1 } }, /no list under 'a'/], [{ inputs: { a: [1], b: [1, 2] } }, /'b' has 2 entries, and 'a' has 1/]
  ]
  for (const [body, message] of bodies) t.throws(() => instancesIn(body, LIMIT), { statusCode: 400, message }, JSON.stringify(body))
})

t.test('too many instances are refused before they are looked at', async t => {
  for (const body of [{ instances: [1, 2, 3, 4] }, { inputs: { a: [1, 2, 3, 4] } }]) t.throws(() => instancesIn(body, LIMIT), { statusCode: 413, code: 'SRV_TOO_MANY_INPUTS' })
})
