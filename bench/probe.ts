import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from './statistics.ts'

/**
 * Probes a URL until a time of `Date.now()`, and prints the durations as JSON. The probe has a process of its own: the
 * load generator's event loop would delay it.
 *
 *     node dist/bench/probe.js URL UNTIL
 */
export interface Probe {
  p99Ms: number
  longestMs: number
}

const PROBE_INTERVAL_MS = 20

/** The first requests load the client's own code. They do not count. */
const WARM_UP_REQUESTS = 10

const [url = '', until = ''] = process.argv.slice(2)

for (let count = 0; count < WARM_UP_REQUESTS; count++) await probe()
const durations = []
do {
  durations.push(await probe())
  await sleep(PROBE_INTERVAL_MS)
} while (Date.now() < Number(until))
process.stdout.write(JSON.stringify({ p99Ms: quantile(durations, 0.99), longestMs: Math.max(...durations) } satisfies Probe))

/** A probe that fails counts as long as it took. */
async function probe (): Promise<number> {
  const started = performance.now()
  await fetch(url).then(response => response.arrayBuffer(), () => {})
  return performance.now() - started
}
