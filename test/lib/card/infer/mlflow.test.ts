import t from 'tap'
import { inferMlflow } from '../../../../lib/card/infer/mlflow.ts'
import type { PartialCard } from '../../../../lib/card/infer/source.ts'
import type { Graph, GraphValue } from '../../../../lib/card/onnx/graph.ts'

type Axis = number | string | null

function value (name: string, dtype: GraphValue['dtype'], shape: Axis[] | null): GraphValue {
  return { name, type: 'tensor', dtype, shape, denotation: '' }
}

async function infer (files: Record<string, string>, inputs: GraphValue[], known: PartialCard = {}) {
  const graph: Graph = {
    producer: '',
    irVersion: 8,
    opsets: {},
    metadata: {},
    inputs,
    outputs: [],
    nodes: [],
    initializer: () => null,
    parameters: 0,
    bytes: 0,
    externalFiles: [],
    producerOf: () => null,
    consumersOf: () => []
  }
  const read = async (name: string) => files[name] === undefined ? null : Buffer.from(files[name])
  return await inferMlflow({ files: { root: '/m', model: '/m/model.onnx', name: 'm', read, names: Object.keys(files) }, graph }, known)
}

/** An MLmodel with this signature, as MLflow 3.17 writes it: JSON in a text of YAML that is broken over lines. */
function mlmodel (columns: unknown): string {
  return `flavors:\n  onnx:\n    data: model.onnx\nsignature:\n  inputs: '${JSON.stringify(columns).replaceAll("'", "''").replace('}, {', '},\n    {')}'\n  outputs: null\n`
}

// From an MLmodel of scikit-learn's wine data; the names hold blanks, slashes and brackets.
const WINE = [{ type: 'double', name: 'alcohol', required: true }, { type: 'double', name: 'od280/od315_of_diluted_wines', required: true }, { type: 'double', name: 'sepal length (cm)', required: false }]

t.test('one tensor has the columns of the signature, in their order', async t => {
  t.same(await infer({ MLmodel: mlmodel(WINE) }, [value('X', 'float32', [null, 3])]), {
    from: 'MLmodel (signature)',
    card: {
      input: {
        kind: 'table', tensor: 'X', type: 'float32', features: [{ name: 'alcohol' }, { name: 'od280/od315_of_diluted_wines' }, { name: 'sepal length (cm)', optional: true }]
      }
    }
  })
})

t.test('several inputs are found by name, also by the one that skl2onnx makes of it', async t => {
  const inputs = [value('sepal_length__cm_', 'float32', [null, 1]), value('od280_od315_of_diluted_wines', 'float64', ['N', 1]), value('alcohol', 'int64', [null, 1])]
  t.same((await infer({ MLmodel: mlmodel(WINE) }, inputs))?.card.input, {
    kind: 'table',
    features: [
      { name: 'alcohol', tensor: 'alcohol', type: 'int64' },
      { name: 'od280/od315_of_diluted_wines', tensor: 'od280_od315_of_diluted_wines', type: 'float64' },
      { name: 'sepal length (cm)', optional: true, tensor: 'sepal_length__cm_', type: 'float32' }
    ]
  }, 'in the order of the signature')
})

t.test('a column of integers or words cannot be missing', async t => {
  const columns = [{ type: 'long', name: 'a', required: false }, { type: 'string', name: 'b', required: false }]
  t.same((await infer({ MLmodel: mlmodel(columns) }, [value('a', 'int64', [null, 1]), value('b', 'string', [null, 1])]))?.card.input, {
    kind: 'table', features: [{ name: 'a', tensor: 'a', type: 'int64' }, { name: 'b', tensor: 'b', type: 'string' }]
  })
})

t.test('the first row of the example gives its values', async t => {
  const columns = [{ type: 'double', name: 'fare' }, { type: 'string', name: 'sex' }, { type: 'double', name: 'age' }]
  const inputs = [value('fare', 'float32', [null, 1]), value('sex', 'string', [null, 1]), value('age', 'float32', [null, 1])]
  const example = '{"columns": ["sex", "fare", "age"], "data": [["male", 7.25, "no number"], ["female", 71.3, 38]]}'
  t.match((await infer({ MLmodel: mlmodel(columns), 'input_example.json': example }, inputs))?.card.input, {
    features: [{ name: 'fare', example: 7.25 }, { name: 'sex', example: 'male' }, { name: 'age', example: undefined }]
  })
})

