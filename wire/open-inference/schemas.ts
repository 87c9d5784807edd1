import type { Card } from '../../lib/card/card.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { BINARY, predictHeaders, type Content, type Described } from '../schemas.ts'
import { DATATYPE_NAMES } from './datatypes.ts'
import { BATCH_SECTIONS, SECTIONS } from './statistics.ts'

/** The body of an error of the protocol. */
export const InferenceErrorSchema = Type.Object({
  error: Type.String({ description: 'Message for people: what is wrong, and what to do.' })
}, { $id: 'InferenceError', description: 'An error.' })

/** Response schemas of a route for these error statuses. */
export function inferenceErrors<const Status extends number> (...statuses: Status[]): Partial<Record<Status, TSchema>> {
  const all: Partial<Record<Status, TSchema>> = {}
  for (const status of statuses) all[status] = Type.Ref('InferenceError')
  return all
}

/**
 * The parameters of a path. They are only documented: a name that is not served is a 404, which the validator would make a 400.
 */
export function modelParams ({ name, version }: Pick<Card, 'name' | 'version'>, hasVersion: boolean, parameter = 'model'): TSchema {
  return Type.Object({
    [parameter]: Type.String({ enum: [name], default: name, description: 'Name of the model.' }),
    ...hasVersion && { version: Type.String({ enum: [version], default: version, description: 'Version of the model.' }) }
  }, { 'x-read-by-hand': true })
}

/** The headers of an inference. @param deadlineMs DEADLINE_MS */
export const inferHeaders = (deadlineMs: number) => Type.Object({
  ...predictHeaders(deadlineMs).properties,
  'inference-header-content-length': Type.Optional(Type.String({ description: 'Length of the JSON in bytes, if the bytes of tensors follow it. 0: there is no JSON, and the body is the only input. Default: all is JSON.' }))
})

const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])

const Parameters = (properties: Record<string, TSchema> = {}) => Type.Optional(orNull(Type.Object(properties)))

const Shape = Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 32, description: 'Length of each axis.' })

const DeclaredShape = Type.Array(Type.Integer({ minimum: -1 }), { description: 'Length of each axis; -1 means any length.' })

const Datatype = Type.String({ enum: [...DATATYPE_NAMES] })

const Data = Type.Array(Type.Unsafe<unknown>({}), {
  description: 'The elements, as one list in row-major order or as lists inside one another. NaN and infinity are null or the texts "NaN", "Infinity" and "-Infinity".'
})

/**
 * The request body of an inference, for each content type.
 *
 * @param example a request that the model answers
 */
export function inferBody (example: unknown): { content: Content } {
  const json = Type.Object({
    id: Type.Optional(orNull(Type.String({ description: 'Sent back with the answer.' }))),
    parameters: Parameters({
      binary_data_output: Type.Optional(orNull(Type.Boolean({ description: 'Whether the outputs come as bytes after the JSON.' }))),
      timeout: Type.Optional(orNull(Type.Integer({ minimum: 0, description: 'Microseconds until the answer.' })))
    }),
    inputs: Type.Array(Type.Object({
      name: Type.String(),
      datatype: Datatype,
      shape: Shape,
      parameters: Parameters({ binary_data_size: Type.Optional(orNull(Type.Integer({ minimum: 0, description: 'Instead of `data`: how many bytes after the JSON are those of this tensor.' }))) }),
      data: Type.Optional(orNull(Data))
    }), { maxItems: 256, description: "The model's own tensors; or encoded pictures, or one column of a table each, as its input takes them." }),
    outputs: Type.Optional(orNull(Type.Array(Type.Object({
      name: Type.String(),
      parameters: Parameters({
        binary_data: Type.Optional(orNull(Type.Boolean({ description: 'Whether the output comes as bytes after the JSON.' }))),
        classification: Type.Optional(orNull(Type.Integer({ minimum: 0, description: 'How many classes to return as texts `value:index:label`, instead of the tensor.' })))
      })
    }), { maxItems: 256, description: 'Default: all outputs.' })))
  }, { 'x-read-by-hand': true, title: 'InferenceRequest', ...example !== null && { examples: [example] } })
  return {
    content: {
      'application/json': { schema: json },
      'application/octet-stream': {
        schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The same JSON, and after it the bytes of the tensors. The header Inference-Header-Content-Length says where the JSON ends; with 0, there is none, and the body is the only input.' })
      }
    }
  }
}

