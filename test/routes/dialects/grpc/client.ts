import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { Writable } from 'node:stream'
import { Client, credentials, Metadata, type CallOptions, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import protobuf from 'protobufjs'
import type { Test } from 'tap'
import { buildApp } from '../../../../app.ts'
import { loadConfig } from '../../../../lib/config.ts'
import { projectFile } from '../../../../lib/project.ts'
import errors from '../../../../plugins/errors.ts'
import keys from '../../../../plugins/keys.ts'
import logging, { serverOptions } from '../../../../plugins/logging.ts'
import metrics from '../../../../plugins/metrics.ts'
import overload from '../../../../plugins/overload.ts'
import predictionLog from '../../../../plugins/prediction-log.ts'
import shutdown from '../../../../plugins/shutdown.ts'
import timing from '../../../../plugins/timing.ts'
import unanswered from '../../../../plugins/unanswered.ts'
import grpc from '../../../../routes/dialects/grpc/index.ts'
import type { FakeModelOptions } from '../../../lib/model.ts'
import { registerModel } from '../../../plugins/fake-model.ts'

/** The messages as protobufjs reads them from the .proto file: not by the code under test. */
const { root } = protobuf.parse(readFileSync(projectFile('test/fixtures/open-inference.proto'), 'utf8'), { keepCase: true })

/** Full names of the services. */
export const INFERENCE = '/inference.GRPCInferenceService'
export const HEALTH = '/grpc.health.v1.Health'

export function encode (type: string, fields: object): Buffer {
  const message = root.lookupType(type)
  return Buffer.from(message.encode(message.fromObject(fields)).finish())
}

export function decode (type: string, bytes: Uint8Array): Record<string, any> { // eslint-disable-line @typescript-eslint/no-explicit-any
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), { longs: Number, arrays: true })
}

export interface Outcome {
  code: number
  details: string
  metadata: Record<string, unknown>
  bytes: Buffer
}

/** A log that a test can read. */
function logOf (): { logger: FastifyBaseLogger, lines: Array<Record<string, unknown>> } {
  const lines: Array<Record<string, unknown>> = []
  const stream = new Writable({
    write (chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    }
  })
  return { logger: pino({ level: 'debug' }, stream), lines }
}

/**
 * A service of the plugins that gRPC needs over a model that answers when a test wants it, on a free port. A request
 * without inputs fits the model.
 */
export async function serveFake (t: Test, settings: Record<string, string> = {}, { arrivalGraceMs, ...options }: FakeModelOptions & { arrivalGraceMs?: number } = {}) {
  const { logger, lines } = logOf()
  const app: FastifyInstance = Fastify({ ...serverOptions, loggerInstance: logger })
  const config = loadConfig({ HOST: '127.0.0.1', GRPC_PORT: '0', DEADLINE_MS: '600000', ...settings })
  await app.register(logging)
  await app.register(errors, { config })
  await app.register(unanswered)
  await app.register(shutdown)
  const fake = await registerModel(app, options)
  await app.register(timing)
  await app.register(metrics)
  await app.register(keys, { config })
  await app.register(overload, { delayLimit: Infinity })
  await app.register(predictionLog, { config })
  await app.register(grpc, { config, ...arrivalGraceMs !== undefined && { arrivalGraceMs } })
  t.teardown(async () => {
    fake.letGo()
    await app.close()
  })
  await app.ready()
  const port = portIn(lines)
  return { ...fake, app, port, lines, ...connect(t, port) }
}

/** A service with gRPC on a free port, closed when the test ends. */
export async function serve (t: Test, settings: Record<string, string> = {}) {
  const { logger, lines } = logOf()
  const config = loadConfig({ HOST: '127.0.0.1', GRPC_PORT: '0', MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1', ...settings })
  const app = await buildApp(config, { logger, overload: { delayLimit: Infinity } })
  t.teardown(async () => { await app.close() })
  await app.ready()
  const port = portIn(lines)
  return { app, port, lines, ...connect(t, port) }
}

/** The port that a service has logged. */
export function portIn (lines: ReadonlyArray<Record<string, unknown>>): number {
  const [, port] = /gRPC listening at 127\.0\.0\.1:(\d+)/.exec(lines.map(({ msg }) => msg).join('\n')) ?? []
  return Number(port)
}

/** A client of grpc-js, closed when the test ends. */
export function connect (t: Test, port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1, 'grpc.enable_retries': 0 })
  t.teardown(() => { client.close() })
  const same = (bytes: Buffer) => bytes
  /** Calls a method with the bytes of a message. */
  const call = async (path: string, message: Buffer, { headers = {}, onStart, ...options }: CallOptions & { headers?: Record<string, string>, onStart?: (call: ClientUnaryCall) => void } = {}): Promise<Outcome> => {
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    return await new Promise(resolve => {
      const call = client.makeUnaryRequest(path, same, same, message, metadata, options, (error: ServiceError | null, bytes?: Buffer) => {
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', metadata: error?.metadata.getMap() ?? {}, bytes: bytes ?? Buffer.alloc(0) })
      })
      onStart?.(call)
    })
  }
  const infer = async (request: object, options = {}) => await call(`${INFERENCE}/ModelInfer`, encode('ModelInferRequest', { model_name: 'iris', ...request }), options)
  return { client, call, infer }
}

/** A flower, as the iris model takes it. */
export const FLOWER = { name: 'X', datatype: 'FP32', shape: [1, 4] }

/** The bytes of numbers as FP32. */
export function fp32 (...values: number[]): Buffer {
  return Buffer.from(new Float32Array(values).buffer)
}

/** A request that asks for the class of a virginica. */
export const VIRGINICA = { inputs: [FLOWER], raw_input_contents: [fp32(5.9, 3, 5.1, 1.8)] }

/** Waits until there is a line of the log that is a request to a path. */
export function requestsTo (lines: ReadonlyArray<Record<string, unknown>>, path: string): Array<Record<string, unknown>> {
  return lines.filter(line => line['msg'] === 'request' && line['path'] === path)
}

/** The values of the series of a metric that are of gRPC. */
export async function series (app: FastifyInstance, name: string): Promise<Record<string, number>> {
  const text = await app.metrics.registry.metrics()
  const found = [...text.matchAll(new RegExp(`^${name}\\{(.*dialect="grpc".*)\\} (\\S+)$`, 'gm'))]
  return Object.fromEntries(found.map(([, labels = '', value]) => [labels, Number(value)]))
}

/**
 * A connection that speaks HTTP/2 frame by frame, as no client library does: a call whose headers are sent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
export async function rawCall (t: Test, port: number, path: string) {
  const socket = connectSocket(port, '127.0.0.1').on('error', () => {})
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, payload])
  }
  // Literal header fields without indexing. https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2
  const field = (name: string, value: string) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)])
  const fields = Buffer.concat([field(':method', 'POST'), field(':scheme', 'http'), field(':path', path), field(':authority', 'a'), field('content-type', 'application/grpc'), field('te', 'trailers')])
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0)), frame(1, 4, 1, fields)]))
  return {
    socket,
    /** A frame of data of the call. */
    data: (payload: Buffer, isLast = false) => frame(0, isLast ? 1 : 0, 1, payload)
  }
}
