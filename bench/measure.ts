import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import { projectFile } from '../lib/project.ts'
import { closedLoop } from './closed-loop.ts'
import { openLoop } from './open-loop.ts'
import type { Probe } from './probe.ts'
import { wireBytes, type HttpRequest } from './request.ts'
import { median, quantile } from './statistics.ts'
import { hasWrk, wrkLoad } from './wrk.ts'

const run = promisify(execFile)

/** An answer after this time is too late. It is Servery's default deadline. */
const DEADLINE_MS = 10_000

/** A client of a closed load gives a request up after this time. */
const TIMEOUT_SECONDS = 30

/** Clients that send large photos while another client sends a small one. */
export const LARGE_CLIENTS = 12

/** What a closed load got. */
export interface Load {
  /** Answered requests a second. */
  rate: number
  answers: number
  errors: number
  /** Milliseconds. */
  p50: number
  p99: number
}

/** What makes a closed load here. autocannon takes a large part of two cores, which flattens every ratio. */
export const LOAD_GENERATOR = hasWrk ? 'wrk' : 'autocannon'

/** A closed load: each connection sends its next request when it has its answer. It comes from wrk where there is one. */
export async function closedLoad (url: string, request: HttpRequest, connections: number, seconds: number): Promise<Load> {
  if (hasWrk) return await wrkLoad(url, request, connections, seconds, TIMEOUT_SECONDS)
  const { path, method, headers, body } = request
  const { '2xx': answers, duration, latency: { p50, p99 }, errors, timeouts, non2xx } = await autocannon({
    url: url + path, method, headers, body, connections, duration: seconds, timeout: TIMEOUT_SECONDS
  })
  return { rate: answers / duration, answers, errors: errors + timeouts + non2xx, p50, p99 }
}

/** A closed load of large answers. Without wrk, it comes from plain sockets. */
export async function largeAnswersLoad (url: string, request: HttpRequest, connections: number, seconds: number): Promise<Load> {
  if (hasWrk) return await closedLoad(url, request, connections, seconds)
  const { times, failed, elapsedSeconds } = await closedLoop({ port: Number(new URL(url).port), request: wireBytes(request), connections, seconds })
  return { rate: times.length / elapsedSeconds, answers: times.length, errors: failed, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** An open load: requests come at a rate, whether or not the earlier ones are answered. The results are per second. */
export async function openLoad (url: string, request: HttpRequest, rate: number, seconds: number): Promise<{ answered: number, refused: number, failed: number, p99: number }> {
  const { sent, times, within, refusals, elapsedSeconds } = await openLoop({
    port: Number(new URL(url).port), request: wireBytes(request), rate, seconds, patienceMs: DEADLINE_MS
  })
  return {
    answered: within / elapsedSeconds,
    refused: refusals.length / elapsedSeconds,
    failed: (sent - times.length - refusals.length) / elapsedSeconds,
    p99: quantile(times, 0.99)
  }
}

/** Probes a URL for some seconds from a process of its own. */
export async function probe (url: string, seconds: number): Promise<Probe> {
  const { stdout } = await run(process.execPath, [projectFile('dist/bench/probe.js'), url, String(Date.now() + seconds * 1000)])
  return JSON.parse(stdout)
}

/** Medians in milliseconds of a small photo alone, of a small one beside large ones, and of these. */
export async function fairness (url: string, small: HttpRequest, large: HttpRequest, seconds: number): Promise<{ alone: number, beside: number, large: number, failed: number }> {
  let failed = 0
  const ask = async ({ path, method, headers, body }: HttpRequest): Promise<number[]> => {
    const started = performance.now()
    const isOk = await fetch(url + path, { method, headers, body: new Uint8Array(body), signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) })
      .then(async response => { await response.arrayBuffer(); return response.ok }, () => false)
    if (!isOk) failed++
    return isOk ? [performance.now() - started] : []
  }
  const repeat = async (request: HttpRequest, times: number[] = []): Promise<number[]> => {
    const end = performance.now() + seconds * 1000
    do times.push(...await ask(request)); while (performance.now() < end)
    return times
  }
  const alone = median(await repeat(small))
  const [beside, ...others] = await Promise.all([repeat(small), ...Array.from({ length: LARGE_CLIENTS }, () => repeat(large))])
  return { alone, beside: median(beside), large: median(others.flat()), failed }
}
