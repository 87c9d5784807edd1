import { constants, type ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { Metadata, ServerInterceptingCall, type ServerInterceptor, type ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { FastifyError } from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../../lib/config.ts'
import { BodyTooComplex, BodyTooLarge, ClientGone, DeadlinePassed, InternalError, NotReady, Overloaded, QueueFull, RequestTooSlow } from '../../../lib/errors.ts'
import type { Predictions } from '../../../lib/output/prediction.ts'
import { requestIdOf } from '../../../wire/log-lines.ts'
import { failureOf, httpStatusOf, type Failure } from './status.ts'

/** The value of the label `dialect` of the metrics. */
const DIALECT = 'grpc'

/** How long the message of a call may take to arrive, as long as a request of HTTP. */
const ARRIVAL_LIMIT_MS = 60_000

/** How long a client may take to read the whole answer. */
const SEND_LIMIT_MS = 60_000

/** How much earlier than here the deadline of a call may pass where its client is. */
const CLOCK_TOLERANCE_MS = 20

/** How often all calls are looked at. */
const SWEEP_INTERVAL_MS = 100

/** How many bytes the messages of all calls may take together. Above it, large ones are refused. */
const MESSAGES_LIMIT_BYTES = 256 * 1024 * 1024

/** A message of at most this size is accepted even then, so that large ones do not keep small ones out. */
const SMALL_MESSAGE_BYTES = 1024 * 1024

/** Largest message of a method that takes no tensors. */
const PLAIN_MESSAGE_LIMIT_BYTES = 64 * 1024

/** What a piece of a message takes in memory besides its bytes. A frame of HTTP/2 may hold a single byte. */
const PIECE_WEIGHT_BYTES = 256

/** How many bytes the pieces of a message may take besides its own, before they count as an attack. */
const PIECES_LIMIT_BYTES = 4 * 1024 * 1024

/** A flag, which says that the message is compressed, and its length as a uint32. */
const PREFIX_BYTES = 5

/** How many times as long as its compressed bytes a message may be: DEFLATE packs 1032 bytes into one. */
const UNPACKED_SHARE = 1032

/** How long the largest Retry-After is. */
const RETRY_LIMIT_SECONDS = 60

/** What the plugin knows of a method. */
export interface Method {
  /** Whether the method asks the model. Keys, rate limits and overload are for these alone. */
  asks: boolean
  /** Whether the calls are logged at level debug. */
  quiet: boolean
  /** Whether a call has no end of its own. */
  isEndless?: boolean
}

/** A call, from its headers to the end of its answer. */
export interface Call {
  /** The client's `x-request-id`, or one made up. */
  id: string
  /** When the client wants its answer, in milliseconds since 1970; Infinity if it did not say. */
  readonly deadline: number
  client: string | null
  predictions: Predictions | null
  readonly timing: FastifyRequest['timing']
  /** Calls `stop` if the client leaves before it has its answer. */
  onGone: (stop: () => void) => void
}

/** What is behind a call. */
interface Entry {
  call: Call
  path: string
  method: Method
  base: ServerInterceptingCallInterface
  stream: ServerHttp2Stream
  address: string
  startedMs: number
  /** Status of HTTP, if the service itself answered. */
  statusCode: number | undefined
  /** Whether the message has arrived. */
  isComplete: boolean
  /** When the answer was given to HTTP/2; null before. */
  answeredMs: number | null
  receivedBytes: number
  pieces: number
  isCompressed: boolean
  /** What the message takes in memory. */
  weightBytes: number
  /** Whether the call is over: it is answered, or the client has gone. */
  isOver: boolean
  stops: Array<() => void>
}

/** All calls of a server. */
export interface Calls {
  /** Decides on each call before its message is read, and watches it until its end. */
  interceptor: ServerInterceptor
  /** The call that came with this metadata. */
  of: (metadata: Metadata) => Call
  /** The status for an error of a handler. Logs it if it is the service's own fault. */
  fail: (call: Call, thrown: unknown) => Failure
  /** Refuses all calls whose message is still arriving. */
  refuseArriving: () => void
  /** Number of calls that have not ended. */
  readonly size: number
  /** Stops looking at calls. */
  close: () => void
}

/**
 * Watches the calls of a gRPC server: lets them in, limits their memory and their time, counts and logs them.
 *
 * @param methods what is known of each method, by its path
 */
export function watchCalls (app: FastifyInstance, config: Config, methods: ReadonlyMap<string, Method>): Calls {
  const entries = new Map<Call, Entry>()
  const byMetadata = new WeakMap<Metadata, Call>()
  let weightBytes = 0

  const interceptor: ServerInterceptor = ({ path }, base) => {
    const entry = open(path, base)
    return new ServerInterceptingCall(base, {
      start: next => {
        next({
          onReceiveMetadata: (metadata, next) => {
            const { call } = entry
            byMetadata.set(metadata, call)
            call.id = requestIdOf(metadata.get('x-request-id')[0])
            try {
              if (entry.method.asks) call.client = admit(metadata, entry)
              next(metadata)
            } catch (error) {
              refuse(entry, error)
            }
          },
          onReceiveMessage: (message: Uint8Array, next) => {
            weigh(entry, message.length)
            next(message)
          },
          onReceiveHalfClose: next => {
            entry.isComplete = true
            if (entry.method.asks) entry.call.timing.receive = performance.now() - entry.startedMs
            next()
          },
          onCancel: () => {
            entry.isOver = true
            if (entry.answeredMs === null) for (const stop of entry.stops) stop()
          }
        })
      },
      sendStatus: (status, next) => {
        entry.answeredMs ??= performance.now()
        next(status)
      },
      sendMessage: (message: Uint8Array, next) => {
        if (!entry.method.isEndless) entry.answeredMs ??= performance.now()
        // The message that came is needed no more.
        weigh(entry, message.length)
        next(message)
      }
    })
  }

  function open (path: string, base: ServerInterceptingCallInterface): Entry {
    const stream = streamOf(base)
    const method = methods.get(path) ?? { asks: false, quiet: false }
    const call: Call = {
      id: '',
      deadline: Number(base.getDeadline()),
      client: null,
      predictions: null,
      timing: {},
      onGone: stop => {
        if (entry.isOver) stop()
        else entry.stops.push(stop)
      }
    }
    const entry: Entry = {
      call,
      path,
      method,
      base,
      stream,
      address: base.getConnectionInfo().remoteAddress ?? 'unknown',
      startedMs: performance.now(),
      statusCode: undefined,
      isComplete: false,
      answeredMs: null,
      receivedBytes: 0,
      pieces: 0,
      isCompressed: false,
      weightBytes: 0,
      isOver: false,
      stops: []
    }
    entries.set(call, entry)
    // Before grpc-js takes the piece.
    stream.prependListener('data', (piece: Buffer) => arrive(entry, piece))
    stream.once('close', () => end(entry))
    return entry
  }

  /** Decides whether to let a question in. @returns the name of its API key */
  function admit (metadata: Metadata, { address }: Entry): string | null {
    const [authorization] = metadata.get('authorization')
    const [key] = metadata.get('x-api-key')
    const client = app.authorize({ headers: { authorization: authorization?.toString(), 'x-api-key': key?.toString() }, address })
    if (app.isLate()) throw new Overloaded()
    if (!app.model.accepts('normal')) throw new QueueFull(app.model.status().admitted)
    return client
  }

  /** Weighs a piece of a message before grpc-js takes it. */
  function arrive (entry: Entry, piece: Buffer): void {
    const isFirst = entry.receivedBytes === 0
    entry.receivedBytes += piece.length
    entry.pieces++
    if (isFirst) {
      // Where the prefix itself comes in pieces, grpc-js checks the length, and the message counts as compressed.
      entry.isCompressed = piece.length < PREFIX_BYTES || piece[0] !== 0
      const announced = piece.length < PREFIX_BYTES ? 0 : piece.readUInt32BE(1)
      if (announced > config.UPLOAD_LIMIT) return refuse(entry, new BodyTooLarge(config.UPLOAD_LIMIT))
      if (weightBytes > MESSAGES_LIMIT_BYTES && announced > SMALL_MESSAGE_BYTES) return refuse(entry, new Overloaded())
    }
    const limit = entry.method.asks ? config.UPLOAD_LIMIT : PLAIN_MESSAGE_LIMIT_BYTES
    if (entry.receivedBytes > limit + PREFIX_BYTES) {
      return refuse(entry, entry.method.asks ? new BodyTooLarge(limit) : new BodyTooComplex(`${limit} bytes for a call of ${entry.path}`))
    }
    const piecesBytes = entry.pieces * PIECE_WEIGHT_BYTES
    if (piecesBytes > PIECES_LIMIT_BYTES + entry.receivedBytes) return refuse(entry, new BodyTooComplex('its frames hold only few bytes each'))
    const unpackedBytes = entry.isCompressed ? Math.min(entry.receivedBytes * UNPACKED_SHARE, limit) : 0
    weigh(entry, entry.receivedBytes + piecesBytes + unpackedBytes)
  }

  function weigh (entry: Entry, bytes: number): void {
    if (!entries.has(entry.call)) return
    weightBytes += bytes - entry.weightBytes
    entry.weightBytes = bytes
  }

  /** Answers an error without reading the message. */
  function refuse (entry: Entry, thrown: unknown): void {
    const failure = fail(entry.call, thrown)
    entry.answeredMs ??= performance.now()
    entry.base.sendStatus(failure)
    // The client need not send the rest. See https://www.rfc-editor.org/rfc/rfc9113#section-8.1
    setImmediate(() => { if (!entry.stream.destroyed && !entry.stream.readableEnded) entry.stream.close(constants.NGHTTP2_NO_ERROR) })
  }

  function fail (call: Call, thrown: unknown): Failure {
    const error = thrown instanceof ClientGone && isLate(call) ? new DeadlinePassed(config.DEADLINE_MS) : isOwn(thrown) ? thrown : new InternalError()
    if (error.statusCode === 500) app.log.error({ reqId: call.id, err: thrown }, 'request failed')
    app.metrics.reject(error, DIALECT)
    const entry = entries.get(call)
    if (entry) entry.statusCode ??= error.statusCode
    const seconds = error.statusCode === 503 ? Math.min(RETRY_LIMIT_SECONDS, Math.max(1, Math.ceil(app.model.status().drainSeconds))) : undefined
    const failure = failureOf(error, seconds)
    failure.metadata.set('x-request-id', call.id)
    return failure
  }

  /** The stream has closed: the answer is sent, or the client has gone. */
  function end (entry: Entry): void {
    const { call, path, method, stream, address } = entry
    weigh(entry, 0)
    entries.delete(call)
    entry.isOver = true
    const sent = stream.sentTrailers?.['grpc-status'] ?? stream.sentHeaders?.['grpc-status']
    // The handler, if there is one already, gets the same error.
    if (sent === undefined && method.asks && !entry.isComplete) app.metrics.reject(new ClientGone(), DIALECT)
    const isOk = sent === undefined ? method.isEndless : Number(sent) === 0
    const statusCode = isOk ? 200 : sent === undefined ? isLate(call) ? 504 : undefined : mistakeOf(entry.statusCode) ?? httpStatusOf(Number(sent))
    const durationMs = performance.now() - entry.startedMs
    const predictions = isOk ? call.predictions : null
    if (predictions && entry.answeredMs !== null) call.timing.send = performance.now() - entry.answeredMs
    app.metrics.observe({ method: 'POST', route: path, status: statusCode ?? 499, dialect: DIALECT, durationMs, predictions, timing: call.timing })
    app.logAccess(app.log.child({ reqId: call.id }), { method: 'POST', path, statusCode, durationMs, address, client: call.client, predictions, quiet: method.quiet })
    if (predictions) app.logPredictions({ reqId: call.id, client: call.client, predictions, durationMs })
  }

  const sweep = setInterval(() => {
    const now = performance.now()
    for (const entry of entries.values()) {
      if (entry.answeredMs !== null) {
        if (now - entry.answeredMs > SEND_LIMIT_MS) entry.stream.destroy()
      } else if (!entry.isComplete && now - entry.startedMs > ARRIVAL_LIMIT_MS) refuse(entry, new RequestTooSlow())
    }
    if (weightBytes <= MESSAGES_LIMIT_BYTES + config.UPLOAD_LIMIT) return
    const arriving = [...entries.values()].filter(({ isComplete, answeredMs }) => !isComplete && answeredMs === null)
    for (const entry of arriving.sort((a, b) => b.weightBytes - a.weightBytes)) {
      if (weightBytes <= MESSAGES_LIMIT_BYTES) return
      refuse(entry, new Overloaded())
      weigh(entry, 0)
    }
  }, SWEEP_INTERVAL_MS).unref()

  return {
    interceptor,
    of: metadata => {
      const call = byMetadata.get(metadata)
      if (!call) throw new Error('this metadata came with no call')
      return call
    },
    fail,
    refuseArriving: () => {
      for (const entry of entries.values()) {
        if (!entry.isComplete && entry.answeredMs === null) refuse(entry, new NotReady('the service is shutting down, and the request did not arrive in time; try again'))
      }
    },
    get size () { return entries.size },
    close: () => clearInterval(sweep)
  }
}

/** Whether a client has gone because its own deadline has passed. Its clock may be a little ahead. */
function isLate ({ deadline }: Call): boolean {
  return Date.now() >= deadline - CLOCK_TOLERANCE_MS
}

/** What REST answers for the same mistake: 400 also for what `/predict` refuses with 415 or 422. */
function mistakeOf (statusCode: number | undefined): number | undefined {
  return statusCode === 415 || statusCode === 422 ? 400 : statusCode
}

/** Whether an error is one of `lib/errors.ts`. */
function isOwn (thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('SRV_')
}

/**
 * The HTTP/2 stream of a call. grpc-js keeps it to itself, but tells nothing of a message before it is complete, and of
 * a call that it answers itself.
 */
function streamOf (base: ServerInterceptingCallInterface): ServerHttp2Stream {
  const stream: unknown = Reflect.get(base, 'stream')
  if (!isStream(stream)) throw new Error('this version of @grpc/grpc-js hides the stream of a call')
  return stream
}

function isStream (value: unknown): value is ServerHttp2Stream {
  return value instanceof Duplex && 'session' in value && 'sentHeaders' in value
}
