import type { Card } from '../../../lib/card/card.ts'
import type { TSchema } from '../../../lib/typebox.ts'
import { answerSchema, labelsSchema, MaxErrorSchema, metadataSchema } from './schemas.ts'
import type { WireModality } from '../../../wire/modality.ts'
import { swaggerTitleOf, wordsOf } from './words.ts'

/** What the document says of the service beside the card. */
export interface SwaggerOptions {
  wire: Pick<WireModality, 'file' | 'subject'>
  /** Whether predictions need an API key. */
  needsKey: boolean
}

/** The statuses of errors that a prediction may have, and what they mean. */
const ERRORS = {
  400: 'The request is malformed.',
  413: 'The request is over a limit.',
  415: 'The format of the file is not supported.',
  422: 'The file is damaged, or the model cannot use it.',
  429: 'Too many requests.',
  503: 'The service is over capacity.',
  504: 'The deadline has passed.'
}

/**
 * The routes of MAX as Swagger 2.0, which its clients read. It names no host, so that it is right behind any proxy.
 *
 * @see https://swagger.io/specification/v2/
 */
export function swaggerOf (card: Card, { wire, needsKey }: SwaggerOptions): Record<string, unknown> {
  const words = wordsOf(card, wire)
  const failures = Object.entries({ ...ERRORS, ...needsKey && { 401: 'The API key is missing or wrong.' } })
  return {
    swagger: '2.0',
    info: {
      title: swaggerTitleOf(card),
      description: words.description,
      version: card.version,
      ...words.license !== '' && { license: { name: words.license } }
    },
    tags: [{ name: 'model', description: 'Model information and inference operations' }],
    produces: ['application/json'],
    ...needsKey && { securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } } },
    paths: {
      '/model/labels': { get: read('get_labels', 'The labels that the model knows', 'LabelsResponse') },
      '/model/metadata': { get: read('get_metadata', 'Metadata of the model', 'ModelMetadata') },
      '/model/predict': {
        post: {
          ...read('predict', 'Predict from a file', 'ModelPredictResponse', failures),
          consumes: ['multipart/form-data'],
          ...needsKey && { security: [{ key: [] }] },
          parameters: [{ name: 'file', in: 'formData', type: 'file', required: true, description: wire.file }]
        }
      }
    },
    definitions: {
      LabelsResponse: definitionOf(labelsSchema(card)),
      ModelMetadata: definitionOf(metadataSchema(words)),
      ModelPredictResponse: definitionOf(answerSchema(card)),
      Error: definitionOf(MaxErrorSchema)
    }
  }
}

function read (operationId: string, summary: string, answer: string, failures: Array<[status: string, description: string]> = []): object {
  return {
    tags: ['model'],
    operationId,
    summary,
    responses: {
      200: { description: 'Success', schema: { $ref: `#/definitions/${answer}` } },
      ...Object.fromEntries(failures.map(([status, description]) => [status, { description, schema: { $ref: '#/definitions/Error' } }]))
    }
  }
}

/** A schema in the dialect of Swagger 2.0, which knows one example and no identifier. */
function definitionOf (schema: TSchema): object {
  return Object.fromEntries(Object.entries(schema).flatMap(([key, value]) => {
    if (key === '$id') return []
    return key === 'examples' && Array.isArray(value) ? [['example', value[0]]] : [[key, value]]
  }))
}
