import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { ConfigInvalid } from '../../../lib/errors.ts'
import { checkReady } from '../../../wire/ready.ts'
import { watchCalls, type Calls, type Method } from './calls.ts'
import { HEALTH, healthMethods } from './health.ts'
import { INFERENCE, inferenceMethods } from './inference.ts'
import { serviceOf } from './service.ts'

/** How many clients may be connected. Further ones are not let in. */
const CONNECTIONS_LIMIT = 1000

/** How many calls a client may have at once on a connection. Its library keeps further ones waiting. */
const STREAMS_LIMIT = 64

/** How long a connection may have no call, before the client is told to open another one when it needs it. */
const IDLE_LIMIT_MS = 300_000

/** How often a client is asked whether it is still there, and how long it may take to say so. */
const KEEPALIVE_INTERVAL_MS = 60_000
const KEEPALIVE_LIMIT_MS = 20_000

/** As in plugins/shutdown.ts: how long a closing server waits for the rest of a message. */
const ARRIVAL_GRACE_MS = 4000

/** How long the clients may take to close their connections after the last answer. */
const SEND_GRACE_MS = 500

/** How often a closing server checks whether the last call is answered. */
const SWEEP_INTERVAL_MS = 20

/**
 * The Open Inference Protocol over gRPC, and the standard health check, on a port of their own: the same model, limits,
 * keys, metrics and log as over HTTP.
 *
 * @throws ConfigInvalid when the port cannot be opened
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md
 */
const grpc: FastifyPluginAsync<{ config: Config, arrivalGraceMs?: number }> = async (app, { config, arrivalGraceMs = ARRIVAL_GRACE_MS }) => {
  const isReady = (): boolean => {
    try {
      checkReady(app.readiness, app.model.status())
      return true
    } catch {
      return false
    }
  }
  const { methods: health, endWatches } = healthMethods(['', INFERENCE], isReady)
  const services = { [INFERENCE]: inferenceMethods(app, config, isReady), [HEALTH]: { ...health } }
  const methods = new Map(Object.entries(services).flatMap(([service, methods]) => {
    return Object.entries(methods).map(([name, method]): [string, Method] => [`/${service}/${name}`, method])
  }))
  const calls: Calls = watchCalls(app, config, methods)
  const server = new Server({
    interceptors: [calls.interceptor],
    'grpc.max_receive_message_length': config.UPLOAD_LIMIT,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': STREAMS_LIMIT,
    'grpc.max_connection_idle_ms': IDLE_LIMIT_MS,
    'grpc.keepalive_time_ms': KEEPALIVE_INTERVAL_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_LIMIT_MS,
    'grpc.enable_channelz': 0
  })
  for (const [name, methods] of Object.entries(services)) {
    const { definition, implementation } = serviceOf(name, methods, calls)
    server.addService(definition, implementation)
  }
  // The sockets are ours, so that a shutdown can end them.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const sockets = new Set<Socket>()
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
    injector.injectConnection(socket)
  })
  listener.maxConnections = CONNECTIONS_LIMIT

  // Before HTTP listens: a port that cannot be opened stops the start.
  app.addHook('onReady', async () => {
    try {
      listener.listen({ host: config.HOST, port: config.GRPC_PORT })
      await once(listener, 'listening')
    } catch (error) {
      throw new ConfigInvalid(`GRPC_PORT=${config.GRPC_PORT} cannot be opened: ${error instanceof Error ? error.message : String(error)}; choose another port`)
    }
    listener.on('error', error => { app.log.error({ err: error }, 'A gRPC connection cannot be let in') })
    app.log.info(`gRPC listening at ${originOf(listener.address())}`)
  })

  let closed: Promise<void> | null = null
  // HTTP closes at the same time.
  app.addHook('preClose', async () => { closed = close() })
  // Before the model is freed.
  app.addHook('onClose', async () => { await closed })

  /** Lets no connection and no call in, and ends when the last call has its answer. */
  async function close (): Promise<void> {
    const startedMs = performance.now()
    listener.close()
    endWatches('the service is shutting down')
    server.tryShutdown(() => {})
    while (calls.size > 0 && sinceMs(startedMs) < arrivalGraceMs + config.DEADLINE_MS) {
      if (sinceMs(startedMs) > arrivalGraceMs) calls.refuseArriving()
      await sleep(SWEEP_INTERVAL_MS)
    }
    const answeredMs = performance.now()
    while (sockets.size > 0 && sinceMs(answeredMs) < SEND_GRACE_MS) await sleep(SWEEP_INTERVAL_MS)
    calls.close()
    for (const socket of sockets) socket.destroy()
  }
}

export default grpc

function sinceMs (startedMs: number): number {
  return performance.now() - startedMs
}

function originOf (address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address)
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}
