import fp from 'fastify-plugin'
import type { Config } from '../lib/config.ts'
import { fetchMissingModel, loadModel, modelFolder, type Model } from '../lib/model/model.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The one model this process serves: loaded and warm before the port opens. */
    model: Model
  }
}

/** Milliseconds between two lines about a download. */
const PROGRESS = 1000

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
    if (performance.now() - told < PROGRESS) return
    told = performance.now()
    app.log.info({ file, received, total }, 'Fetching the model')
  })
  const model = await loadModel(config)
  const { card, engine: { runner, ...layout } } = model
  app.log.info({
    model: card.name,
    version: card.version,
    ...layout,
    durationMs: Math.round(performance.now() - started)
  }, 'Model loaded and warm')

  runner.onDeath = (error, fatal) => {
    app.log.error({ err: error }, fatal ? 'Workers keep dying; giving up' : 'A worker died and is being replaced')
    if (fatal) onFatal?.(error)
  }
  app.decorate('model', model)
  app.addHook('onClose', async () => { await model.close() })
}, { name: 'model' })
