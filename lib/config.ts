import { Ajv, type ErrorObject } from 'ajv'
import { Type, type Static } from './typebox.ts'
import { ConfigInvalid } from './errors.ts'
import { SCHEMES } from './sources/index.ts'
import { sourceVariables } from './sources/variables.ts'

/** The dialects that DIALECTS can choose: wire formats of other systems. */
export const DIALECTS = ['v2', 'v1', 'max', 'kapitan'] as const

/** A dialect that DIALECTS can choose. */
export type Dialect = typeof DIALECTS[number]

/**
 * The environment variables that configure the service. All are optional: the defaults serve the embedded model.
 */
export const ConfigSchema = Type.Object({
  HOST: Type.String({ default: '0.0.0.0', minLength: 1, description: 'Address to listen on.' }),
  PORT: Type.Integer({ default: 8000, minimum: 0, maximum: 65535, description: 'Port to listen on; 0 takes any free one.' }),
  MODEL_NAME: Type.String({
    default: 'tensorfood',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    description: 'Model to serve: a folder in `models/`.'
  }),
  MODEL_PATH: Type.Optional(Type.String({
    minLength: 1, description: 'The model: the path of an `.onnx` file, a folder or an archive (`.zip`, `.tar.gz`), or an address, from which it is fetched into MODEL_CACHE; overrides MODEL_NAME.'
  })),
  SERVED_NAME: Type.Optional(Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', description: "Name of the model in URLs and answers. Default: the name in the model's card, or of its folder."
  })),
  MODEL_VERSION: Type.Optional(Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', description: "Version of the model in URLs and answers. Default: the version in the model's card, or `1`."
  })),
  MODEL_URL: Type.Optional(Type.String({
    pattern: `^((${[...SCHEMES].join('|')})\\S+|(?![A-Za-z][A-Za-z0-9+.-]+://).+)$`,
    description: "Address of a model: of an `.onnx` file, an archive or a folder; downloaded to the model's folder if that has no model."
  })),
  MODEL_TOKEN: Type.Optional(Type.String({
    pattern: '^[!-~]+( [!-~]+)?$', description: 'Token for the address of the model, sent as `Authorization: token …`; a value with a scheme, such as `Bearer …`, is sent unchanged.'
  })),
  MODEL_SHA256: Type.Optional(Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'Expected SHA-256 of the download: of the `.onnx` file or of the archive, in hex.' })),
  MODEL_LIMIT: Type.Integer({ default: 2 ** 31, minimum: 1, description: 'Largest size in bytes of a download, all files together, and of an unpacked archive.' }),
  MODEL_CACHE: Type.Optional(Type.String({
    minLength: 1, description: 'Folder where models from an address in MODEL_PATH are kept. Default: `servery` in `XDG_CACHE_HOME`, or in `~/.cache`.'
  })),
  WORKERS: Type.Optional(Type.Integer({
    minimum: 0, maximum: 256, description: 'Worker threads that run the model, each with its own copy; 0: the model runs on the event loop. Default: measured at start-up.'
  })),
  THREADS: Type.Optional(Type.Integer({ minimum: 1, maximum: 256, description: 'ONNX Runtime threads in each worker. Default: measured at start-up.' })),
  MAX_BATCH: Type.Optional(Type.Integer({
    minimum: 1, maximum: 4096, description: 'Largest number of inputs in a batch; only inputs that waited for a free worker are batched. Default: measured at start-up.'
  })),
  EXECUTION_PROVIDERS: Type.String({
    default: 'cpu',
    pattern: '^[a-z]+(,[a-z]+)*$',
    description: 'Execution providers of ONNX Runtime in the order of preference, separated by commas: `cpu`, `cuda`, `tensorrt`, `webgpu`, `coreml`, `dml`, as its build for this platform has them. The CPU takes what the others leave.'
  }),
  QUEUE_LIMIT: Type.Optional(Type.Integer({
    minimum: 1, maximum: 1_000_000, description: 'Largest number of inputs that are being read, waiting or running; above it the answer is 503. Default: 256 pictures, 16384 rows.'
  })),
  DEADLINE_MS: Type.Integer({
    default: 10_000, minimum: 1, maximum: 3_600_000, description: 'Milliseconds from the complete request (its body has arrived) to its answer; after that the answer is 504. Sending the body has its own limit of 60 seconds.'
  }),
  UPLOAD_LIMIT: Type.Integer({ default: 20 * 1024 * 1024, minimum: 1, description: 'Largest size of a request body in bytes, all files together.' }),
  PIXEL_LIMIT: Type.Integer({ default: 50_000_000, minimum: 1, description: 'Largest number of pixels (width × height) of a picture, checked before decoding.' }),
  TEXT_LIMIT: Type.Integer({ default: 20_000, minimum: 1, description: 'Largest number of characters of a text, checked before it is tokenized.' }),
  DECODE_LIMIT: Type.Integer({
    default: 324 * 1024 * 1024, minimum: 1, description: 'Memory in bytes for all pictures that are being decoded; a picture that takes more alone is refused.'
  }),
  TOP_K: Type.Integer({ default: 5, minimum: 1, description: 'Number of labels in `top` if the request has no `top_k`.' }),
  DIALECTS: Type.String({
    default: DIALECTS.join(),
    pattern: `^(none|(${DIALECTS.join('|')})(,(${DIALECTS.join('|')}))*)$`,
    description: 'Dialects of other systems that the service speaks, separated by commas: `v2` (Open Inference Protocol), `v1` (KServe V1), `max` (IBM MAX), `kapitan` (Kapitan Hull); or `none`.'
  }),
  GRPC_PORT: Type.Optional(Type.Integer({
    minimum: 0, maximum: 65535, description: 'Port of the Open Inference Protocol over gRPC; 0 takes any free one. Default: off.'
  })),
  API_KEYS: Type.Optional(Type.String({
    pattern: '^[\\w.-]+:[^,\\s]{16,}(,[\\w.-]+:[^,\\s]{16,})*$',
    description: 'API keys of the clients: `name:key,name:key`, each key 16 characters or longer. Default: no key is needed.'
  })),
  RATE_LIMIT: Type.Optional(Type.Integer({
    minimum: 1, description: 'Requests per minute for each API key, or for each IP address if there are no keys. Default: no limit.'
  })),
  CORS_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|https?://[^,/\\s]+(,https?://[^,/\\s]+)*)$', description: 'Origins of web pages that may call the service from a browser, separated by commas; `*` allows any.'
  })),
  EMBED_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|https?://[\\w.*:[\\]-]+(,https?://[\\w.*:[\\]-]+)*)$', description: 'Origins of web pages that may show the page in a frame, as `/?embed`, separated by commas; `*` allows any. Default: only the service itself.'
  })),
  TRUST_PROXY: Type.Optional(Type.String({
    pattern: '^(\\d+|[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*)$',
    description: 'Trusted proxies, whose X-Forwarded-For counts: their number, or their addresses or ranges, separated by commas.'
  })),
  PREDICTION_LOG: Type.Optional(Type.String({ minLength: 1, description: 'Path of a log file with one line of JSON for each prediction.' })),
  PREDICTION_LOG_SAMPLE: Type.Number({ default: 1, minimum: 0, maximum: 1, description: 'Share of the predictions that PREDICTION_LOG records, 0 to 1.' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info', description: 'Lowest level that is logged; `debug` also logs probes.'
  })
})

