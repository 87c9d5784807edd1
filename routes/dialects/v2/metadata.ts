import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NotReady, RequestInvalid } from '../../../lib/errors.ts'
import type { TSchema } from '../../../lib/typebox.ts'
import { sendJson } from '../../../wire/plain-json.ts'
import { checkReady } from '../../../wire/ready.ts'
import { modelConfig } from '../../../wire/open-inference/config.ts'
import { readIndexRequest } from '../../../wire/open-inference/index-request.ts'
import { modelMetadata, serverMetadata } from '../../../wire/open-inference/metadata.ts'
import { ConfigSchema, IndexBody, IndexSchema, inferenceErrors, modelParams, ModelSchema, ModelsSchema, ServerSchema, StatisticsSchema } from '../../../wire/open-inference/schemas.ts'
import { modelStatistics } from '../../../wire/open-inference/statistics.ts'

/** What the protocol tells about the service and its model. These routes ask nothing of the model. */
const metadata: FastifyPluginAsyncTypebox = async app => {
  const { model } = app
  const { card } = model
  const config = { dialect: 'v2' }
  const tags = ['Open Inference Protocol']

  const about: Array<{ path: string, summary: string, schema: TSchema, read: () => unknown }> = [
    { path: '/', summary: 'About the service', schema: ServerSchema, read: serverMetadata },
    { path: '/models', summary: 'Names of the models', schema: ModelsSchema, read: () => ({ models: [card.name] }) },
    { path: '/models/stats', summary: 'Statistics of all models', schema: StatisticsSchema, read: () => modelStatistics(model) }
  ]
  for (const { path, summary, schema, read } of about) {
    app.get(path, { config, schema: { tags, summary, response: { 200: schema } } }, (_request, reply) => sendJson(reply, read()))
  }

  const aboutModel: Array<{ path: string, summary: string, schema: TSchema, read: () => unknown }> = [
    { path: '', summary: 'Inputs and outputs of the model', schema: ModelSchema, read: () => modelMetadata(model) },
    { path: '/config', summary: "The model, as Triton's configuration describes one", schema: ConfigSchema, read: () => modelConfig(model) },
    { path: '/stats', summary: 'Statistics of the model', schema: StatisticsSchema, read: () => modelStatistics(model) }
  ]
  for (const hasVersion of [false, true]) {
    const url = `/models/:model${hasVersion ? '/versions/:version' : ''}`
    for (const { path, summary, schema, read } of aboutModel) {
      app.get(`${url}${path}`, {
        config, schema: { tags, summary, params: modelParams(card, hasVersion), response: { 200: schema, ...inferenceErrors(404) } }
      }, (_request, reply) => sendJson(reply, read()))
    }
  }

  app.post('/repository/index', {
    config,
    schema: { tags, summary: 'The models and their states', body: IndexBody, response: { 200: IndexSchema, ...inferenceErrors(400, 413) } }
  }, ({ body }, reply) => {
    const { onlyReady } = readIndexRequest(body)
    const reason = reasonOf()
    const isListed = reason === '' || !onlyReady
    return sendJson(reply, isListed ? [{ name: card.name, version: card.version, state: reason === '' ? 'READY' : 'UNAVAILABLE', reason }] : [])
  })

  for (const verb of ['load', 'unload']) {
    app.post(`/repository/models/:name/${verb}`, {
      config,
      schema: { tags, summary: `Refuses to ${verb} a model`, params: modelParams(card, false, 'name'), response: inferenceErrors(400, 413) }
    }, () => { throw new RequestInvalid(`This service serves one model, '${card.name}', for as long as it runs; it does not ${verb} models. Start another service for another model.`) })
  }

  /** Why the model is not ready; empty if it is. */
  function reasonOf (): string {
    try {
      checkReady(app.readiness, model.status())
      return ''
    } catch (error) {
      if (error instanceof NotReady) return error.message
      throw error
    }
  }
}

export default metadata
