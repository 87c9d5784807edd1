import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { Budget } from '../../../lib/engine/budget.ts'
import { BodyMissing, ClientGone } from '../../../lib/errors.ts'
import { wireOf } from '../../../wire/index.ts'
import { answerOf } from '../../../wire/open-inference/answer.ts'
import { divided, jsonBytesOf, LENGTH_HEADER, offsetOf } from '../../../wire/open-inference/header.ts'
import { inferOn } from '../../../wire/open-inference/infer.ts'
import { parseSmall } from '../../../wire/open-inference/parse.ts'
import { rawRequest } from '../../../wire/open-inference/raw.ts'
import { readRequest, type InferRequest } from '../../../wire/open-inference/request.ts'
import { inferAnswer, inferBody, inferenceErrors, inferHeaders, modelParams } from '../../../wire/open-inference/schemas.ts'
import { sendPieces } from '../../../wire/send-pieces.ts'
import { encodingOf, ENCODINGS, pack, unpack, unpackedBytesOf } from '../../../wire/unpack.ts'

/** Limits of large JSON: its values, and how deep its lists may be inside one another. */
const JSON_LIMITS = { values: 2 ** 21, depth: 64, isExact: true }

/** Memory for all bodies that came compressed, unpacked. Bodies that need more wait. */
const UNPACKED_LIMIT_BYTES = 64 * 1024 * 1024

/** Inference: tensors in, tensors out, as JSON or as bytes. */
const infer: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { model } = app
  const { card, signature } = model
  const unpacked = new Budget(UNPACKED_LIMIT_BYTES)
  /** For each request that came compressed: its unpacked body is no longer needed after this call. */
  const answered = new WeakMap<FastifyRequest, () => void>()
  const inputs = await wireOf(card, signature).exampleTensors()
  const example = inputs && { id: '1', inputs: inputs.map(({ name, datatype, shape, values }) => ({ name, datatype, shape, data: values })) }

  for (const hasVersion of [false, true]) {
    app.post(`/models/:model${hasVersion ? '/versions/:version' : ''}/infer`, {
      config: { dialect: 'v2', queues: 'normal', encodings: ENCODINGS },
      schema: {
        tags: ['Open Inference Protocol'],
        ...config.API_KEYS !== undefined && { security: [{ key: [] }] },
        summary: 'Run the model',
        params: modelParams(card, hasVersion),
        headers: inferHeaders(config.DEADLINE_MS),
        body: inferBody(example),
        response: { 200: inferAnswer(card), ...inferenceErrors(400, 401, 404, 413, 415, 429, 503, 504) }
      }
    }, async (request, reply) => {
      const { question, id, timeoutMs = Infinity, isBinary } = await read(request, reply)
      const { outputs, timing, predictions } = await inferOn(model, question, {
        deadline: Math.min(request.headers['x-deadline-ms'] ?? config.DEADLINE_MS, timeoutMs),
        onGone: stop => reply.onDisconnect(stop),
        // The memory of the body is this request's own, and nothing reads it again.
        isMovable: true
      })
      Object.assign(request.timing, timing)
      request.predictions = predictions
      const { pieces, jsonBytes } = await answerOf(card, outputs, { ...id !== undefined && { id }, isBinary })
      if (jsonBytes !== null) reply.header(LENGTH_HEADER, jsonBytes)
      reply.header('content-type', jsonBytes === null ? 'application/json' : 'application/octet-stream')
      // Libraries ask for a list of encodings on their own, and some of their callers cannot decode one.
      const encoding = encodingOf(request.headers['accept-encoding'])
      return encoding ? reply.send(await packed(reply, Buffer.concat(pieces), encoding)) : sendPieces(reply, pieces)
    })
  }

  app.addHook('onSend', (request, _reply, _payload, done) => {
    answered.get(request)?.()
    done()
  })

  async function read (request: FastifyRequest, reply: FastifyReply): Promise<InferRequest> {
    const jsonBytes = jsonBytesOf(request.headers[LENGTH_HEADER])
    const body = await plain(request, reply, offsetOf(jsonBytes))
    if (jsonBytes === 0) return rawRequest(body, signature)
    if (jsonBytes === null) return readRequest(parseSmall(body) ?? await app.readJson(request, reply, body, JSON_LIMITS), NO_BYTES)
    const { json, bytes } = divided(body, jsonBytes)
    return readRequest(parseSmall(json) ?? await app.readJson(request, reply, json, JSON_LIMITS), bytes)
  }

  /** The body, unpacked. */
  async function plain (request: FastifyRequest, reply: FastifyReply, offsetBytes: number): Promise<Buffer<ArrayBuffer>> {
    const { body } = request
    if (!isBytes(body) || body.length === 0) throw new BodyMissing("send a JSON object with the list 'inputs'")
    const encoding = encodingOf(request.headers['content-encoding'])
    if (!encoding) return body
    const gone = new AbortController()
    reply.onDisconnect(() => gone.abort(new ClientGone()))
    return await new Promise((resolve, reject) => {
      unpacked.spend(unpackedBytesOf(body, config.UPLOAD_LIMIT), async () => {
        const isAnswered = new Promise<void>(resolve => {
          answered.set(request, resolve)
          reply.raw.once('close', resolve)
        })
        await unpack(body, encoding, config.UPLOAD_LIMIT, offsetBytes).then(resolve, reject)
        await isAnswered
      }, gone.signal).catch(reject)
    })
  }
}

const NO_BYTES = Buffer.alloc(0)

async function packed (reply: FastifyReply, body: Buffer, encoding: typeof ENCODINGS[number]): Promise<Buffer> {
  reply.header('content-encoding', encoding).header('vary', 'accept-encoding')
  return await pack(body, encoding)
}

function isBytes (body: unknown): body is Buffer<ArrayBuffer> {
  return Buffer.isBuffer(body) && body.buffer instanceof ArrayBuffer
}

export default infer