t.test('an example of a float32 has the digits that people wrote', async t => {
  const example = '{"columns": ["a", "b", "c"], "data": [[14.229999542236328, 16777217, 0.5]]}'
  t.match((await infer({ MLmodel: 'a: 1\n', 'input_example.json': example }, [value('X', 'float32', [null, 3])]))?.card.input, {
    features: [{ name: 'a', example: 14.23 }, { name: 'b', example: 16777217 }, { name: 'c', example: 0.5 }]
  })
})

t.test('without a signature, the example names the columns', async t => {
  for (const signature of ['signature: null\n', '', mlmodel([{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } }])]) {
    const files = { MLmodel: `a: 1\n${signature}`, 'input_example.json': '{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]]}}' }
    t.match(await infer(files, [value('X', 'float32', [null, 2])]), { from: 'input_example.json', card: { input: { features: [{ name: 'a', example: 1 }, { name: 'b', example: 2 }] } } })
  }
})

t.test('what names no columns says nothing', async t => {
  const table = [value('X', 'float32', [null, 2])]
  t.equal(await infer({}, table), null, 'no MLmodel')
  t.equal(await infer({ MLmodel: 'signature: null\n' }, table), null)
  t.equal(await infer({ MLmodel: mlmodel([{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 2] } }]) }, table), null)
  for (const example of ['[[1, 2]]', '{"columns": ["a", "a"], "data": [[1, 2]]}', '{"columns": [1, 2], "data": []}', '{"columns": "ab"}']) {
    t.equal(await infer({ MLmodel: 'a: 1\n', 'input_example.json': example }, table), null, example)
  }
  t.equal(await infer({ MLmodel: mlmodel(WINE) }, [value('images', 'float32', [null, 3, 8, 8])]), null, 'of pictures')
  t.equal(await infer({ MLmodel: mlmodel(WINE) }, table, { input: { kind: 'table', features: [{ name: 'mine' }] } }), null, 'that the card has named')
})

t.test('a file that is malformed, or of another model, is refused with its name and a remedy', async t => {
  const two = [value('X', 'float32', [null, 2])]
  for (const [files, message] of [
    [{ MLmodel: 'a: b: c' }, /^\/m\/MLmodel: is not the YAML that MLflow writes.*; save the model again/],
    [{ MLmodel: 'a: &a 1\nb: *a\n' }, /^\/m\/MLmodel: .*alias/i],
    [{ MLmodel: 'signature:\n  inputs: [1]\n' }, /signature\.inputs must be a text that holds JSON; save the model again with signature=/],
    [{ MLmodel: "signature:\n  inputs: '[{'\n" }, /signature\.inputs is not JSON/],
    [{ MLmodel: mlmodel({ a: 1 }) }, /signature\.inputs must be a list/],
    [{ MLmodel: mlmodel([{ type: 'double', name: 'a' }, { type: 'double' }]) }, /names some columns and not others/],
    [{ MLmodel: mlmodel([{ type: 'double', name: 'a' }, { type: 'double', name: 'a' }]) }, /names a column twice/],
    [{ MLmodel: mlmodel(Array.from({ length: 10_001 }, (_, at) => ({ type: 'double', name: `c${at}` }))) }, /10001 columns, over the limit of 10000/],
    [{ MLmodel: mlmodel(WINE) }, /names 3 columns, but input 'X' takes 2/],
    [{ MLmodel: 'a: 1\n', 'input_example.json': '{' }, /^\/m\/input_example\.json: is not JSON/]
  ] as const) await t.rejects(infer(files, two), { code: 'SRV_MODEL_INVALID', message })
  await t.rejects(infer({ MLmodel: mlmodel([{ type: 'double', name: 'c' }, { type: 'double', name: 'b' }]) }, [value('a', 'float32', [1]), value('b', 'float32', [1])]), { message: /names the column 'c', but the model has no such input; its inputs are a, b/ })
  await t.rejects(infer({ MLmodel: mlmodel([{ type: 'double', name: 'a' }]) }, [value('a', 'float32', [1]), value('b', 'float32', [1])]), { message: /names no column for input 'b'/ })
})

t.test('one column of one tensor needs no equal name', async t => {
  t.match((await infer({ MLmodel: mlmodel([{ type: 'string', name: 'text' }]) }, [value('input', 'string', ['N'])]))?.card.input, { tensor: 'input', type: 'string', features: [{ name: 'text' }] })
})
