import fp from 'fastify-plugin'
import type { Classifier } from '../lib/classifier.ts'
import type { Config } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import type { OnProgress } from '../lib/sources/download.ts'
import { fetchMissingModel, modelPath } from '../lib/sources/locate.ts'
import { summaryOf } from '../lib/summary.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The one model that this process serves. It is loaded and warm before the port opens. */
    model: Classifier
  }
}

/** How often the progress of a download is logged. */
const PROGRESS_INTERVAL_MS = 1000

export interface ModelPluginOptions {
  config: Config
  /** Called when so many workers died in a row that the service cannot go on. */
  onFatal?: (error: Error) => void
  /** Shows how the model is fetched. Without it, that is logged. */
  onProgress?: OnProgress
}

/** Fetches the model if its folder is empty, loads it, and decorates the app with it. */
export default fp<ModelPluginOptions>(async (app, { config, onFatal, onProgress }) => {
  const started = performance.now()
  app.log.info({ path: modelPath(config) }, 'Loading model for the first time')
  let logged = started
  await fetchMissingModel(config, {
    onProgress: onProgress ?? ((file, received, total) => {
      if (performance.now() - logged < PROGRESS_INTERVAL_MS) return
      logged = performance.now()
      app.log.info({ file, received, total }, 'Fetching the model')
    }),
    onWarning: warning => { app.log.warn(warning) }
  })
  const model = await loadClassifier(config)
  const { card, sources, assumptions } = model
  app.log.info({
    model: card.name,
    version: card.version,
    ...summaryOf(card),
    sources,
    assumptions,
    ...model.status().layout,
    durationMs: Math.round(performance.now() - started)
  }, 'Model loaded and warm')

  model.events.on('death', (error, isFatal) => {
    app.log.error({ err: error }, isFatal ? 'Workers keep dying; the service gives up' : 'A worker died and is being replaced')
    if (isFatal) onFatal?.(error)
  })
  app.decorate('model', model)
  app.addHook('onClose', async () => { await model.close() })
}, { name: 'model' })
