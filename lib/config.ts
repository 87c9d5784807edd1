import { Ajv, type ErrorObject } from 'ajv'
import { Type, type Static } from './typebox.ts'
import { ConfigInvalid } from './errors.ts'

/**
 * Everything that can be set from outside, as environment variables.
 * Every default serves the newcomer: nothing must be set to start.
 */
export const ConfigSchema = Type.Object({
  HOST: Type.String({ default: '0.0.0.0', minLength: 1, description: 'Address to listen on.' }),
  PORT: Type.Integer({ default: 8000, minimum: 0, maximum: 65535, description: 'Port to listen on; 0 takes any free one.' }),
  MODEL_NAME: Type.String({
    default: 'tensorfood',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    description: 'The folder of `models/` that is served.'
  }),
  MODEL_PATH: Type.Optional(Type.String({
    minLength: 1, description: 'A model folder anywhere on disk, with `card.json` and `model.onnx`; wins over MODEL_NAME.'
  })),
  MODEL_URL: Type.Optional(Type.String({
    pattern: '^(https?://[^/\\s]|file:///)\\S*$',
    description: 'Where `model.onnx`, with `card.json` beside it, or a `.tar.gz` of the whole folder is fetched from when the folder has no model.'
  })),
  MODEL_TOKEN: Type.Optional(Type.String({
    pattern: '^[!-~]+( [!-~]+)?$', description: 'Sent to MODEL_URL as `Authorization: token …`, or as it is when it has a scheme: `Bearer …`.'
  })),
  MODEL_SHA256: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'What the fetched `model.onnx` or `.tar.gz` must hash to.' })),
  MODEL_LIMIT: Type.Integer({ default: 2 ** 31, minimum: 1, description: 'Bytes of a file that is fetched, and of an archive when it is unpacked.' }),
  WORKERS: Type.Optional(Type.Integer({
    minimum: 0, maximum: 256, description: 'Worker threads that run the model, each with a copy of it; 0 runs it on the event loop. Default: measured.'
  })),
  THREADS: Type.Optional(Type.Integer({ minimum: 1, maximum: 256, description: 'ONNX Runtime threads in each worker. Default: measured.' })),
  MAX_BATCH: Type.Optional(Type.Integer({
    minimum: 1, maximum: 4096, description: 'Inputs that run together at most, when they piled up while all workers were busy. Default: measured.'
  })),
  QUEUE_LIMIT: Type.Optional(Type.Integer({
    minimum: 1, maximum: 1_000_000, description: 'Inputs being read, waiting or running at once; past it the answer is 503. Default: 256 pictures, 16384 rows.'
  })),
  DEADLINE_MS: Type.Integer({
    default: 10_000, minimum: 1, maximum: 3_600_000, description: 'Milliseconds from the received request to its answer; past it the answer is 504.'
  }),
  UPLOAD_LIMIT: Type.Integer({ default: 20 * 1024 * 1024, minimum: 1, description: 'Bytes of one request, all its files together.' }),
  PIXEL_LIMIT: Type.Integer({ default: 50_000_000, minimum: 1, description: 'Pixels of one picture, before it is decoded.' }),
  TOP_K: Type.Integer({ default: 5, minimum: 1, description: 'Labels in `top` when the request does not say `top_k`.' }),
  API_KEYS: Type.Optional(Type.String({
    pattern: '^[\\w.-]+:[^,\\s]{16,}(,[\\w.-]+:[^,\\s]{16,})*$',
    description: 'Who may ask for answers: `name:key,name:key`, each key of 16 characters or more. Anyone, when not set.'
  })),
  RATE_LIMIT: Type.Optional(Type.Integer({
    minimum: 1, description: 'Questions a minute for each key, or for each address where there are no keys. No limit, when not set.'
  })),
  CORS_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|https?://[^,/\\s]+(,https?://[^,/\\s]+)*)$', description: 'Origins of the pages that may call this service from a browser, divided by commas; `*` is any.'
  })),
  TRUST_PROXY: Type.Optional(Type.String({
    pattern: '^(\\d+|[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*)$',
    description: 'Proxies whose X-Forwarded-For is believed: how many there are, or their addresses or ranges, divided by commas.'
  })),
  PREDICTION_LOG: Type.Optional(Type.String({ minLength: 1, description: 'A file that gets a line of JSON for each prediction.' })),
  PREDICTION_LOG_SAMPLE: Type.Number({ default: 1, minimum: 0, maximum: 1, description: 'The share of the predictions that are written to PREDICTION_LOG.' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info', description: 'Least level that is logged; `debug` adds a line for each probe.'
  })
})

/** What is never repeated in a message. */
const SECRETS = new Set(['MODEL_URL', 'MODEL_TOKEN', 'API_KEYS'])

// To check the schema itself, which the types have done, takes longer than all the rest.
const validate = new Ajv({ strict: false, validateSchema: false, useDefaults: true, coerceTypes: true }).compile<Static<typeof ConfigSchema>>(ConfigSchema)

/** The validated, frozen configuration. */
export type Config = Readonly<Static<typeof ConfigSchema>>

/**
 * Reads the configuration from environment variables; unknown ones are ignored, an empty one counts as not set.
 *
 * @throws ConfigInvalid with one line that names the variable and what it may be.
 */
export function loadConfig (environment: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(environment)
    .filter(([name, value]) => name in ConfigSchema.properties && value !== ''))
  const config: unknown = { ...set }
  if (!validate(config)) throw new ConfigInvalid(explain(validate.errors?.[0], set))
  return Object.freeze(config)
}

function explain (error: ErrorObject | undefined, set: Record<string, unknown>): string {
  const { instancePath = '', message = '', params = {} } = error ?? {}
  const name = instancePath.slice(1)
  const allowed = 'allowedValues' in params ? `: ${String(params['allowedValues']).replaceAll(',', ', ')}` : ''
  return `${name}=${SECRETS.has(name) ? '…' : String(set[name])} ${message}${allowed}`
}
