import { mkdirSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** Longest time for one case. Cases take milliseconds; the largest take a second. */
const CASE_TIMEOUT_MS = 120_000

/** What the watchdog is told before each case; null: no case is under way. */
export type Watched = { name: string, file: string, bytes: Uint8Array, replay: string } | null

/** Starts a thread that ends the process when a case hangs, because a thread that hangs in a loop can do nothing itself. */
export function startWatchdog (): { watch: (watched: Watched) => void, stop: () => Promise<void> } {
  const worker = new Worker(new URL(import.meta.url))
  return { watch: watched => worker.postMessage(watched), stop: async () => { await worker.terminate() } }
}

if (!isMainThread && parentPort) {
  let timer: NodeJS.Timeout | undefined
  parentPort.on('message', (watched: Watched) => {
    clearTimeout(timer)
    if (!watched) return
    timer = setTimeout(() => {
      const { name, file, bytes, replay } = watched
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
      writeSync(2, `FAILED: ${name}: a case has no result after ${CASE_TIMEOUT_MS / 1000} seconds\n  its bytes: ${file}\n  replay: ${replay}\n`)
      process.kill(process.pid, 'SIGKILL')
    }, CASE_TIMEOUT_MS)
  })
}