/** The answer of an inference. */
export function inferAnswer ({ name, version }: Pick<Card, 'name' | 'version'>): Described {
  const json = Type.Object({
    model_name: Type.String({ examples: [name] }),
    model_version: Type.String({ examples: [version] }),
    id: Type.Optional(Type.String()),
    outputs: Type.Array(Type.Object({
      name: Type.String(),
      datatype: Datatype,
      shape: Shape,
      parameters: Type.Optional(Type.Object({ binary_data_size: Type.Integer({ minimum: 0 }) })),
      data: Type.Optional(Data)
    }))
  }, { title: 'InferenceResponse' })
  return {
    description: 'The output tensors.',
    content: {
      'application/json': { schema: json },
      'application/octet-stream': { schema: Type.Unsafe<unknown>({ ...BINARY, description: 'The same JSON, and after it the bytes of the outputs that were asked for in binary.' }) }
    }
  }
}

/** Answers of the other routes. */
export const LiveSchema: TSchema = Type.Object({ live: Type.Boolean() })
export const ReadySchema: TSchema = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() })
export const UnreadySchema: TSchema = Type.Object({ error: Type.String(), live: Type.Boolean(), ready: Type.Boolean() })
export const ServerSchema = Type.Object({ name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) })
export const ModelsSchema = Type.Object({ models: Type.Array(Type.String()) })
export const ModelReadySchema: TSchema = Type.Object({ name: Type.String(), ready: Type.Boolean() })

const TensorSchema = Type.Object({ name: Type.String(), datatype: Datatype, shape: DeclaredShape })

export const ModelSchema = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorSchema),
  outputs: Type.Array(TensorSchema)
})

const ConfigTensorSchema = Type.Object({ name: Type.String(), data_type: Type.String(), dims: DeclaredShape })

export const ConfigSchema = Type.Object({
  name: Type.String(),
  platform: Type.String(),
  backend: Type.String(),
  max_batch_size: Type.Integer({ description: '0: the axes of `dims` include the batch.' }),
  input: Type.Array(ConfigTensorSchema),
  output: Type.Array(ConfigTensorSchema)
})

const DurationSchema = Type.Object({ count: Type.Integer(), ns: Type.Integer({ description: 'Nanoseconds.' }) })

const sections = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, DurationSchema]))

export const StatisticsSchema = Type.Object({
  model_stats: Type.Array(Type.Object({
    name: Type.String(),
    version: Type.String(),
    last_inference: Type.Number({ description: 'Unix time in milliseconds; 0 before the first answer.' }),
    inference_count: Type.Integer({ description: 'Rows of all answered requests.' }),
    execution_count: Type.Integer({ description: 'Runs of the model.' }),
    inference_stats: Type.Object(sections(SECTIONS)),
    batch_stats: Type.Array(Type.Object({ batch_size: Type.Integer(), ...sections(BATCH_SECTIONS) }))
  }))
})

export const IndexSchema = Type.Array(Type.Object({
  name: Type.String(), version: Type.String(), state: Type.Enum(['READY', 'UNAVAILABLE']), reason: Type.String()
}))

/** The body of the index of models. */
export const IndexBody = {
  content: {
    'application/json': { schema: Type.Object({ ready: Type.Optional(orNull(Type.Boolean({ description: 'Whether to list only models that are ready.' }))) }, { 'x-read-by-hand': true, examples: [{}] }) }
  }
}
