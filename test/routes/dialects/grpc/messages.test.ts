import t from 'tap'
import { countQuestion, inferAnswer, readInferMessage, readTexts } from '../../../../routes/dialects/grpc/messages.ts'
import { turnsOf } from '../../../turns.ts'
import { decode, encode, FLOWER, fp32 } from './client.ts'

t.test('a request is read as its client wrote it', async t => {
  const request = await readInferMessage(encode('ModelInferRequest', {
    model_name: 'iris',
    model_version: '2',
    id: 'ä',
    parameters: { timeout: { uint64_param: 1500 }, priority: { uint64_param: 1 }, odd: { string_param: 'x' } },
    inputs: [{ ...FLOWER, parameters: { odd: { bool_param: true } } }],
    outputs: [{ name: 'a' }, { name: 'b', parameters: { classification: { int64_param: 3 } } }],
    raw_input_contents: [fp32(1, 2, 3, 4)]
  }))
  t.same({ ...request, raw: request.raw.map(bytes => Buffer.from(bytes)) }, {
    model: 'iris', version: '2', id: 'ä', timeoutMs: 2, inputs: [FLOWER], outputs: [{ name: 'a' }, { name: 'b', classes: 3 }], raw: [fp32(1, 2, 3, 4)]
  })
  const { weightBytes, read } = await countQuestion(request)
  t.equal(weightBytes, 0)
  t.match(await read(), { inputs: [FLOWER], outputs: [{ name: 'a' }, { name: 'b', classes: 3 }] })
})

t.test('raw contents are views of the message', async t => {
  const message = new Uint8Array(encode('ModelInferRequest', { inputs: [FLOWER], raw_input_contents: [fp32(1, 2, 3, 4)] }))
  const { raw } = await readInferMessage(message)
  t.equal(raw[0]?.buffer, message.buffer)
})

t.test('millions of empty inputs, outputs, contents, parameters and unknown fields end early or in pieces', async t => {
  const many = (bytes: number[]) => Buffer.alloc(20_000_000, Uint8Array.from(bytes))
  for (const [tag, field] of [[0x2a, 'inputs'], [0x32, 'outputs'], [0x3a, 'raw_input_contents']] as const) {
    await t.rejects(readInferMessage(many([tag, 0])), { code: 'SRV_REQUEST_INVALID', message: `The request has more than 256 ${field}; send fewer.` })
  }
  await t.rejects(readInferMessage(many([0x22, 0])), { message: 'The request has more than 1024 parameters; send fewer.' })
  t.ok(await turnsOf(async () => await readInferMessage(many([0x7a, 0]))) >= 600, 'unknown fields')
  const parameter = (bytes: Buffer) => Buffer.concat([Buffer.from([0x22, 0x80, 0xda, 0xc4, 0x09]), bytes])
  t.ok(await turnsOf(async () => await readInferMessage(parameter(many([0x7a, 0])))) >= 600, 'unknown fields of a parameter')
  t.ok(await turnsOf(async () => await readInferMessage(parameter(Buffer.concat([Buffer.from([0x12, 0xfa, 0xd9, 0xc4, 0x89, 0]), many([0x10, 1]).subarray(6)])))) >= 600, 'values of a parameter')
  await t.rejects(readInferMessage(Buffer.concat([Buffer.from([0x2a, 0x80, 0xda, 0xc4, 0x09]), many([0x18, 1])])), { message: /'shape' has more than 32 axes/ })
  await t.rejects(readInferMessage(encode('ModelInferRequest', { id: 'x'.repeat(5000) })), { message: /over the limit of 4096/ })
})

t.test('two contents of one input are refused', async t => {
  const contents = encode('InferTensorContents', { fp32_contents: [1] })
  const input = Buffer.concat([Buffer.from([0x2a, contents.length]), contents])
  await t.rejects(readInferMessage(Buffer.concat([Buffer.from([0x2a, input.length * 2]), input, input])), { message: /two 'contents'/ })
})

t.test('texts are found by the numbers of their fields', async t => {
  t.same([...readTexts(encode('ModelReadyRequest', { name: 'iris', version: '1' }))], [[1, 'iris'], [2, '1']])
  t.throws(() => readTexts(Buffer.from([0x0a, 9])), { code: 'SRV_REQUEST_INVALID' })
})

t.test('an answer is typed only if every output has typed contents', async t => {
  const card = { name: 'a', version: '1' }
  const half = { name: 'h', datatype: 'FP16' as const, shape: [1], tensor: { dtype: 'float16' as const, shape: [1], data: Uint16Array.of(0x3c00) } }
  const text = { name: 't', datatype: 'BYTES' as const, shape: [1], tensor: { dtype: 'string' as const, shape: [1], data: ['ab'] } }
  const typed = decode('ModelInferResponse', await inferAnswer(card, [text], { id: '', isRaw: false }))
  t.match(typed, { model_name: 'a', outputs: [{ name: 't', contents: { bytes_contents: [Buffer.from('ab')] } }], raw_output_contents: [] })
  const raw = decode('ModelInferResponse', await inferAnswer(card, [half, text], { id: 'i', isRaw: false }))
  t.match(raw, { id: 'i', outputs: [{ name: 'h', datatype: 'FP16', shape: [1] }, { name: 't' }], raw_output_contents: [Buffer.from([0, 0x3c]), Buffer.from([2, 0, 0, 0, 97, 98])] })
})
