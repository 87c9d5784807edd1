import t from 'tap'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'
import { rowFromJson } from '../../../../lib/modalities/table/values.ts'

const range = { min: 0, max: 1, example: 0.5 }
const input: TableInput = { kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'width', ...range }, { name: 'height', ...range }] }

t.test('JSON rows: every mistake names the row, the feature and what to send', async t => {
  const mistakes: Array<[unknown, RegExp]> = [
    [[1], /^row 3 has 1 values; the model takes 2: 'width', 'height'\.$/],
    [[1, 2, 3], /has 3 values/],
    [['1', 2], /^row 3: 'width' is the text "1", not a number\.$/],
    [[1, null], /'height' is null, not a number/],
    [[true, 1], /'width' is the boolean true, not a number/],
    [[[1], 1], /'width' is a list, not a number/],
    [[1, 1e39], /'height' is 1e\+39, which a float32 cannot hold/],
    [{ width: 1 }, /^row 3 lacks 'height'; the model takes 'width', 'height'\.$/],
    [{ width: 1, height: 1, depth: 1 }, /unknown feature 'depth'/],
    [5, /^row 3 is the number 5; send a list of 2 numbers, or an object with 'width', 'height'\.$/],
    ['1,2', /is the text "1,2"/]
  ]
  for (const [value, message] of mistakes) {
    t.throws(() => rowFromJson(value, 'row 3', input), { code: 'SRV_ROW_UNUSABLE', statusCode: 422, message }, JSON.stringify(value))
  }
  t.same(rowFromJson({ height: 2, width: 1 }, 'row', input), [1, 2])
})

t.test('an object with inherited names has no such features', async t => {
  t.throws(() => rowFromJson(JSON.parse('{"__proto__":1,"width":1,"height":2}'), 'row', input), { message: /unknown feature '__proto__'/ })
})
