import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Row } from '../input/tensor.ts'
import type { Run } from './runner.ts'
import { openSession } from './session.ts'

/** A thread of the pool: loads its session, says so, then answers one batch at a time until it is told to close. */
// On Linux a thread has a priority of its own: with cores as busy as the queue keeps them, the event loop goes first.
if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

const session = await openSession(workerData)
const port = parentPort
let run: Promise<void> = Promise.resolve()
port?.postMessage({ batches: session.batches })
port?.on('message', async (rows: Row[] | 'close') => {
  if (rows === 'close') {
    await run
    await session.release()
    port.close()
  } else {
    const started = performance.now()
    run = session.run(rows).then(outcomes => port.postMessage({ outcomes, duration: performance.now() - started } satisfies Run))
  }
})
