import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { Client, credentials, Metadata, type CallOptions, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import protobuf from 'protobufjs'
import type { Test } from 'tap'
import { buildApp } from '../../../../app.ts'
import { loadConfig } from '../../../../lib/config.ts'
import { projectFile } from '../../../../lib/project.ts'

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

/** A service with gRPC on a free port, closed when the test ends. */
export async function serve (t: Test, settings: Record<string, string> = {}) {
  const lines: Array<Record<string, unknown>> = []
  const stream = new Writable({
    write (chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    }
  })
  const config = loadConfig({ HOST: '127.0.0.1', GRPC_PORT: '0', MODEL_NAME: 'iris', WORKERS: '0', MAX_BATCH: '1', ...settings })
  const app = await buildApp(config, { logger: pino({ level: 'debug' }, stream) })
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
