import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Message, Question } from './pool.ts'
import type { Run } from './runner.ts'
import { openSession } from './session.ts'

/** A worker of the pool: loads the model, reports it, then runs batches until the message `close`. */

// On Linux, a thread has its own priority. The lower priority of the workers keeps the event loop responsive on busy cores.
if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

const session = await openSession(workerData)
const port = parentPort
/** Batches in progress. Two batches overlap only while libvips decodes pictures, because the model blocks this thread. */
const runs = new Set<Promise<Run>>()

send({ loaded: { signature: session.signature, batches: session.batches, stacks: session.stacks } })
port?.on('message', async (question: Question) => {
  if (question === 'close') {
    await Promise.allSettled(runs)
    await session.release()
    port.close()
    return
  }
  const run = session.run(question.contents)
  runs.add(run)
  try {
    const { outcomes, ...times } = await run
    // The bytes of an input that needs another decoder move back to the main thread.
    const transfer = outcomes.flatMap(outcome => 'again' in outcome ? outcome.again.transfer : [])
    send({ id: question.id, outcomes, ...times }, transfer)
  } catch (error) {
    // Ending this thread while libvips decodes a picture would abort the whole process.
    await Promise.allSettled(runs)
    throw error
  } finally {
    runs.delete(run)
  }
})

function send (message: Message, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}
