import { status, type handleServerStreamingCall, type handleUnaryCall, type MethodDefinition, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Call, Calls, Method } from './calls.ts'

/** A method that answers one message with one message. */
export interface Unary extends Method {
  answer: (message: Uint8Array, call: Call) => Uint8Array | Promise<Uint8Array>
}

/** A method that answers one message with many. It sends until the client goes, or until `end` is called. */
export interface Endless extends Method {
  isEndless: true
  stream: (message: Uint8Array, reply: { send: (message: Uint8Array) => void, end: (reason: string) => void, onGone: (stop: () => void) => void }) => void
}

/**
 * Makes a service for grpc-js. Its messages are bytes, so that the handlers decode them, in pieces if they are large.
 *
 * @param name full name of the service, such as `grpc.health.v1.Health`
 */
export function serviceOf (name: string, methods: Record<string, Unary | Endless>, calls: Calls): { definition: ServiceDefinition, implementation: UntypedServiceImplementation } {
  const entries = Object.entries(methods)
  return {
    definition: Object.fromEntries(entries.map(([method, { isEndless = false }]) => [method, definitionOf(`/${name}/${method}`, isEndless)])),
    implementation: Object.fromEntries(entries.map(([method, handler]) => [method, 'answer' in handler ? unary(handler, calls) : endless(handler, calls)]))
  }
}

function definitionOf (path: string, isEndless: boolean): MethodDefinition<Buffer, Uint8Array> {
  return {
    path,
    requestStream: false,
    responseStream: isEndless,
    requestSerialize: bytes => bytes,
    requestDeserialize: bytes => bytes,
    responseSerialize: ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength),
    responseDeserialize: bytes => bytes
  }
}

function unary ({ answer }: Unary, calls: Calls): handleUnaryCall<Buffer, Uint8Array> {
  return ({ request, metadata }, reply) => {
    const call = calls.of(metadata)
    const answered = async () => await answer(bytesOf(request), call)
    answered().then(bytes => { reply(null, bytes) }, (error: unknown) => { reply(calls.fail(call, error)) })
  }
}

function endless ({ stream }: Endless, calls: Calls): handleServerStreamingCall<Buffer, Uint8Array> {
  return writable => {
    const call = calls.of(writable.metadata)
    const end = (failure: { code: status, details: string }) => { writable.emit('error', failure) }
    try {
      stream(bytesOf(writable.request), {
        send: message => { writable.write(message) },
        end: details => end({ code: status.UNAVAILABLE, details }),
        onGone: call.onGone
      })
    } catch (error) {
      end(calls.fail(call, error))
    }
  }
}

/** Not Buffer's own kind, whose slices share memory. */
function bytesOf ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
