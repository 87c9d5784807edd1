import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { projectFile } from '../../../../lib/project.ts'
import type { DType } from '../../../../lib/tensor.ts'
import { modelFolder } from '../../../fixtures/model.ts'
import { onnxFile } from '../../../fixtures/onnx.ts'
import { build } from '../../../helper.ts'
import { dial, listen, until } from '../../../sockets.ts'

const FLOWERS = [[5.9, 3, 5.1, 1.8], [5.1, 3.5, 1.4, 0.2]]
const X = { name: 'X', datatype: 'FP32', shape: [2, 4], data: FLOWERS.flat() }

interface Output { name: string, datatype: string, shape: number[], data?: unknown[], parameters?: { binary_data_size: number } }

async function infer (app: FastifyInstance, payload: object | string | Buffer, headers: Record<string, string> = {}) {
  return await app.inject({ method: 'POST', url: '/v2/models/iris/infer', headers, payload: Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload) })
}

/** A request with bytes after its JSON. */
function binary (json: object, ...bytes: Uint8Array[]): [Buffer, Record<string, string>] {
  const head = Buffer.from(JSON.stringify(json))
  return [Buffer.concat([head, ...bytes]), { 'inference-header-content-length': String(head.length) }]
}

function floats (values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}

t.test('iris', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await listen(t, app)
  const straight = (await infer(app, { inputs: [X] })).json<{ outputs: Output[] }>().outputs
  const probabilities = straight.find(({ name }) => name === 'output_probability')!.data!.map(Number)

  t.test('JSON in, JSON out: flat, nested, with and without null fields', async t => {
    for (const body of [{ inputs: [X] }, { inputs: [{ ...X, data: FLOWERS }] }, { id: null, parameters: null, outputs: null, model_name: 'iris', inputs: [{ ...X, parameters: null }] }]) {
      const answer = await infer(app, body)
      t.equal(answer.headers['content-type'], 'application/json')
      t.ok(answer.headers['server-timing'])
      t.same(answer.json(), {
        model_name: 'iris', model_version: '1', outputs: [{ name: 'output_label', datatype: 'INT64', shape: [2], data: [2, 0] }, { name: 'output_probability', datatype: 'FP32', shape: [2, 3], data: probabilities }]
      })
    }
    t.ok(Math.abs(probabilities[2]! - 0.747) < 1e-3, 'what scikit-learn says')
    t.equal((await infer(app, { id: '7', inputs: [X] })).json<{ id: string }>().id, '7')
    t.equal((await app.inject({ method: 'POST', url: '/v2/models/iris/versions/1/infer', payload: { inputs: [X] } })).statusCode, 200)
  })

  t.test('bytes in and out, and mixed', async t => {
    const { data, ...head } = X
    const bytes = floats(data)
    const input = { ...head, parameters: { binary_data_size: bytes.length } }
    const read = (answer: { rawPayload: Buffer, headers: Record<string, unknown> }) => {
      const jsonBytes = Number(answer.headers['inference-header-content-length'])
      return { ...JSON.parse(answer.rawPayload.subarray(0, jsonBytes).toString()) as { outputs: Output[] }, bytes: answer.rawPayload.subarray(jsonBytes) }
    }
    t.same((await infer(app, ...binary({ inputs: [input] }, bytes))).json<{ outputs: Output[] }>().outputs, straight, 'bytes in, JSON out')
    const all = await infer(app, ...binary({ parameters: { binary_data_output: true }, inputs: [input] }, bytes))
    t.equal(all.headers['content-type'], 'application/octet-stream')
    t.same(read(all).outputs, [{ name: 'output_label', datatype: 'INT64', shape: [2], parameters: { binary_data_size: 16 } }, { name: 'output_probability', datatype: 'FP32', shape: [2, 3], parameters: { binary_data_size: 24 } }])
    t.same([...read(all).bytes], [...new Uint8Array(BigInt64Array.of(2n, 0n).buffer), ...floats(probabilities)])
    // As `mlserver infer -b` sends it.
    const [body, headers] = binary({ inputs: [input], outputs: [{ name: 'output_probability', parameters: { binary_data: true } }, { name: 'output_label' }] }, bytes)
    const mixed = read(await infer(app, body, { ...headers, 'content-type': 'application/json' }))
    t.match(mixed.outputs, [{ name: 'output_probability', parameters: { binary_data_size: 24 } }, { name: 'output_label', data: [2, 0] }])
    t.same([...mixed.bytes], [...floats(probabilities)])
    t.notOk('data' in mixed.outputs[0]!)
    const raw = read(await infer(app, Buffer.from(floats(FLOWERS[0]!)), { 'inference-header-content-length': '0' }))
    t.match(raw.outputs, [{ shape: [1] }, { shape: [1, 3] }])
    const given = [0, 1, 2].map(at => raw.bytes.readFloatLE(8 + 4 * at))
    t.ok(given.every((value, at) => Math.abs(value - probabilities[at]!) < 1e-6), 'a raw request; a run of one row rounds otherwise')
  })

  t.test('compressed bodies, and answers compressed for those that ask for nothing else', async t => {
    const { data, ...head } = X
    const [body, headers] = binary({ inputs: [{ ...head, parameters: { binary_data_size: 32 } }] }, floats(data))
    for (const [encoding, pack, unpack] of [['gzip', gzipSync, gunzipSync], ['deflate', deflateSync, inflateSync]] as const) {
      const answer = await infer(app, pack(body), { ...headers, 'content-encoding': encoding, 'accept-encoding': encoding })
      t.equal(answer.headers['content-encoding'], encoding)
      t.match(JSON.parse(unpack(answer.rawPayload).toString()), { outputs: straight })
      t.equal((await infer(app, { inputs: [X] }, { 'accept-encoding': 'gzip, deflate, br' })).headers['content-encoding'], undefined)
      t.equal((await infer(app, '{', { 'accept-encoding': encoding })).headers['content-encoding'], undefined, 'an error is never packed')
      t.match((await infer(app, 'hello', { 'content-encoding': encoding })).json(), { error: new RegExp(`The body is not ${encoding}`) })
    }
  })

  t.test('a bomb of 600 MiB is refused before it is unpacked', async t => {
    const bomb = gzipSync(Buffer.alloc(600 * 1024 * 1024))
    const before = process.memoryUsage().rss
    const answer = await infer(app, bomb, { 'content-encoding': 'gzip' })
    t.equal(answer.statusCode, 413)
    t.match(answer.json(), { error: /over the limit of 20971520 bytes/ })
    t.ok(process.memoryUsage().rss - before < 250 * 1024 * 1024)
  })

  t.test('classes instead of a tensor', async t => {
    const outputs = (classification: number, more = {}) => ({ inputs: [X], outputs: [{ name: 'output_probability', parameters: { classification, ...more } }] })
    const two = (await infer(app, outputs(2))).json<{ outputs: Output[] }>().outputs[0]!
    t.match(two, { datatype: 'BYTES', shape: [2, 2], data: [/^0\.74\d+:2:virginica$/, /^0\.25\d+:1:versicolor$/, /^0\.97\d+:0:setosa$/, /:1:versicolor$/] })
    t.same((await infer(app, outputs(9))).json<{ outputs: Output[] }>().outputs[0]!.shape, [2, 3], 'more than there are give all')
    const packed = await infer(app, outputs(1, { binary_data: true }))
    const bytes = packed.rawPayload.subarray(Number(packed.headers['inference-header-content-length']))
    t.equal(bytes.readUInt32LE(0), '0.746969:2:virginica'.length)
  })

  t.test('columns by name', async t => {
    const names = ['sepal length', 'sepal width', 'petal length', 'petal width']
    const inputs = names.map((name, at) => ({ name, datatype: 'FP32', shape: [2, 1], data: FLOWERS.map(row => row[at]) }))
    t.same((await infer(app, { inputs })).json<{ outputs: Output[] }>().outputs, straight)
    const refused = await infer(app, { inputs: inputs.slice(1) })
    t.equal(refused.statusCode, 400)
    t.match(refused.json(), { error: /lacks 'sepal length'/ })
  })

  t.test('NaN and infinity are read in every way that clients write them', async t => {
    for (const token of ['NaN', '"NaN"', 'null', 'Infinity', '-Infinity', '"Infinity"']) {
      const answer = await infer(app, `{"inputs":[{"name":"X","datatype":"FP32","shape":[1,4],"data":[${token},3,5.1,1.8]}]}`)
      t.equal(answer.statusCode, 200, token)
      t.ok(answer.json<{ outputs: Output[] }>().outputs[1]!.data)
    }
  })

  t.test('what is malformed is a 400 that says so, and the service lives on', async t => {
    const json = JSON.stringify({ inputs: [{ ...X, data: undefined, parameters: { binary_data_size: 32 } }] })
    const cases: Array<[body: string | Buffer, headers: Record<string, string>, error: RegExp]> = [
      ['{', {}, /not JSON/],
      ['null', {}, /JSON object/],
      [`{"inputs":${'['.repeat(120)}${']'.repeat(120)}}`, {}, /'inputs\[0\]' is a list/],
      ['{"inputs":[{"name":"X","datatype":"FP32","shape":[1000000000000,4],"data":[1,2,3,4]}]}', {}, /its shape \[1000000000000,4\] takes 4000000000000/],
      ['{"inputs":[{"name":"X","datatype":"FP32","shape":[16,1152921504606846978],"data":[1]}]}', {}, /'shape' has 1152921504606846978/],
      ...['-1', 'abc', '99999999999', '1e3'].map((length): [string, Record<string, string>, RegExp] => [json, { 'inference-header-content-length': length }, /Inference-Header-Content-Length/]),
      [json, { 'inference-header-content-length': String(json.length) }, /'binary_data_size' is 32, but 0 bytes are left/],
      [`${json}${'x'.repeat(33)}`, { 'inference-header-content-length': String(json.length) }, /has 33 bytes after its JSON/],
      [json, {}, /'binary_data_size' is 32/],
      ['x', { 'inference-header-content-length': '0' }, /1 bytes; each row of input 'X'/],
      [JSON.stringify({ inputs: [X, X] }), {}, /two inputs 'X'/],
      [JSON.stringify({ inputs: [X], outputs: [{ name: 'a' }] }), {}, /no output 'a'/],
      [JSON.stringify({ inputs: [X], parameters: { timeout: 'soon' } }), {}, /'parameters\.timeout' is the text "soon"/]
    ]
    for (const [body, headers, error] of cases) {
      const answer = await infer(app, body, headers)
      t.equal(answer.statusCode, 400, String(error))
      t.match(answer.json(), { error }, String(error))
    }
    t.equal((await infer(app, { inputs: [X] })).statusCode, 200)
  })

  t.test('large JSON is read in pieces, exactly', async t => {
    const rows = 8000
    const data = Array.from({ length: rows }, () => FLOWERS[0]!).flat()
    const answer = await infer(app, { inputs: [{ ...X, shape: [rows, 4], data }] })
    t.same(answer.json<{ outputs: Output[] }>().outputs[0]!.data, new Array(rows).fill(2))
    const deep = await infer(app, `{"inputs":${'['.repeat(100_000)}`)
    t.equal(deep.statusCode, 413)
  })

  t.test('a request sets its own deadline, in microseconds or in a header', async t => {
    t.equal((await infer(app, { parameters: { timeout: 5_000_000 }, inputs: [X] })).statusCode, 200)
    const late = await infer(app, { parameters: { timeout: 1 }, inputs: [{ ...X, shape: [4000, 4], data: new Array(16_000).fill(1) }] })
    t.ok([200, 504].includes(late.statusCode), 'one that is too short may pass')
  })

  t.test('a body in chunks, and a client that leaves', async t => {
    const socket = await dial(t, app)
    const body = JSON.stringify({ inputs: [X] })
    socket.write(`POST /v2/models/iris/infer HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
    const [bytes] = await once(socket, 'data') as [Buffer]
    t.match(bytes.toString(), /^HTTP\/1\.1 200 OK/)
    const leaving = await dial(t, app)
    leaving.write('POST /v2/models/iris/infer HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{')
    leaving.destroy()
    await until(() => app.unanswered().length === 0)
    t.equal((await infer(app, { inputs: [X] })).statusCode, 200)
  })
})

t.test('a picture model takes encoded pictures', async t => {
  const app = await build(t, { MODEL_NAME: 'fashion-mnist' })
  const picture = await readFile(projectFile('models/fashion-mnist/samples/bag.png'))
  const input = { name: 'image', datatype: 'BYTES', shape: [1] }
  const outputs = [{ name: 'probabilities', parameters: { classification: 1 } }]
  const url = '/v2/models/fashion-mnist/infer'
  const asText = await app.inject({ method: 'POST', url, payload: { inputs: [{ ...input, data: [picture.toString('base64')] }], outputs } })
  t.match(asText.json(), { outputs: [{ data: [/^0\.93\d+:8:Bag$/] }] })
  const length = Buffer.alloc(4)
  length.writeUInt32LE(picture.length)
  const [payload, headers] = binary({ inputs: [{ ...input, parameters: { binary_data_size: picture.length + 4 } }], outputs }, length, picture)
  t.same((await app.inject({ method: 'POST', url, payload, headers })).json(), asText.json())
  const damaged = await app.inject({ method: 'POST', url, payload: { inputs: [{ ...input, data: [picture.subarray(0, 100).toString('base64')] }] } })
  t.equal(damaged.statusCode, 400, 'the protocol has no 422')
  t.match(damaged.json(), { error: /input 'image' is a damaged or truncated image/ })
})

t.test('every datatype goes in and out unchanged, as JSON and as bytes', async t => {
  const types: Array<[dtype: DType, datatype: string, json: string, hex: string]> = [
    ['float32', 'FP32', '[-0.5,"Infinity"]', '000000bf0000807f'],
    ['float64', 'FP64', '[1e+300,0.1]', '9c7500883ce4377e9a9999999999b93f'],
    ['float16', 'FP16', '[1,-65504]', '003cfffb'],
    ['int8', 'INT8', '[-128,127]', '807f'],
    ['int16', 'INT16', '[-32768,1]', '00800100'],
    ['int32', 'INT32', '[-2147483648,1]', '0000008001000000'],
    ['int64', 'INT64', '[-9223372036854775808,9007199254740993]', '00000000000000800100000000002000'],
    ['uint8', 'UINT8', '[255,0]', 'ff00'],
    ['uint16', 'UINT16', '[65535,0]', 'ffff0000'],
    ['uint32', 'UINT32', '[4294967295,0]', 'ffffffff00000000'],
    ['uint64', 'UINT64', '[18446744073709551615,0]', 'ffffffffffffffff0000000000000000'],
    ['bool', 'BOOL', '[true,false]', '0100'],
    ['string', 'BYTES', '["","ü"]', '0000000002000000c3bc']
  ]
  const model = onnxFile(types.map(([dtype]) => [`in_${dtype}`, dtype, ['batch']]), types.map(([dtype]) => [`out_${dtype}`, dtype, ['batch']]), types.map(([dtype]) => ({ op: 'Identity', from: [`in_${dtype}`], to: `out_${dtype}` })))
  const card = { name: 'types', version: '3', labelKey: 'label', input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
  const app = await build(t, { MODEL_PATH: modelFolder(t, { card, model }) })
  const url = '/v2/models/types/versions/3/infer'
  const inputs = types.map(([dtype, datatype, json]) => `{"name":"in_${dtype}","datatype":"${datatype}","shape":[2],"data":${json}}`)
  const outputs = types.map(([dtype, datatype, json]) => `{"name":"out_${dtype}","datatype":"${datatype}","shape":[2],"data":${json}}`)
  const asJson = await app.inject({ method: 'POST', url, payload: `{"inputs":[${inputs.join()}]}` })
  t.equal(asJson.body, `{"model_name":"types","model_version":"3","outputs":[${outputs.join()}]}`)
  const pieces = types.map(([, , , hex]) => Buffer.from(hex, 'hex'))
  // The tensors after the first one are not all aligned.
  const [payload, headers] = binary({
    parameters: { binary_data_output: true }, inputs: types.map(([dtype, datatype], at) => ({ name: `in_${dtype}`, datatype, shape: [2], parameters: { binary_data_size: pieces[at]!.length } }))
  }, ...pieces)
  const asBytes = await app.inject({ method: 'POST', url, payload, headers })
  t.equal(asBytes.rawPayload.subarray(Number(asBytes.headers['inference-header-content-length'])).toString('hex'), Buffer.concat(pieces).toString('hex'))
})
