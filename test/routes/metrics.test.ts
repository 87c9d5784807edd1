import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { expected, picture, slowPicture } from '../fixtures/expected.ts'
import { build } from '../helper.ts'

t.test('GET /metrics counts what was asked and answered, in the Prometheus text format', async t => {
  const app = await build(t)
  await app.inject({ method: 'POST', url: '/predict', payload: picture('rgb.png'), headers: { 'content-type': 'image/png' } })
  await app.inject({ method: 'POST', url: '/predict' })
  await app.inject({ method: 'POST', url: '/predict', payload: await slowPicture(), headers: { 'content-type': 'image/png', 'x-deadline-ms': '1' } })
  await app.inject('/a-path-that-nobody-serves')
  // What passed its deadline may still be running.
  while (app.model.status().workers.busy > 0) await sleep(5)
  const response = await app.inject('/metrics')
  t.match(response.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(response.body, /servery_http_request_duration_seconds_count\{method="POST",route="\/predict",status="200",dialect="native"\} 1/)
  t.match(response.body, /servery_http_request_duration_seconds_count\{method="POST",route="\/predict",status="400",dialect="native"\} 1/)
  t.match(response.body, /servery_http_request_duration_seconds_count\{method="GET",route="unknown",status="404",dialect="native"\} 1/)
  const { label } = expected.pictures['rgb.png']!
  t.match(response.body, `servery_predictions_total{label="${label}",dialect="native"} 1\n`)
  t.match(response.body, /servery_predictions_total\{label="pizza",dialect="native"\} 0/)
  t.match(response.body, /servery_prediction_confidence_count 1/)
  t.match(response.body, /servery_queue_rows 0/)
  for (const stage of ['receive', 'decode', 'queue', 'infer', 'send']) {
    t.match(response.body, new RegExp(`servery_stage_duration_seconds_count\\{stage="${stage}",dialect="native"\\} [1-4]`))
  }
  t.match(response.body, /servery_rejected_total\{reason="deadline",dialect="native"\} 1/)
  t.match(response.body, /servery_workers\{state="idle"\} 1/)
  t.match(response.body, /servery_model_info\{model="tensorfood",version="\d+"\} 1/)
  t.match(response.body, /nodejs_eventloop_lag_p99_seconds/)
  t.notMatch(response.body, /a-path-that-nobody-serves/)
})
