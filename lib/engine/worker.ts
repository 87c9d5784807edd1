import { parentPort, workerData } from 'node:worker_threads'
import { openSession, type Row } from './session.ts'

/** A thread of the pool: loads its session, says so, then answers one batch at a time until it is told to close. */
const session = await openSession(workerData)
const port = parentPort
port?.postMessage({ batches: session.batches })
port?.on('message', async (rows: Row[] | 'close') => {
  if (rows !== 'close') {
    port.postMessage(await session.run(rows))
    return
  }
  await session.release()
  port.close()
})
