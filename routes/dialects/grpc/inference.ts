import type { FastifyInstance } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { Budget } from '../../../lib/engine/budget.ts'
import { AskedDeadlinePassed, DeadlinePassed } from '../../../lib/errors.ts'
import { inferOn } from '../../../wire/open-inference/infer.ts'
import { modelMetadata, serverMetadata } from '../../../wire/open-inference/metadata.ts'
import { checkServed } from '../../../wire/served.ts'
import type { Call } from './calls.ts'
import { countQuestion, inferAnswer, modelMetadataAnswer, readInferMessage, readTexts, serverMetadataAnswer, truthAnswer, type InferMessage } from './messages.ts'
import type { Unary } from './service.ts'

/** Full name of the service. */
export const INFERENCE = 'inference.GRPCInferenceService'

/** The extensions of the protocol that are not methods of their own, by Triton's names for them. */
const EXTENSIONS = ['classification', 'binary_tensor_data', 'parameters']

/** Memory for the elements of typed contents of all calls together: a varint of one byte may be eight in a tensor. */
const CONTENTS_LIMIT_BYTES = 128 * 1024 * 1024

/** Bytes before a message in the memory that grpc-js gives it. */
const PREFIX_BYTES = 5

/**
 * The six methods of the Open Inference Protocol. grpc-js answers UNIMPLEMENTED to the further ones of Triton.
 *
 * @param isReady whether the service can answer now
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md
 */
export function inferenceMethods (app: FastifyInstance, config: Config, isReady: () => boolean): Record<string, Unary> {
  const { model } = app
  const { card } = model
  const contents = new Budget(CONTENTS_LIMIT_BYTES)
  const probe = { asks: false, quiet: true }
  const check = (message: Uint8Array): void => {
    const texts = readTexts(message)
    checkServed(card, { model: texts.get(1) ?? '', version: texts.get(2) || undefined })
  }

  async function infer (message: Uint8Array, call: Call): Promise<Uint8Array> {
    const arrivedMs = performance.now()
    const request = await readInferMessage(message)
    checkServed(card, request)
    const deadline = deadlineOf(config.DEADLINE_MS, request, call)
    const { weightBytes, read } = await countQuestion(request)
    const answer = async (): Promise<Uint8Array> => {
      const { outputs, timing, predictions } = await inferOn(model, await read(), {
        deadline: Math.max(1, deadline.ms - (performance.now() - arrivedMs)),
        onGone: call.onGone,
        // A small message shares its memory with others.
        isMovable: message.buffer.byteLength === message.byteLength + PREFIX_BYTES
      })
      Object.assign(call.timing, timing)
      if (predictions.length > 0) call.predictions = predictions
      return await inferAnswer(card, outputs, { id: request.id, isRaw: request.raw.length > 0 })
    }
    try {
      return weightBytes === 0 ? await answer() : await contents.spend(weightBytes, answer)
    } catch (error) {
      throw error instanceof DeadlinePassed && deadline.name !== null ? new AskedDeadlinePassed(String(Math.ceil(deadline.ms)), deadline.name) : error
    }
  }

  return {
    ServerLive: { ...probe, answer: () => truthAnswer(true) },
    ServerReady: { ...probe, answer: () => truthAnswer(isReady()) },
    ModelReady: {
      ...probe,
      answer: message => {
        check(message)
        return truthAnswer(isReady())
      }
    },
    ServerMetadata: { asks: false, quiet: false, answer: () => serverMetadataAnswer({ ...serverMetadata(), extensions: EXTENSIONS }) },
    ModelMetadata: {
      asks: false,
      quiet: false,
      answer: message => {
        check(message)
        return modelMetadataAnswer(modelMetadata(model))
      }
    },
    ModelInfer: { asks: true, quiet: false, answer: infer }
  }
}

/** The shortest deadline of those that the service and the client set. */
function deadlineOf (limitMs: number, { timeoutMs = Infinity }: InferMessage, { deadline }: Call): { ms: number, /** What the client calls it. */ name: string | null } {
  const leftMs = Math.max(1, deadline - Date.now())
  if (timeoutMs < limitMs && timeoutMs < leftMs) return { ms: timeoutMs, name: "parameter 'timeout'" }
  return leftMs < limitMs ? { ms: leftMs, name: 'deadline' } : { ms: limitMs, name: null }
}
