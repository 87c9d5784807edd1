import t from 'tap'
import { readRequest } from '../../../wire/open-inference/request.ts'

const X = { name: 'X', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }
const { data, ...HEAD } = X
const NO_BYTES = new Uint8Array()

t.test('a request has inputs, and perhaps outputs, an id and parameters', async t => {
  const { question, id, timeoutMs, isBinary } = readRequest({
    id: 'a', model_name: 'iris', parameters: { binary_data_output: true, timeout: 1_500_000, priority: 1 }, inputs: [X], outputs: [{ name: 'a', parameters: { binary_data: false } }, { name: 'b', parameters: { classification: 3 } }]
  }, NO_BYTES)
  t.same(question, { inputs: [{ ...HEAD, values: data }], outputs: [{ name: 'a' }, { name: 'b', classes: 3 }] })
  t.same([id, timeoutMs], ['a', 1500])
  t.same([isBinary('a'), isBinary('b'), isBinary('c')], [false, true, true], 'the setting of an output overrides that of the request')
  t.equal(readRequest({ parameters: { timeout: 0 }, inputs: [] }, NO_BYTES).timeoutMs, undefined, '0 is no limit')
})

t.test("null is nothing, as in the requests of MLServer's clients", async t => {
  const request = readRequest({ id: null, parameters: null, inputs: [{ ...X, parameters: null }], outputs: null }, NO_BYTES)
  t.same(request.question, { inputs: [{ ...HEAD, values: data }], outputs: [] })
  t.notOk(request.isBinary('a'))
  t.same(readRequest({ inputs: [X], outputs: [{ name: 'a', parameters: { binary_data: null, classification: null } }] }, NO_BYTES).question.outputs, [{ name: 'a' }])
})

t.test('the bytes after the JSON belong to the inputs in their order', async t => {
  const bytes = Uint8Array.of(1, 2, 3)
  const inputs = [{ ...HEAD, parameters: { binary_data_size: 2 } }, X, { ...HEAD, name: 'Z', parameters: { binary_data_size: 1 } }]
  const { question } = readRequest({ inputs }, bytes)
  t.same(question.inputs.map(({ bytes }) => bytes && [...bytes]), [[1, 2], undefined, [3]])
})

t.test('each wrong field is named', async t => {
  const refused = (json: unknown, message: RegExp, bytes = NO_BYTES) => t.throws(() => readRequest(json, bytes), { code: 'SRV_REQUEST_INVALID', statusCode: 400, message }, String(message))
  for (const json of [null, [], 'x', 1]) refused(json, /must be a JSON object with the list 'inputs'/)
  refused({}, /lacks the list 'inputs'/)
  refused({ inputs: {} }, /'inputs' is an object; send a list/)
  refused({ inputs: [1] }, /'inputs\[0\]' is 1; send an object/)
  refused({ inputs: [{ ...X, name: undefined }] }, /'inputs\[0\]\.name' is missing/)
  refused({ inputs: [{ ...X, datatype: 3 }] }, /input 'X': 'datatype' is 3/)
  refused({ inputs: [{ ...X, shape: 4 }] }, /input 'X': 'shape' is 4; send a list/)
  refused({ inputs: [{ ...X, shape: ['4'] }] }, /'shape' has "4" as the length of axis 0/)
  refused({ inputs: [{ ...X, shape: [-1, 4] }] }, /'shape' has -1/)
  refused({ inputs: [{ ...X, data: 4 }] }, /input 'X': 'data' is 4; send a list/)
  refused({ inputs: [HEAD] }, /input 'X' has neither 'data' nor 'parameters\.binary_data_size'/)
  refused({ inputs: [{ ...X, parameters: { binary_data_size: 4 } }] }, /both 'data' and/, new Uint8Array(4))
  refused({ inputs: [{ ...HEAD, parameters: { binary_data_size: -4 } }] }, /'binary_data_size' is -4/, new Uint8Array(4))
  refused({ inputs: [{ ...HEAD, parameters: { binary_data_size: '4' } }] }, /'binary_data_size' is the text "4"/, new Uint8Array(4))
  refused({ inputs: [{ ...HEAD, parameters: { binary_data_size: 16 } }] }, /'binary_data_size' is 16, but 4 bytes are left/, new Uint8Array(4))
  refused({ inputs: [{ ...HEAD, parameters: { binary_data_size: 4 } }] }, /has 6 bytes after its JSON; the 'binary_data_size' of all inputs make 4/, new Uint8Array(6))
  refused({ inputs: [X], parameters: [] }, /'parameters' is a list/)
  refused({ inputs: [{ ...X, parameters: 1 }] }, /'inputs\[0\]\.parameters' is 1/)
  refused({ inputs: [X], id: 7 }, /'id' is 7; send a text/)
  refused({ inputs: [X], parameters: { timeout: 1.5 } }, /'parameters\.timeout' is 1\.5/)
  refused({ inputs: [X], parameters: { binary_data_output: 'yes' } }, /'parameters\.binary_data_output' is the text "yes"/)
  refused({ inputs: [X], outputs: 'a' }, /'outputs' is the text "a"/)
  refused({ inputs: [X], outputs: [null] }, /'outputs\[0\]' is null/)
  refused({ inputs: [X], outputs: [{}] }, /'outputs\[0\]\.name' is missing/)
  refused({ inputs: [X], outputs: [{ name: 'a', parameters: { classification: -1 } }] }, /output 'a': 'classification' is -1/)
  refused({ inputs: [X], outputs: [{ name: 'a', parameters: { binary_data: 1 } }] }, /output 'a': 'binary_data' is 1/)
  refused({ inputs: new Array(257).fill(X) }, /'inputs' has 257 entries, over the limit of 256/)
})
