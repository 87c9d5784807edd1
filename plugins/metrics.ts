import fp from 'fastify-plugin'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: {
      registry: Registry
      /** Counts a prediction by its most probable label. */
      predicted: (prediction: { label: string, probability: number }) => void
    }
  }
}

/**
 * What Prometheus reads. Names and units follow its conventions: seconds, bytes, `_total`.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export default fp(async app => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const { card, scheduler, pool } = app.model

  const requests = new Histogram({
    name: 'servery_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers
  })
  const predictions = new Counter({
    name: 'servery_predictions_total', help: 'Predictions by most probable label.', labelNames: ['label'] as const, registers
  })
  const confidence = new Histogram({
    name: 'servery_prediction_confidence',
    help: 'Probability of the most probable label.',
    buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
    registers
  })
  gauge('servery_queue_rows', 'Inputs that wait for a worker.', () => scheduler.queued)
  gauge('servery_running_rows', 'Inputs in a run.', () => scheduler.running)
  gauge('servery_admitted_rows', 'Inputs being read, waiting or running.', () => scheduler.admitted)
  gauge('servery_workers', 'Worker threads that are up.', () => pool.alive)
  new Gauge({
    name: 'servery_model_info', help: 'The model that is served.', labelNames: ['model', 'version'] as const, registers
  }).set({ model: card.name, version: card.version }, 1)
  for (const label of card.labels) predictions.inc({ label }, 0)

  function gauge (name: string, help: string, read: () => number): void {
    new Gauge({ name, help, registers, collect () { this.set(read()) } }).set(read())
  }

  app.addHook('onResponse', async (request, reply) => {
    // Unknown paths share one series, so that a scan cannot create a million.
    const labels = { method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode }
    requests.observe(labels, reply.elapsedTime / 1000)
  })
  app.decorate('metrics', {
    registry,
    predicted: ({ label, probability }) => {
      predictions.inc({ label })
      confidence.observe(probability)
    }
  })
}, { name: 'metrics', dependencies: ['model'] })
