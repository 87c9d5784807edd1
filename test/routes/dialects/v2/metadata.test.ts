import t from 'tap'
import { build } from '../../../helper.ts'

t.test('the service and its model are described, uncompressed whatever a client accepts', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await app.ready()
  const model = {
    name: 'iris', versions: ['1'], platform: 'onnx_onnxv1', inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 4] }], outputs: [{ name: 'output_label', datatype: 'INT64' }, { name: 'output_probability', datatype: 'FP32', shape: [-1, 3] }]
  }
  const config = { name: 'iris', max_batch_size: 0, input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [-1, 4] }] }
  const stats = { model_stats: [{ name: 'iris', version: '1', inference_count: Number }] }
  const expected: Record<string, object> = {
    '/v2': { name: 'servery', version: String, extensions: Array },
    '/v2/': { name: 'servery' },
    '/v2/models': { models: ['iris'] },
    '/v2/models/iris': model,
    '/v2/models/iris/versions/1': model,
    '/v2/models/iris/config': config,
    '/v2/models/iris/versions/1/config': config,
    '/v2/models/iris/stats': stats,
    '/v2/models/iris/versions/1/stats': stats,
    '/v2/models/stats': stats
  }
  for (const [url, body] of Object.entries(expected)) {
    const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip, deflate, br' } })
    t.same([answer.statusCode, answer.headers['content-type'], answer.headers['content-encoding']], [200, 'application/json', undefined], url)
    t.match(answer.json(), body, url)
  }
})

t.test('three rows in one request are three inferences and one success', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await app.ready()
  const read = async () => {
    const { model_stats: [stats] } = (await app.inject('/v2/models/iris/stats')).json<{ model_stats: [{ inference_count: number, inference_stats: { success: { count: number } } }] }>()
    return [stats.inference_count, stats.inference_stats.success.count] as const
  }
  const [rows, requests] = await read()
  const payload = { inputs: [{ name: 'X', datatype: 'FP32', shape: [3, 4], data: [5.9, 3, 5.1, 1.8, 5.1, 3.5, 1.4, 0.2, 6, 3, 4, 1] }] }
  t.equal((await app.inject({ method: 'POST', url: '/v2/models/iris/infer', payload })).statusCode, 200)
  t.same(await read(), [rows + 3, requests + 1])
})

t.test('the index takes an empty body, and what is not ready is not listed if only that is asked for', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  await app.ready()
  const index = async (payload?: string) => await app.inject({ method: 'POST', url: '/v2/repository/index', ...payload !== undefined && { payload } })
  for (const payload of [undefined, '', '{}', '{"ready":null}', '{"ready":true}']) t.same((await index(payload)).json(), [{ name: 'iris', version: '1', state: 'READY', reason: '' }])
  t.equal((await index('{')).statusCode, 400)
  t.equal((await index('x'.repeat(70_000))).statusCode, 413)
  app.drain()
  t.same((await index('{}')).json(), [{ name: 'iris', version: '1', state: 'UNAVAILABLE', reason: 'Not ready: the service is shutting down.' }])
  t.same((await index('{"ready":true}')).json(), [])
})

t.test('models are neither loaded nor unloaded', async t => {
  const app = await build(t, { MODEL_NAME: 'iris' })
  for (const [name, verb] of [['iris', 'load'], ['wine', 'unload']]) {
    const answer = await app.inject({ method: 'POST', url: `/v2/repository/models/${name}/${verb}`, payload: '{}' })
    t.equal(answer.statusCode, 400)
    t.match(answer.json(), { error: /serves one model, 'iris'/ })
  }
})
