import protobuf from 'protobufjs/minimal.js'
import { ServiceUnknown } from '../../../lib/errors.ts'
import { readTexts } from './messages.ts'
import { WIRE } from './protobuf.ts'
import type { Endless, Unary } from './service.ts'

/** Full name of the service. */
export const HEALTH = 'grpc.health.v1.Health'

/** How the status of a service is written. */
const STATUS = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const

/** How many characters of a name that a client sent a message quotes. */
const QUOTE_LIMIT = 60

/** How often the readiness is looked at for clients that watch it. */
const WATCH_INTERVAL_MS = 100

/**
 * The standard health check, for the probes of Kubernetes and for load balancers. The empty name means the whole server.
 *
 * @param services the known names
 * @param isReady whether they serve now
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function healthMethods (services: readonly string[], isReady: () => boolean): { methods: { Check: Unary, Watch: Endless }, endWatches: (reason: string) => void } {
  const watches = new Set<{ look: () => void, end: (reason: string) => void }>()
  const timer = setInterval(() => { for (const { look } of watches) look() }, WATCH_INTERVAL_MS).unref()
  const statusOf = (service: string): number => services.includes(service) ? isReady() ? STATUS.SERVING : STATUS.NOT_SERVING : STATUS.SERVICE_UNKNOWN
  const probe = { asks: false, quiet: true }
  return {
    methods: {
      Check: {
        ...probe,
        answer: message => {
          const service = serviceIn(message)
          const status = statusOf(service)
          if (status === STATUS.SERVICE_UNKNOWN) throw new ServiceUnknown(service.slice(0, QUOTE_LIMIT), services.filter(Boolean).join("', '"))
          return answerOf(status)
        }
      },
      Watch: {
        ...probe,
        isEndless: true,
        stream: (message, { send, end, onGone }) => {
          const service = serviceIn(message)
          let sent: number | null = null
          const watch = {
            look: () => {
              const status = statusOf(service)
              if (status === sent) return
              sent = status
              send(answerOf(status))
            },
            end
          }
          watches.add(watch)
          onGone(() => { watches.delete(watch) })
          watch.look()
        }
      }
    },
    endWatches: reason => {
      clearInterval(timer)
      for (const { look, end } of watches) {
        look()
        end(reason)
      }
    }
  }
}

function serviceIn (message: Uint8Array): string {
  return readTexts(message).get(1) ?? ''
}

function answerOf (status: number): Uint8Array {
  return protobuf.Writer.create().uint32(1 << 3 | WIRE.VARINT).uint32(status).finish()
}
