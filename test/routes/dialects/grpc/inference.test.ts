import { status } from '@grpc/grpc-js'
import t from 'tap'
import { build } from '../../../helper.ts'
import { picture, expected } from '../../../fixtures/expected.ts'
import { decode, encode, FLOWER, fp32, INFERENCE, serve, VIRGINICA } from './client.ts'

t.test('the six methods of the Open Inference Protocol', async t => {
  const { call, infer } = await serve(t)

  t.test('say that the server and the model are live and ready, and what they are', async t => {
    t.same(decode('ServerLiveResponse', (await call(`${INFERENCE}/ServerLive`, Buffer.alloc(0))).bytes), { live: true })
    t.same(decode('ServerReadyResponse', (await call(`${INFERENCE}/ServerReady`, Buffer.alloc(0))).bytes), { ready: true })
    for (const version of ['', '1']) {
      const message = encode('ModelReadyRequest', { name: 'iris', version })
      t.same(decode('ModelReadyResponse', (await call(`${INFERENCE}/ModelReady`, message)).bytes), { ready: true })
      t.match(decode('ModelMetadataResponse', (await call(`${INFERENCE}/ModelMetadata`, message)).bytes), {
        name: 'iris',
        versions: ['1'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 4] }],
        outputs: [{ datatype: 'INT64', shape: [-1] }, { datatype: 'FP32', shape: [-1, 3] }]
      })
    }
    t.match(decode('ServerMetadataResponse', (await call(`${INFERENCE}/ServerMetadata`, Buffer.alloc(0))).bytes), { name: 'servery', extensions: ['classification', 'binary_tensor_data', 'parameters'] })
  })

  t.test('know no other model and no other version', async t => {
    for (const method of ['ModelReady', 'ModelMetadata']) {
      t.match(await call(`${INFERENCE}/${method}`, encode('ModelReadyRequest', { name: 'rose' })), { code: status.NOT_FOUND, details: "There is no model 'rose'; this service serves 'iris'." })
      t.match(await call(`${INFERENCE}/${method}`, encode('ModelReadyRequest', { name: 'iris', version: '7' })), { code: status.NOT_FOUND, details: /version '7'/ })
    }
    t.match(await infer({ ...VIRGINICA, model_name: 'rose' }), { code: status.NOT_FOUND })
    t.match(await infer({ ...VIRGINICA, model_version: '7' }), { code: status.NOT_FOUND })
  })

  t.test('further methods of Triton are not implemented', async t => {
    for (const method of ['ModelConfig', 'ModelStatistics', 'RepositoryIndex', 'SystemSharedMemoryStatus']) {
      t.match(await call(`${INFERENCE}/${method}`, Buffer.alloc(0)), { code: status.UNIMPLEMENTED, details: new RegExp(method) })
    }
  })

  t.test('raw contents are answered with raw contents, with the id of the request', async t => {
    const { code, bytes } = await infer({ ...VIRGINICA, id: 'flower-1' })
    t.equal(code, status.OK)
    const answer = decode('ModelInferResponse', bytes)
    t.match(answer, { model_name: 'iris', model_version: '1', id: 'flower-1', outputs: [{ datatype: 'INT64', shape: [1] }, { datatype: 'FP32', shape: [1, 3] }] })
    const [label, scores] = answer['raw_output_contents']
    t.equal(label.readBigInt64LE(), 2n)
    t.ok(Math.abs(scores.readFloatLE(8) - 0.74697) < 1e-4)
  })

  t.test('typed contents are answered with typed contents', async t => {
    const { bytes } = await infer({ inputs: [{ ...FLOWER, shape: [2, 4], contents: { fp32_contents: [5.9, 3, 5.1, 1.8, 5.1, 3.5, 1.4, 0.2] } }] })
    const { outputs: [label, scores], raw_output_contents: raw } = decode('ModelInferResponse', bytes)
    t.same(raw, [])
    t.same(label.contents.int64_contents, [2, 0])
    t.equal(scores.contents.fp32_contents.length, 6)
    t.ok(Math.abs(scores.contents.fp32_contents[3] - 0.97838) < 1e-4)
  })

  t.test('chosen outputs come in their order, and may be classified', async t => {
    const { bytes: plain } = await infer(VIRGINICA)
    const [first, second] = decode('ModelInferResponse', plain)['outputs'].map(({ name }: { name: string }) => name)
    const { bytes } = await infer({ ...VIRGINICA, outputs: [{ name: second, parameters: { classification: { int64_param: 2 } } }, { name: first }] })
    const { outputs, raw_output_contents: [texts] } = decode('ModelInferResponse', bytes)
    t.match(outputs, [{ name: second, datatype: 'BYTES', shape: [1, 2] }, { name: first, datatype: 'INT64' }])
    t.match(texts.toString(), /0\.74\d+:2:virginica/)
    const { bytes: typed } = await infer({
      inputs: [{ ...FLOWER, contents: { fp32_contents: [5.9, 3, 5.1, 1.8] } }], outputs: [{ name: second, parameters: { classification: { int64_param: 1 } } }]
    })
    t.match(decode('ModelInferResponse', typed)['outputs'][0].contents.bytes_contents[0].toString(), /^0\.74\d+:2:virginica$/)
  })

  t.test('columns by their names are a row of a table', async t => {
    const { card: { input } } = (await build(t, { MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1' })).model
    if (input.kind !== 'table') throw new Error('iris is a table')
    const inputs = input.features.map(({ name }, at) => ({ name, datatype: 'FP64', shape: [1, 1], contents: { fp64_contents: [[5.9, 3, 5.1, 1.8][at]] } }))
    const { code, bytes } = await infer({ inputs })
    t.equal(code, status.OK)
    t.same(decode('ModelInferResponse', bytes)['outputs'][0].contents.int64_contents, [2])
  })

  t.test('a mistake is INVALID_ARGUMENT that names the tensor and the cause', async t => {
    const mistakes: Array<[what: string, request: object, details: RegExp]> = [
      ['no inputs', {}, /lacks 'X'/],
      ['another name', { ...VIRGINICA, inputs: [{ ...FLOWER, name: 'Y' }] }, /no input 'Y'.*'X' of FP32/],
      ['another data type', { ...VIRGINICA, inputs: [{ ...FLOWER, datatype: 'INT32' }] }, /input 'X' is INT32/],
      ['no data type', { ...VIRGINICA, inputs: [{ ...FLOWER, datatype: 'FLOAT' }] }, /input 'X' is FLOAT/],
      ['a shape of too many', { ...VIRGINICA, inputs: [{ ...FLOWER, shape: [1_000_000_000_000, 4] }] }, /input 'X' has 16 bytes; its shape \[1000000000000,4\]/],
      ['a negative shape', { ...VIRGINICA, inputs: [{ ...FLOWER, shape: [-1, 4] }] }, /'shape' has -1/],
      ['two raw contents for one input', { inputs: [FLOWER], raw_input_contents: [fp32(1, 2, 3, 4), fp32(1)] }, /1 inputs and 2 raw_input_contents/],
      ['contents of both kinds', { ...VIRGINICA, inputs: [{ ...FLOWER, contents: { fp32_contents: [1] } }] }, /input 'X' has 'contents' beside raw_input_contents/],
      ['too few typed contents', { inputs: [{ ...FLOWER, contents: { fp32_contents: [1, 2, 3] } }] }, /input 'X' has 3 values in fp32_contents; its shape \[1,4\] takes 4/],
      ['typed contents of another type', { inputs: [{ ...FLOWER, contents: { int_contents: [1, 2, 3, 4] } }] }, /input 'X' is FP32 and has int_contents; send its elements in fp32_contents/],
      ['an unknown output', { ...VIRGINICA, outputs: [{ name: 'nothing' }] }, /nothing/],
      ['shared memory', { inputs: [{ ...FLOWER, parameters: { shared_memory_region: { string_param: 'region' } } }] }, /input 'X' is in shared memory/],
      ['a classification that is no number', { ...VIRGINICA, outputs: [{ name: 'X', parameters: { classification: { string_param: 'two' } } }] }, /'classification' must be an int64_param/]
    ]
    for (const [what, request, details] of mistakes) t.match(await infer(request), { code: status.INVALID_ARGUMENT, details }, what)
    t.match(await call(`${INFERENCE}/ModelInfer`, Buffer.from('no protobuf')), { code: status.INVALID_ARGUMENT, details: /^The message is not what its method takes/ })
    t.equal((await infer(VIRGINICA)).code, status.OK, 'and the service goes on')
  })
})

t.test('the timeout of a request, in microseconds, and the deadline of a call shorten that of the service', async t => {
  const { infer } = await serve(t, { MODEL_NAME: 'tensorfood', WORKERS: '1' })
  const shape = [1, 3, 224, 224]
  const request = { model_name: 'tensorfood', parameters: { timeout: { int64_param: 1 } } }
  const { code, details } = await infer({ ...request, inputs: [{ name: 'x', datatype: 'FP32', shape }], raw_input_contents: [Buffer.alloc(3 * 224 * 224 * 4)] })
  t.equal(code === status.DEADLINE_EXCEEDED || code === status.INVALID_ARGUMENT, true, details)
  t.match(await infer(VIRGINICA, { deadline: Date.now() - 1 }), { code: status.DEADLINE_EXCEEDED })
})

t.test('a model of pictures takes encoded ones as BYTES', async t => {
  const { app, infer } = await serve(t, { MODEL_NAME: 'tensorfood', WORKERS: '1' })
  const { card: { input } } = app.model
  if (input.kind !== 'image') throw new Error('tensorfood is a model of pictures')
  const bytes = picture('rgb.png')
  const [name = ''] = app.model.signature.inputs.map(({ name }) => name)
  const [output = ''] = app.model.signature.outputs.map(({ name }) => name)
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32LE(bytes.length)
  const ask = { model_name: 'tensorfood', outputs: [{ name: output, parameters: { classification: { int64_param: 1 } } }] }
  const tensor = { name, datatype: 'BYTES', shape: [1] }
  for (const request of [{ ...ask, inputs: [tensor], raw_input_contents: [Buffer.concat([prefix, bytes])] }, { ...ask, inputs: [{ ...tensor, contents: { bytes_contents: [bytes] } }] }]) {
    const { code, details, bytes: answer } = await infer(request)
    t.equal(code, status.OK, details)
    const { outputs: [{ contents }], raw_output_contents: [raw] } = decode('ModelInferResponse', answer)
    t.match((raw ?? contents.bytes_contents[0]).toString(), expected.pictures['rgb.png']!.label)
  }
})
