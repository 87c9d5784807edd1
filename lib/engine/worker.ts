import os from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Message, Question } from './pool.ts'
import { release } from '../release.ts'
import type { Content } from '../modalities/modality.ts'
import type { Tensors } from '../tensor.ts'
import type { Outcome, Run } from './runner.ts'
import { openSession } from './session.ts'

/** A worker of the pool: loads the model, reports it, then runs batches until the message `close`. */

// On Linux, a thread has its own priority. The lower priority of the workers keeps the event loop responsive on busy cores.
if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

/** Memory of an output that moves. To copy less is cheaper. */
const MOVE_MIN_BYTES = 4096

const port = parentPort
/** Batches in progress. Two batches overlap only while libvips decodes pictures, because the model blocks this thread. */
const runs = new Set<Promise<Run>>()

void serve()

/** Loads the model, and answers until the message `close`. What fails ends this thread, and the pool hears of it. */
async function serve (): Promise<void> {
  const session = await openSession(workerData)
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
      send({ id: question.id, outcomes, ...times }, movable(outcomes))
      free(question.contents)
    } catch (error) {
      // Ending this thread while libvips decodes a picture would abort the whole process.
      await Promise.allSettled(runs)
      throw error
    } finally {
      runs.delete(run)
    }
  })
}

/** The memory that moves to the main thread: bytes of an input that needs another decoder, and large outputs. */
function movable (outcomes: Outcome[]): ArrayBuffer[] {
  const encoded = outcomes.flatMap(outcome => 'again' in outcome ? outcome.again.transfer : [])
  const outputs = memoryOf(outcomes.flatMap(outcome => 'outputs' in outcome ? [outcome.outputs] : []))
  return [...encoded, ...outputs.filter(({ byteLength }) => byteLength >= MOVE_MIN_BYTES)]
}

/** Frees tensors that came to this thread, and belong to it alone. Garbage collection does not hurry for such memory. */
function free (contents: Content[]): void {
  for (const buffer of memoryOf(contents.flatMap(content => 'feeds' in content ? [content.feeds] : []))) release(buffer)
}

/** The memory of tensors, which may share it. */
function memoryOf (all: Tensors[]): ArrayBuffer[] {
  const buffers = all.flatMap(tensors => Object.values(tensors)).map(({ data }) => Array.isArray(data) ? null : data.buffer)
  return [...new Set(buffers)].filter(buffer => buffer instanceof ArrayBuffer)
}

function send (message: Message, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}
