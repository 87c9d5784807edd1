import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Status } from '../lib/classifier.ts'
import { AskedDeadlinePassed, ClientGone, DeadlinePassed, Overloaded, QueueFull, WorkerLost } from '../lib/errors.ts'
import { hasProbabilities, type Predictions } from '../lib/output/prediction.ts'
import { RankedPredictions } from '../lib/output/ranked-predictions.ts'
import { SeriesCounter, SeriesHistogram, type Buckets, type Count } from '../lib/series.ts'

/** A question that is answered, over HTTP or over another protocol. */
export interface Observed {
  method: string
  /** The path, with a placeholder for each part that a caller may choose. */
  route: string
  /** The status of HTTP for the outcome. */
  status: number
  dialect: string
  durationMs: number
  predictions: Predictions | null
  /** Milliseconds of each stage that the question has passed. */
  timing: FastifyRequest['timing']
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: {
      registry: Registry
      /** Counts what came over another protocol than HTTP. Requests of HTTP are counted without it. */
      observe: (observed: Observed) => void
      /** Counts an error if it refuses or cancels a prediction. */
      reject: (error: unknown, dialect: string) => void
    }
  }
  interface FastifyContextConfig {
    /** The dialect of the route, for the label `dialect`. Default: the service's own. */
    dialect?: string
  }
}

/** Upper bounds of the buckets: from the answer of a very small model to the default deadline. */
const BUCKETS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The value of the label `dialect` for the service's own routes. */
const NATIVE = 'native'

const STAGES = ['receive', 'decode', 'queue', 'infer', 'send'] as const

/** The series of a dialect. */
interface DialectSeries {
  stages: Partial<Record<typeof STAGES[number], Buckets>>
  /** For each label of the card that was counted, at its index. */
  labels: Array<Count | undefined>
}

/** The value of the label `reason`, for each error that ends a prediction. */
const REASONS = [
  [QueueFull, 'queue_full'], [Overloaded, 'overloaded'], [DeadlinePassed, 'deadline'], [AskedDeadlinePassed, 'deadline'], [ClientGone, 'disconnected'],
  [WorkerLost, 'worker_lost']
] as const

