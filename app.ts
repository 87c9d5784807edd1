import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { dialectsOf, type Config, type Dialect } from './lib/config.ts'
import type { OnProgress } from './lib/sources/download.ts'
import compression from './plugins/compression.ts'
import connections, { serverOptions as connectionOptions } from './plugins/connections.ts'
import disconnect from './plugins/disconnect.ts'
import encodings from './plugins/encodings.ts'
import errors, { serverOptions as errorOptions } from './plugins/errors.ts'
import json from './plugins/json.ts'
import keys from './plugins/keys.ts'
import lingering from './plugins/lingering.ts'
import logging, { serverOptions as loggingOptions } from './plugins/logging.ts'
import metrics from './plugins/metrics.ts'
import model from './plugins/model.ts'
import openapi from './plugins/openapi.ts'
import overload, { type OverloadOptions } from './plugins/overload.ts'
import predictionLog from './plugins/prediction-log.ts'
import protocol, { serverOptions as protocolOptions } from './plugins/protocol.ts'
import { serverOptions as serializationOptions } from './plugins/serialization.ts'
import security from './plugins/security.ts'
import shutdown from './plugins/shutdown.ts'
import timing from './plugins/timing.ts'
import unanswered from './plugins/unanswered.ts'
import uploads from './plugins/uploads.ts'
import validation from './plugins/validation.ts'
import kapitan from './routes/dialects/kapitan.ts'
import max from './routes/dialects/max/index.ts'
import v1 from './routes/dialects/v1.ts'
import v2 from './routes/dialects/v2/index.ts'
import docsRoutes from './routes/docs.ts'
import explainRoutes from './routes/explain.ts'
import healthRoutes from './routes/health.ts'
import homeRoutes from './routes/home.ts'
import infoRoutes from './routes/info.ts'
import metricsRoutes from './routes/metrics.ts'
import openapiRoutes from './routes/openapi.ts'
import predictRoutes from './routes/predict.ts'

/** Wire formats of other systems, over the same model. */
const DIALECT_ROUTES = { v2, v1, max, kapitan } satisfies Record<Dialect, unknown>

export interface AppOptions {
  /** Without a logger, nothing is logged. */
  logger?: FastifyBaseLogger
  /** Called when the service cannot go on. The process should end then. */
  onFatal?: (error: Error) => void
  /** Shows how the model is fetched. Without it, that is logged. */
  onProgress?: OnProgress
  /** When the event loop counts as too slow for more requests. */
  overload?: OverloadOptions
}

/**
 * Builds the whole service. Its model is loaded and warm, but it does not listen yet.
 *
 * @throws ModelUnfetched, ModelMissing, CardInvalid, ModelInvalid, ConfigInvalid
 */
export async function buildApp (config: Config, { logger, ...options }: AppOptions = {}): Promise<FastifyInstance> {
  const { http, ...connectionLimits } = connectionOptions(config)
  const app = Fastify({
    ...loggingOptions,
    ...errorOptions,
    ...protocolOptions,
    ...serializationOptions,
    ...connectionLimits,
    http: { ...http, ...protocolOptions.http },
    ...(logger && { loggerInstance: logger }),
    forceCloseConnections: 'idle',
    // Fetching and measuring a model may take minutes.
    pluginTimeout: 0,
    trustProxy: proxiesOf(config)
  }).withTypeProvider<TypeBoxTypeProvider>()
  try {
    await registerAll(app, config, options)
    return app
  } catch (error) {
    // Otherwise the model's workers would keep the process alive.
    await app.close()
    throw error
  }
}

async function registerAll (app: FastifyInstance, config: Config, { overload: overloadOptions = {}, ...watching }: AppOptions): Promise<void> {
  await app.register(logging)
  await app.register(errors, { config })
  await app.register(validation)
  await app.register(lingering)
  await app.register(unanswered)
  await app.register(shutdown)
  await app.register(model, { config, ...watching })
  await app.register(timing)
  await app.register(metrics)
  await app.register(security, { config })
  await app.register(compression)
  await app.register(protocol)
  await app.register(keys, { config })
  await app.register(overload, overloadOptions)
  await app.register(disconnect)
  await app.register(encodings)
  await app.register(json, { config })
  await app.register(uploads, { config })
  await app.register(connections, { config })
  await app.register(predictionLog, { config })
  await app.register(openapi, { config })

  await app.register(homeRoutes, { config })
  await app.register(infoRoutes, { config })
  await app.register(predictRoutes, { config })
  await app.register(explainRoutes, { config })
  for (const dialect of dialectsOf(config)) await app.register(DIALECT_ROUTES[dialect], { config })
  if (config.GRPC_PORT !== undefined) await app.register(import('./routes/dialects/grpc/index.ts'), { config })
  await app.register(docsRoutes)
  await app.register(openapiRoutes)
  await app.register(healthRoutes)
  await app.register(metricsRoutes)
}

/** The proxies whose X-Forwarded-For is trusted: the last N of them, or those with the given addresses. */
function proxiesOf ({ TRUST_PROXY = '0' }: Config): string[] | ((address: string, hop: number) => boolean) {
  return /^\d+$/.test(TRUST_PROXY) ? (_address, hop) => hop < Number(TRUST_PROXY) : TRUST_PROXY.split(',')
}
