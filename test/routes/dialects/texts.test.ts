import { status } from '@grpc/grpc-js'
import t from 'tap'
import { modelFolder } from '../../fixtures/model.ts'
import { POSITIVE, reviewsCard, reviewsModel } from '../../fixtures/reviews.ts'
import { form } from '../../helper.ts'
import { decode, serve } from './grpc/client.ts'

const TEXTS = ['great', 'A rude staff and cold coffee.', '']
const { app, infer: inferOverGrpc } = await serve(t, { MODEL_PATH: modelFolder(t, { card: reviewsCard, model: reviewsModel }), TEXT_LIMIT: '1000' })
const outputs = [{ name: 'probabilities' }]

async function post (url: string, payload: object | Buffer, headers: Record<string, string> = {}) {
  return await app.inject({ method: 'POST', url, payload: payload instanceof FormData || payload instanceof Buffer ? payload : JSON.stringify(payload), headers })
}

async function infer (inputs: object[], more: object = {}) {
  return (await post('/v2/models/reviews/infer', { inputs, outputs, ...more })).json()
}

function prefixed (text: string): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32LE(Buffer.byteLength(text))
  return Buffer.concat([head, Buffer.from(text)])
}

/** Whether the probabilities of the two labels are those of scikit-learn. */
function areRight (data: ArrayLike<number>): boolean {
  return data.length === 2 * TEXTS.length && TEXTS.every((text, at) => Math.abs(data[2 * at + 1]! - (POSITIVE[text] ?? NaN)) < 1e-4)
}

t.test('the Open Inference Protocol takes texts as BYTES, [n] or [n, 1], in JSON and in binary', async t => {
  t.match((await app.inject('/v2/models/reviews')).json(), { inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1, 1] }] }, "the file's own tensors")
  const text = { name: 'text', datatype: 'BYTES' }
  for (const [input, called] of [
    [{ ...text, shape: [3], data: TEXTS }, 'flat'],
    [{ ...text, shape: [3, 1], data: TEXTS }, "the model's own shape"],
    [{ ...text, shape: [3, 1], data: TEXTS.map(text => [text]) }, 'nested']
  ] as const) t.ok(areRight((await infer([input])).outputs[0].data), called)
  for (const shape of [[3], [3, 1]]) {
    const bytes = Buffer.concat(TEXTS.map(prefixed))
    const json = Buffer.from(JSON.stringify({ inputs: [{ ...text, shape, parameters: { binary_data_size: bytes.length } }], outputs }))
    const answer = await post('/v2/models/reviews/infer', Buffer.concat([json, bytes]), { 'inference-header-content-length': String(json.length) })
    t.ok(areRight(answer.json().outputs[0].data), `binary [${shape}]`)
  }
  t.equal((await post('/v2/models/reviews/infer', Buffer.from('great'), { 'inference-header-content-length': '0' })).statusCode, 200, 'a raw text')
})

t.test('what is no text there is refused in words that name it', async t => {
  const text = { name: 'text', datatype: 'BYTES', shape: [1], data: ['a'] }
  t.match(await infer([{ ...text, data: [5] }]), { error: /^input 'text': element 0/ })
  t.match(await infer([{ ...text, shape: [1, 1, 1] }]), { error: /send \[n\] or \[n, 1\] with one text in each element/ })
  t.match(await infer([{ ...text, name: 'review' }]), { error: /the model has no input 'review'; it takes 'text' of BYTES/ })
  for (const shape of [[1], [1, 1]]) t.match(await infer([{ ...text, shape, data: ['a'.repeat(1001)] }]), { error: /1001 characters, over the limit of 1000 \(TEXT_LIMIT\)/ })
})

t.test('gRPC takes texts as typed and as raw contents', async t => {
  const typed = await inferOverGrpc({ model_name: 'reviews', inputs: [{ name: 'text', datatype: 'BYTES', shape: [3], contents: { bytes_contents: TEXTS.map(text => Buffer.from(text).toString('base64')) } }], outputs })
  t.equal(typed.code, status.OK, typed.details)
  t.ok(areRight(decode('ModelInferResponse', typed.bytes)['outputs'][0].contents.fp32_contents))
  const raw = await inferOverGrpc({ model_name: 'reviews', inputs: [{ name: 'text', datatype: 'BYTES', shape: [3] }], raw_input_contents: [Buffer.concat(TEXTS.map(prefixed))], outputs })
  const [bytes] = decode('ModelInferResponse', raw.bytes)['raw_output_contents']
  t.ok(areRight(TEXTS.flatMap((_, at) => [bytes.readFloatLE(8 * at), bytes.readFloatLE(8 * at + 4)])))
  const wrong = await inferOverGrpc({ model_name: 'reviews', inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('\xe9', 'latin1')] } }] })
  t.equal(wrong.code, status.INVALID_ARGUMENT, wrong.details)
})

t.test("KServe's first protocol takes texts and objects, and columns of them", async t => {
  const labels = [{ sentiment: 'positive' }, { sentiment: 'negative' }]
  for (const body of [{ instances: ['great', 'awful'] }, { instances: ['great', { text: 'awful' }] }, { inputs: ['great', 'awful'] }, { inputs: { text: ['great', 'awful'] } }]) {
    t.match((await post('/v1/models/reviews:predict', body)).json(), { predictions: labels }, JSON.stringify(body))
  }
  t.match((await post('/v1/models/reviews:predict', { instances: ['great', ['awful']] })).json(), { error: /^instance 2 is a list; send a text/ })
})

t.test('MAX takes what /predict takes, and a file', async t => {
  const json = { 'content-type': 'application/json' }
  t.match((await post('/model/predict', { text: 'great' }, json)).json(), { status: 'ok', predictions: [{ prediction: 'positive', label_id: '1' }] })
  for (const [name, text] of [['a.txt', 'awful'], ['a.csv', 'text\nawful\n']] as const) {
    t.match((await post('/model/predict', form({ name, bytes: Buffer.from(text) }))).json(), { predictions: [{ prediction: 'negative' }] }, name)
  }
  t.match((await app.inject('/model/metadata')).json(), { type: 'Text Classification' })
})

t.test('Kapitan takes a CSV file with a column of texts', async t => {
  const answer = await post('/api/v1/model/predict', form({ field: 'csv_file', name: 'a.csv', bytes: Buffer.from('id,text\n1,great\n2,awful\n') }))
  t.equal(answer.body, 'id,text,prediction\n1,great,positive\n2,awful,negative\n')
})

t.test('the documents of all dialects hold examples that run', async t => {
  const { paths } = (await app.inject('/openapi.json')).json()
  for (const path of ['/v2/models/{model}/infer', '/v1/models/{model}:predict', '/model/predict']) {
    const { schema, example } = paths[path].post.requestBody.content['application/json']
    const instance = schema.properties?.instances?.items.examples?.[0]
    const body = path.startsWith('/v1') ? { instances: [instance] } : example ?? schema.examples[0]
    t.equal((await post(path.replace('{model}', 'reviews'), body, { 'content-type': 'application/json' })).statusCode, 200, path)
  }
})
