import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import fp from 'fastify-plugin'
import { pino } from 'pino'
import type { Config } from '../lib/config.ts'
import { ConfigInvalid } from '../lib/errors.ts'
import type { PredictionLine } from '../wire/log-lines.ts'

/** Bytes that wait for the disk at most; what does not fit is dropped, so that a full disk does not fill the memory. */
const WAITING_LIMIT = 1024 * 1024

/** Milliseconds between two complaints about the file. */
const COMPLAINT = 60_000

/** A sample of the predictions, a line of JSON each, in a file of its own: to look for drift, or to label and learn from. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { PREDICTION_LOG: dest, PREDICTION_LOG_SAMPLE: share } = config
  if (dest === undefined) return
  const { card } = app.model
  // Lines are written together, so that a prediction never waits for the disk.
  const file = pino.destination({ dest: open(dest), sync: false, minLength: 8 * 1024, maxLength: WAITING_LIMIT, periodicFlush: 1000 })
  let dropped = 0
  let complained = -Infinity
  file.on('drop', () => { dropped++ })
  file.on('error', error => {
    if (performance.now() - complained < COMPLAINT) return
    complained = performance.now()
    app.log.error({ err: error, dropped }, 'The prediction log cannot be written')
  })

  app.addHook('onResponse', (request, reply, done) => {
    const time = new Date().toISOString()
    const durationMs = Math.round(reply.elapsedTime * 10) / 10
    request.rankings?.forEach(([first], input) => {
      if (!first || Math.random() >= share) return
      const line: PredictionLine = {
        time,
        reqId: request.id,
        ...request.client !== null && { client: request.client },
        input,
        model: card.name,
        version: card.version,
        label: first.label,
        confidence: first.probability,
        index: first.index,
        durationMs
      }
      file.write(`${JSON.stringify(line)}\n`)
    })
    done()
  })
  app.addHook('onClose', async () => {
    // A disk that is full never lets it close.
    await new Promise<void>(resolve => { file.once('close', () => resolve()).once('error', () => resolve()).end() })
    file.destroy()
  })
}, { name: 'prediction-log', dependencies: ['logging', 'keys', 'model'] })

/** Opens a file to add to it, before the port opens: left to the first line, a failure would end the process later. */
function open (path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a')
  } catch (error) {
    throw new ConfigInvalid(`PREDICTION_LOG=${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}
