import fp from 'fastify-plugin'
import type { Classifier } from '../lib/classifier.ts'
import type { Config } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { fetchMissingModel, modelFolder } from '../lib/sources/locate.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The one model this process serves: loaded and warm before the port opens. */
    model: Classifier
  }
}

/** Milliseconds between two lines about a download. */
const PROGRESS_INTERVAL_MS = 1000

export interface ModelPluginOptions {
  config: Config
  /** Called when so many workers died in a row that the service cannot go on. */
  onFatal?: (error: Error) => void
}

export default fp<ModelPluginOptions>(async (app, { config, onFatal }) => {
  const started = performance.now()
  app.log.info({ folder: modelFolder(config) }, 'Loading model for the first time')
  let told = started
  await fetchMissingModel(config, (file, received, total) => {
    if (performance.now() - told < PROGRESS_INTERVAL_MS) return
    told = performance.now()
    app.log.info({ file, received, total }, 'Fetching the model')
  })
  const model = await loadClassifier(config)
  const { card } = model
  app.log.info({
    model: card.name,
    version: card.version,
    ...model.status().layout,
    durationMs: Math.round(performance.now() - started)
  }, 'Model loaded and warm')

  model.events.on('death', (error, isFatal) => {
    app.log.error({ err: error }, isFatal ? 'Workers keep dying; giving up' : 'A worker died and is being replaced')
    if (isFatal) onFatal?.(error)
  })
  app.decorate('model', model)
  app.addHook('onClose', async () => { await model.close() })
}, { name: 'model' })
