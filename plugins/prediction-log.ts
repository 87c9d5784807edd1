import fp from 'fastify-plugin'
import { pino } from 'pino'
import type { Config } from '../lib/config.ts'
import type { PredictionLine } from '../lib/log-schema.ts'

/** A sample of the predictions, a line of JSON each, in a file of its own: to look for drift, or to label and learn from. */
export default fp<{ config: Config }>(async (app, { config }) => {
  const { PREDICTION_LOG: dest, PREDICTION_LOG_SAMPLE: share } = config
  if (dest === undefined) return
  const { card } = app.model
  // Lines are written together, so that a prediction never waits for the disk.
  const file = pino.destination({ dest, append: true, mkdir: true, sync: false, minLength: 8 * 1024, periodicFlush: 1000 })
  file.on('error', error => app.log.error({ err: error }, 'The prediction log cannot be written'))

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
    await new Promise<void>(resolve => { file.once('close', resolve).end() })
  })
}, { name: 'prediction-log', dependencies: ['logging', 'keys', 'model'] })