/** Names that other systems have for a setting. Servery's own name wins. */
const ALIASES: ReadonlyArray<[alias: string, name: keyof typeof ConfigSchema.properties]> = [['PRED_MODEL_PATH', 'MODEL_PATH'], ['PRED_MODEL_UUID', 'MODEL_VERSION']]

/** Variables whose values never appear in a message. */
const SECRETS = new Set(['MODEL_URL', 'MODEL_TOKEN', 'API_KEYS'])

// TypeScript has checked the schema. To check it here again, or to optimize code that runs once, would take longer than to compile it.
const validate = new Ajv({ strict: false, validateSchema: false, useDefaults: true, coerceTypes: true, code: { optimize: false } }).compile<Static<typeof ConfigSchema>>(ConfigSchema)

/** The validated, frozen configuration. */
export type Config = Readonly<Static<typeof ConfigSchema> & {
  /** The variables of other programs that sources of models read. They are no settings of the service. */
  environment: Readonly<Record<string, string | undefined>>
}>

/**
 * Reads the configuration from environment variables. Ignores unknown variables, and treats an empty one as not set.
 *
 * Names that other systems use are accepted, too: Kapitan Hull's PRED_MODEL_PATH and PRED_MODEL_UUID, and IBM MAX's
 * CORS_ENABLE.
 *
 * @throws ConfigInvalid with one line that names the variable and its allowed values
 */
export function loadConfig (environment: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(environment)
    .filter(([name, value]) => name in ConfigSchema.properties && value !== ''))
  const called = new Map<string, string>()
  for (const [alias, name] of ALIASES) {
    if (set[name] !== undefined || !environment[alias]) continue
    set[name] = environment[alias]
    called.set(name, alias)
  }
  if (set['CORS_ORIGINS'] === undefined && isTrue('CORS_ENABLE', environment)) set['CORS_ORIGINS'] = '*'
  const config: unknown = { ...set }
  if (!validate(config)) throw new ConfigInvalid(explain(validate.errors?.[0], set, called))
  return Object.freeze({ ...config, environment: sourceVariables(environment) })
}

/** Whether a variable that stands for another one is `true`. */
function isTrue (name: string, { [name]: value = '' }: NodeJS.ProcessEnv): boolean {
  if (!/^(true|false)?$/i.test(value)) throw new ConfigInvalid(`${name}=${value} must be true or false`)
  return value.toLowerCase() === 'true'
}

/** The dialects that DIALECTS chooses. */
export function dialectsOf ({ DIALECTS: chosen }: Pick<Config, 'DIALECTS'>): Dialect[] {
  const names = chosen.split(',')
  return DIALECTS.filter(name => names.includes(name))
}

function explain (error: ErrorObject | undefined, set: Record<string, unknown>, called: ReadonlyMap<string, string>): string {
  const { instancePath = '', message = '', params = {} } = error ?? {}
  const name = instancePath.slice(1)
  const allowed = 'allowedValues' in params ? `: ${String(params['allowedValues']).replaceAll(',', ', ')}` : ''
  return `${called.get(name) ?? name}=${SECRETS.has(name) ? '…' : String(set[name])} ${message}${allowed}`
}
