import t from 'tap'
import { createClient } from '../../../clients/typescript/client.ts'
import { InferError, infer, type InputTensor, type OutputTensor } from '../../../clients/typescript/infer.ts'
import type { DType } from '../../../lib/tensor.ts'
import { start } from '../../e2e/process.ts'
import { expected, picture } from '../../fixtures/expected.ts'
import { modelFolder } from '../../fixtures/model.ts'
import { onnxFile } from '../../fixtures/onnx.ts'

/** For each data type of ONNX Runtime: a tensor to send, and what comes back from a model that returns it. */
const TENSORS: Record<DType, InputTensor & { back?: OutputTensor['data'] }> = {
  float32: { shape: [2, 2], data: Float32Array.of(1.5, -0, NaN, Infinity) },
  float64: { shape: [2], data: Float64Array.of(Math.PI, Number.MAX_VALUE) },
  float16: { shape: [2], datatype: 'FP16', data: Uint16Array.of(0x3c00, 0xfc00) },
  int8: { shape: [3], data: Int8Array.of(-128, 0, 127) },
  int16: { shape: [1], data: Int16Array.of(-32768) },
  int32: { shape: [1], data: Int32Array.of(-(2 ** 31)) },
  int64: { shape: [2], data: BigInt64Array.of(2n ** 62n + 1n, -1n) },
  uint8: { shape: [2], data: Uint8ClampedArray.of(0, 255), back: Uint8Array.of(0, 255) },
  uint16: { shape: [1], data: Uint16Array.of(65535) },
  uint32: { shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  uint64: { shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  bool: { shape: [3], datatype: 'BOOL', data: Uint8Array.of(1, 0, 1) },
  string: { shape: [1, 3], data: ['Käse', new TextEncoder().encode('🧀'), ''], back: ['Käse', '🧀', ''] }
}

const DATATYPES: Record<DType, OutputTensor['datatype']> = {
  float32: 'FP32', float64: 'FP64', float16: 'FP16', int8: 'INT8', int16: 'INT16', int32: 'INT32', int64: 'INT64', uint8: 'UINT8', uint16: 'UINT16', uint32: 'UINT32', uint64: 'UINT64', bool: 'BOOL', string: 'BYTES'
}

t.test('tensors of every type come back as they were sent', async t => {
  const names = Object.entries(TENSORS).flatMap(([name, { shape }]) => name in DATATYPES ? [{ name, shape }] : [])
  const dtypes = Object.keys(DATATYPES).filter((name): name is DType => name in DATATYPES)
  const model = onnxFile(
    dtypes.map(dtype => [dtype, dtype, TENSORS[dtype].shape.map((_, axis) => `${dtype}${axis}`)]),
    dtypes.map(dtype => [`${dtype}.back`, dtype, TENSORS[dtype].shape.map((_, axis) => `${dtype}${axis}`)]),
    dtypes.map(dtype => ({ op: 'Identity', from: [dtype], to: `${dtype}.back` }))
  )
  const card = { name: 'every type', version: '7', labelKey: 'label', input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
  const { url, stop } = await start(t, { MODEL_PATH: modelFolder(t, { card, model }) })
  const { outputs, ...answer } = await infer(`${url}/`, 'every type', { inputs: TENSORS, id: 'mine', version: '7' })
  t.match(answer, { model_name: 'every type', model_version: '7', id: 'mine' })
  t.equal(Object.keys(outputs).length, names.length)
  for (const dtype of dtypes) {
    const { shape, data, back = data } = TENSORS[dtype]
    t.strictSame(outputs[`${dtype}.back`], { datatype: DATATYPES[dtype], shape, data: back }, dtype)
  }

  await t.test('only the named outputs come, and part of an array is sent as that part', async t => {
    const part = { shape: [1], data: new Float64Array([0, 0, 6]).subarray(2) }
    const { outputs } = await infer(url, 'every type', { inputs: { ...TENSORS, float64: part }, outputs: ['float64.back', 'int8.back'] })
    t.strictSame(outputs, { 'float64.back': { datatype: 'FP64', shape: [1], data: Float64Array.of(6) }, 'int8.back': { datatype: 'INT8', shape: [3], data: TENSORS.int8.data } })
  })

  await t.test('an error has the status and the text of the server', async t => {
    const wrong = async (inputs: Record<string, InputTensor>, model = 'every type') => {
      const error: unknown = await infer(url, model, { inputs }).catch((error: unknown) => error)
      t.ok(error instanceof InferError)
      return error
    }
    t.match(await wrong({ ...TENSORS, int8: { shape: [2], data: Int8Array.of(1, 2, 3) } }), { status: 400, message: /int8.*3 bytes/ })
    t.match(await wrong(TENSORS, 'other'), { status: 404, message: /other/, retryAfter: undefined })
    await t.rejects(infer(url, 'every type', { inputs: TENSORS, signal: AbortSignal.abort() }), { name: 'AbortError' })
  })
  t.equal(await stop(), 0)
})

t.test('the client sends encoded pictures with its key, and asks for classes', async t => {
  const { url, stop } = await start(t, { API_KEYS: 'laboratory:secret-of-sixteen-bytes-or-more' })
  const request = { inputs: { image: { shape: [1, 1], data: [picture('rgb.png')] } }, outputs: [{ name: 'probabilities', classes: 2 }] }
  const { outputs: { probabilities } } = await createClient(url, { apiKey: 'secret-of-sixteen-bytes-or-more' }).infer('tensorfood', request)
  t.match(probabilities, { datatype: 'BYTES', shape: [1, 2] })
  t.match(probabilities?.data[0], new RegExp(`^0\\.\\d{6}:\\d+:${expected.pictures['rgb.png']!.label}$`))
  await t.rejects(createClient(url).infer('tensorfood', request), { name: 'InferError', status: 401, message: /key/ })
  t.equal(await stop(), 0)
})

t.test('a server without the extension, or one that is none, is said to be so', async t => {
  const inputs = { x: { shape: [1], data: Float32Array.of(1) } }
  const answering = (body: string, status = 200) => ({ fetch: async () => new Response(body, { status, statusText: 'Bad Gateway', headers: { 'retry-after': '3' } }) })
  await t.rejects(infer('http://localhost', 'm', { inputs }, answering('{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"data":[1]}]}')), { name: 'InferError', message: "output 'y' came without its bytes; the server does not have the binary tensor data extension" })
  await t.rejects(infer('http://localhost', 'm', { inputs }, answering('<html>', 502)), { name: 'InferError', status: 502, retryAfter: 3, message: 'the server answered 502 Bad Gateway' })
  // @ts-expect-error no typed array
  await t.rejects(infer('http://localhost', 'm', { inputs: { x: { shape: [1], data: new ArrayBuffer(4) } } }), TypeError)
})
