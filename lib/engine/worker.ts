import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Message, Question } from './pool.ts'
import type { Run } from './runner.ts'
import { openSession } from './session.ts'

/** A thread of the pool: loads its session, says so, then answers batches until it is told to close. */
// On Linux a thread has a priority of its own: with cores as busy as the queue keeps them, the event loop goes first.
if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

const session = await openSession(workerData)
const port = parentPort
/** The batches in progress: the model blocks this thread, but while a picture is decoded the next batch can begin. */
const runs = new Set<Promise<Run>>()

say({ loaded: { signature: session.signature, batches: session.batches, stacks: session.stacks } })
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
    // An input that is to be encoded in another way goes back with its bytes.
    const moved = outcomes.flatMap(outcome => 'again' in outcome ? outcome.again.transfer : [])
    say({ id: question.id, outcomes, ...times }, moved)
  } catch (error) {
    // A thread that ends while a picture is decoded takes the process with it.
    await Promise.allSettled(runs)
    throw error
  } finally {
    runs.delete(run)
  }
})

function say (message: Message, moved: ArrayBuffer[] = []): void {
  port?.postMessage(message, moved)
}