/**
 * Measures the service for Prometheus. Names and units follow its conventions: seconds, bytes, `_total`.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export default fp(async app => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const { model } = app
  const { card } = model

  const requests = new SeriesHistogram({
    name: 'servery_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status', 'dialect'] as const,
    buckets: BUCKETS_SECONDS,
    registers
  })
  const stages = new SeriesHistogram({
    name: 'servery_stage_duration_seconds',
    help: 'Time of a prediction in each stage: receive, decode, queue, infer, send.',
    labelNames: ['stage', 'dialect'] as const,
    buckets: BUCKETS_SECONDS,
    registers
  })
  const batches = new SeriesHistogram({
    name: 'servery_batch_rows', help: 'Inputs in one run of the model.', buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256], registers
  })
  const runs = new SeriesHistogram({
    name: 'servery_run_duration_seconds', help: 'Duration of one run of the model.', buckets: BUCKETS_SECONDS, registers
  })
  const rejected = new Counter({
    name: 'servery_rejected_total',
    help: 'Predictions that were refused or cancelled: queue_full, overloaded, deadline, disconnected, worker_lost.',
    labelNames: ['reason', 'dialect'] as const,
    registers
  })
  // A model without known labels has no such series: it could make up any number of labels.
  const predictions = card.labels.length === 0
    ? undefined
    : new SeriesCounter({
      name: 'servery_predictions_total', help: 'Predictions by label; several labels at once by the most probable one.', labelNames: ['label', 'dialect'] as const, registers
    })
  const confidence = hasProbabilities(card.output)
    ? new SeriesHistogram({
      name: 'servery_prediction_confidence',
      help: 'Probability of the most probable label.',
      buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
      registers
    })
    : undefined
  gauge('servery_queue_rows', 'Inputs that wait for a worker.', ({ queued }) => queued)
  gauge('servery_running_rows', 'Inputs that the model is running on.', ({ running }) => running)
  gauge('servery_admitted_rows', 'Inputs being read, waiting or running.', ({ admitted }) => admitted)
  gauge('servery_queue_limit_rows', 'Largest number of inputs that are admitted at once.', ({ queueLimit }) => queueLimit)
  const workers = new Gauge({
    name: 'servery_workers',
    help: 'Workers by state: busy, idle, dead (being replaced).',
    labelNames: ['state'] as const,
    registers,
    collect () {
      const { size, alive, busy } = model.status().workers
      workers.set({ state: 'idle' }, alive - busy)
      workers.set({ state: 'busy' }, busy)
      workers.set({ state: 'dead' }, size - alive)
    }
  })
  const deaths = new Counter({
    name: 'servery_worker_deaths_total',
    help: 'Workers that died.',
    registers,
    collect () {
      deaths.reset()
      deaths.inc(model.status().workers.deaths)
    }
  })
  new Gauge({
    name: 'servery_model_info', help: 'The model that is served.', labelNames: ['model', 'version'] as const, registers
  }).set({ model: card.name, version: card.version }, 1)
  for (const [, reason] of REASONS) rejected.inc({ reason, dialect: NATIVE }, 0)
  const [batchSeries, runSeries, confidenceSeries] = [batches.series({}), runs.series({}), confidence?.series({})]
  model.events.on('run', (rows, infer) => {
    batchSeries.observe(rows)
    runSeries.observe(infer / 1000)
  })

  function gauge (name: string, help: string, read: (status: Status) => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read(model.status())) })
  }

  const reject = (error: unknown, dialect: string): void => {
    const [, reason] = REASONS.find(([Kind]) => error instanceof Kind) ?? []
    if (reason) rejected.inc({ reason, dialect })
  }
  const durations = new Map<string, Buckets>()
  const durationsOf = (method: string, route: string, status: number, dialect: string): Buckets => {
    const name = `${method} ${status} ${dialect} ${route}`
    const known = durations.get(name) ?? requests.series({ method, route, status, dialect })
    durations.set(name, known)
    return known
  }
  const dialects = new Map<string, DialectSeries>()
  const seriesOf = (dialect: string): DialectSeries => {
    const known = dialects.get(dialect) ?? { stages: {}, labels: [] }
    dialects.set(dialect, known)
    return known
  }
  const countOf = (index: number, dialect: string): Count | undefined => {
    const { labels } = seriesOf(dialect)
    const label = card.labels[index]
    if (labels[index] || label === undefined) return labels[index]
    // A card may give two classes the same label.
    const first = card.labels.indexOf(label)
    labels[index] = first === index ? predictions?.series({ label, dialect }) : countOf(first, dialect)
    return labels[index]
  }
  // Before the first prediction, each label has a series, at 0.
  for (const index of card.labels.keys()) countOf(index, NATIVE)
  const count = (index: number, dialect: string): void => {
    const found = countOf(index, dialect)
    if (found) found.value++
  }
  const tell = (index: number, probability: number, dialect: string): void => {
    confidenceSeries?.observe(probability)
    count(index, dialect)
  }
  const observe = ({ method, route, status, dialect, durationMs, predictions: answered, timing }: Observed): void => {
    durationsOf(method, route, status, dialect).observe(durationMs / 1000)
    const { stages: series } = seriesOf(dialect)
    if (answered instanceof RankedPredictions) {
      const { indices, probabilities, k } = answered
      for (let place = 0; place < indices.length; place += k) tell(indices[place]!, probabilities[place]!, dialect)
    } else {
      for (const prediction of answered ?? []) {
        if ('first' in prediction) tell(prediction.first.index, prediction.first.probability, dialect)
        else if (prediction.kind === 'label' && prediction.index !== null) count(prediction.index, dialect)
      }
    }
    for (const stage of STAGES) {
      const duration = timing[stage]
      if (duration !== undefined) (series[stage] ??= stages.series({ stage, dialect })).observe(duration / 1000)
    }
  }
  app.decorate('metrics', { registry, observe, reject })

  app.addHook('onError', (request, _reply, error, done) => {
    reject(error, dialectOf(request))
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    observe({
      method: request.method,
      // Unknown paths share one series, so that a scan of many paths does not create a series for each.
      route: routeOf(request.routeOptions.url),
      status: reply.statusCode,
      dialect: dialectOf(request),
      durationMs: reply.elapsedTime,
      predictions: request.predictions,
      timing: request.timing
    })
    done()
  })
}, { name: 'metrics', dependencies: ['logging', 'model', 'timing'] })

function dialectOf ({ routeOptions }: FastifyRequest): string {
  return routeOptions.config.dialect ?? NATIVE
}

const ROUTES = new Map<string, string>()

/** The pattern of a route as people write it: `/v1/models/:model:predict`, without the expression for the parameter. */
function routeOf (url: string | undefined): string {
  if (url === undefined) return 'unknown'
  const known = ROUTES.get(url) ?? url.replace(/\([^)]*\)/g, '').replaceAll('::', ':')
  ROUTES.set(url, known)
  return known
}
