import { networkInterfaces } from 'node:os'
import type { PrettyOptions } from 'pino-pretty'
import type { Card } from './card/card.ts'
import type { Assumption } from './card/infer/source.ts'
import { summaryLines, withoutControls } from './summary.ts'

/** Addresses that stand for all of this machine. */
const ANY = new Set(['0.0.0.0', '::', ''])

/** Fields of the log that a terminal need not show: what is the same in all lines, and what the line of a request says in words. */
const IGNORED = ['pid', 'hostname', 'reqId', 'method', 'path', 'statusCode', 'aborted', 'durationMs', 'address', 'client', 'inputs', 'model', 'version', 'label', 'labels', 'confidence', 'value']

/** Where people open the service. */
export interface Addresses {
  /** On this machine. */
  here: string
  /** From other devices, such as a phone in the same network. */
  elsewhere: string[]
}

/**
 * The URLs to open a service that listens on a host and a port.
 *
 * @param interfaces those of this machine, for a host that stands for all of them
 */
export function addressesOf (host: string, port: number, interfaces = networkInterfaces()): Addresses {
  if (!ANY.has(host)) return { here: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, elsewhere: [] }
  const outside = Object.values(interfaces).flatMap(each => each ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal)
  return { here: `http://localhost:${port}`, elsewhere: outside.map(({ address }) => `http://${address}:${port}`) }
}

/** A model that is served, and how. */
export interface Served {
  card: Card
  sources: readonly string[]
  assumptions: readonly Assumption[]
  addresses: Addresses
}

/** What a terminal shows when the service is ready: what is served, and where to open it. */
export function readyLines ({ card, sources, assumptions, addresses: { here, elsewhere } }: Served): string[] {
  return [
    ...summaryLines(card, sources, assumptions),
    '',
    `Open ${here}`,
    ...elsewhere.length > 0 ? [`     ${elsewhere.join(' or ')} from other devices`] : [],
    'Stop with Ctrl-C'
  ]
}

/** How a terminal shows the log: a request in one line, other messages with their fields. */
export const PRETTY: PrettyOptions = {
  ignore: IGNORED.join(),
  translateTime: 'HH:MM:ss',
  singleLine: true,
  messageFormat: line => line['msg'] === 'request' ? requestLine(line) : String(line['msg'])
}

/** A request in words: what was asked, how it was answered, and in which time. */
export function requestLine (line: Record<string, unknown>): string {
  const { method, path, statusCode = 'the client left', durationMs, inputs, label, value, client } = line
  const answer = typeof inputs === 'number' && inputs > 1 ? `${inputs} inputs` : label ?? value
  return withoutControls([method, path, statusCode, `${String(durationMs)} ms`, answer, client].filter(part => part !== undefined).map(String).join('  '))
}
