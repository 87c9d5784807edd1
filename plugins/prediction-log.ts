import { once } from 'node:events'
import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import fp from 'fastify-plugin'
import { pino } from 'pino'
import type { Config } from '../lib/config.ts'
import { ConfigInvalid } from '../lib/errors.ts'
import type { Predictions } from '../lib/output/prediction.ts'
import { nextTurn } from '../lib/turn.ts'
import { answerFields, indexOf, type PredictionLine } from '../wire/log-lines.ts'

/** A question with its answers, over HTTP or over another protocol. */
export interface Answered {
  /** Id of the request. */
  reqId: string
  /** Name of the API key. */
  client: string | null
  predictions: Predictions
  durationMs: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Records what came over another protocol than HTTP. Requests of HTTP are recorded without it. */
    logPredictions: (answered: Answered) => void
  }
}

/** How many bytes may wait for the disk. Further lines are dropped, so that a full disk does not fill the memory. */
const WAITING_LIMIT_BYTES = 1024 * 1024

/** Shortest time between two log lines about a file that cannot be written. */
const COMPLAINT_INTERVAL_MS = 60_000

/** How many lines to write in one turn of the event loop. That takes about 3 milliseconds. */
const LINES_PER_TURN = 1024

/** Writes a sample of the predictions to a file, one line of JSON each: to detect drift, or to label for training. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { PREDICTION_LOG: dest, PREDICTION_LOG_SAMPLE: share } = config
  if (dest === undefined) {
    app.decorate('logPredictions', () => {})
    return
  }
  const { card } = app.model
  // Many lines are written at once and in the background, so that a prediction never waits for the disk.
  const file = pino.destination({ dest: open(dest), sync: false, minLength: 8 * 1024, maxLength: WAITING_LIMIT_BYTES, periodicFlush: 1000 })
  let dropped = 0
  let complained = -Infinity
  file.on('drop', () => { dropped++ })
  file.on('error', error => {
    if (performance.now() - complained < COMPLAINT_INTERVAL_MS) return
    complained = performance.now()
    app.log.error({ err: error, dropped }, 'The prediction log cannot be written')
  })

  const writing = new Set<Promise<void>>()
  app.decorate('logPredictions', answered => {
    const lines = write(answered)
    writing.add(lines)
    lines.finally(() => writing.delete(lines))
  })
  app.addHook('onResponse', ({ id: reqId, client, predictions }, { elapsedTime: durationMs }, done) => {
    if (predictions) app.logPredictions({ reqId, client, predictions, durationMs })
    done()
  })

  /** Writes a line for each input: many lines in pieces, so that the event loop stays free. */
  async function write ({ reqId, client, predictions, durationMs }: Answered): Promise<void> {
    const time = new Date().toISOString()
    let isFull = false
    let input = -1
    for (const prediction of predictions) {
      input++
      if (input > 0 && input % LINES_PER_TURN === 0) {
        // Too many lines at once would be dropped. A disk that fails loses them in any case.
        if (isFull) await once(file, 'drain').catch(() => {})
        await nextTurn()
      }
      if (Math.random() >= share) continue
      const index = indexOf(prediction)
      const line: PredictionLine = {
        time,
        reqId,
        ...client !== null && { client },
        input,
        model: card.name,
        version: card.version,
        ...answerFields(prediction),
        ...index !== undefined && { index },
        durationMs: Math.round(durationMs * 10) / 10
      }
      isFull = !file.write(`${JSON.stringify(line)}\n`)
    }
  }

  app.addHook('onClose', async () => {
    await Promise.all(writing)
    // With a full disk the file emits an error and never closes.
    await new Promise<void>(resolve => { file.once('close', () => resolve()).once('error', () => resolve()).end() })
    file.destroy()
  })
}, { name: 'prediction-log', dependencies: ['logging', 'keys', 'model'] })

/** Opens a file to append to, before the port opens. If the first line opened it, a failure would end the service. */
function open (path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a')
  } catch (error) {
    throw new ConfigInvalid(`PREDICTION_LOG=${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}
