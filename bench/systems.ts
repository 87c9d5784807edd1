import { dirname, join } from 'node:path'
import { projectFile } from '../lib/project.ts'
import { buildRust, RUST_PROGRAM, runtimeLibrary } from './rust.ts'
import { form, json, tensorAsBytes, tensorAsJson, type FloatTensor, type HttpRequest } from './request.ts'

/** A server under measurement: how to start it, and how to ask it. It has no part in the works for which it has no request. */
export interface System {
  name: string
  /** The Python environment that it needs. */
  environment?: 'python' | 'mlserver' | 'triton'
  /** Builds what it needs, and returns why it cannot run here, or `null`. */
  build?: () => string | null
  /** It has no model: it shows what others cannot surpass. */
  isLimit?: boolean
  command: (python: string, port: number) => string[]
  env?: (port: number) => Record<string, string>
  /** The path that answers 200 when the server is ready. */
  ready: string
  /** The path of a liveness probe. The benchmark measures it under load. */
  live?: string
  /** The request for one photo, a JPEG. */
  photo?: (jpeg: Buffer) => HttpRequest
  /** The request for one row, or for a list of rows, if the system takes part in it. */
  rows?: (rows: number[] | number[][]) => HttpRequest | undefined
  /** The request for the tensor that the identity model returns. */
  tensor?: (tensor: FloatTensor) => HttpRequest
}

const peers = projectFile('bench/peers')
/** The environment that the image of the Dockerfile gives it. */
const IMAGE = { NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' }
const servery = {
  env: () => IMAGE,
  command: () => [process.execPath, projectFile('dist/server.js')],
  ready: '/readyz',
  live: '/livez'
}
const mlserver = (model: string): Pick<System, 'command' | 'env' | 'ready'> => ({
  command: python => [join(dirname(python), 'mlserver'), 'start', join(peers, model)],
  env: port => ({
    MLSERVER_HOST: '127.0.0.1',
    MLSERVER_HTTP_PORT: String(port),
    MLSERVER_GRPC_PORT: String(port + 1),
    MLSERVER_METRICS_PORT: String(port + 2),
    MLSERVER_PARALLEL_WORKERS: '2',
    MLSERVER_DEBUG: 'false'
  }),
  ready: '/v2/health/ready'
})

export const SERVERY = 'Servery'

/** The service that shows what a compiled language makes of the same model. */
export const RUST = 'Rust'

/** A route of Fastify that does nothing. */
export const BARE_FASTIFY = 'bare Fastify'

/** The model in the benchmark's own process. */
export const NO_HTTP = 'no HTTP'

/** FastAPI in one process. */
export const FASTAPI = 'FastAPI, async'

/** Where V2 servers take a tensor, and rows. */
const IDENTITY_PATH = '/v2/models/identity/infer'
const IRIS_PATH = '/v2/models/iris/infer'

/** The way to send a tensor that the report compares with the others. */
export const BINARY_PATH = 'Servery, V2 binary'

const uvicorn = (app: string, ...more: string[]): System['command'] => (python, port) =>
  [python, '-m', 'uvicorn', '--app-dir', peers, `${app}:app`, '--host', '127.0.0.1', '--port', String(port), '--log-level', 'error', ...more]

/** A request for a list of rows alone. */
function ofMany (request: (rows: number[][]) => HttpRequest): NonNullable<System['rows']> {
  return values => {
    const rows = values.flatMap(value => typeof value === 'number' ? [] : [value])
    return rows.length > 0 ? request(rows) : undefined
  }
}

/** Rows as the input of the model of iris. */
function tensorOf (rows: number[][]): FloatTensor {
  return { name: 'X', shape: [rows.length, rows[0]?.length ?? 0], values: Float32Array.from(rows.flat()) }
}

export const SYSTEMS: System[] = [
  {
    name: SERVERY,
    ...servery,
    photo: jpeg => form('/predict', jpeg),
    rows: rows => json('/predict', rows)
  },
  {
    name: RUST,
    build: buildRust,
    command: () => [RUST_PROGRAM],
    env: () => ({ ONNX_RUNTIME: runtimeLibrary() }),
    ready: '/health',
    photo: jpeg => form('/predict', jpeg),
    rows: rows => json('/predict', rows)
  },
  {
    name: BARE_FASTIFY,
    isLimit: true,
    command: () => [process.execPath, projectFile('dist/bench/peers/bare-fastify.js')],
    ready: '/health',
    photo: jpeg => form('/photo', jpeg),
    rows: rows => json(Array.isArray(rows[0]) ? '/rows' : '/row', rows)
  },
  {
    name: FASTAPI,
    environment: 'python',
    command: uvicorn('fastapi_async'),
    ready: '/health',
    photo: jpeg => form('/predict', jpeg),
    rows: rows => json('/rows', rows)
  },
  {
    name: 'FastAPI, threads × 2 workers',
    environment: 'python',
    command: uvicorn('fastapi_threads', '--workers', '2'),
    ready: '/health',
    photo: jpeg => form('/predict', jpeg),
    rows: rows => json('/rows', rows)
  },
  {
    name: 'LitServe',
    environment: 'python',
    command: python => [python, join(peers, 'litserve_app.py')],
    ready: '/health',
    photo: jpeg => form('/predict', jpeg),
    rows: rows => json('/predict', rows)
  },
  {
    name: 'BentoML',
    environment: 'python',
    command: (python, port) => [python, '-m', 'bentoml', 'serve', '--working-dir', peers, 'bentoml_app:Classifier', '--host', '127.0.0.1', '--port', String(port)],
    ready: '/readyz',
    photo: jpeg => form('/predict', jpeg),
    rows: values => json('/rows', { values })
  },
  {
    name: 'MLServer',
    environment: 'mlserver',
    ...mlserver('mlserver'),
    photo: jpeg => json('/v2/models/classifier/infer', {
      inputs: [{ name: 'picture', datatype: 'BYTES', shape: [1, 1], data: [jpeg.toString('base64')], parameters: { content_type: 'base64' } }]
    }),
    rows: values => {
      const rows = values.flatMap(value => typeof value === 'number' ? [] : [value])
      const table = rows.length > 0 ? rows : [values]
      return json('/v2/models/classifier/infer', {
        inputs: [{ name: 'rows', datatype: 'FP32', shape: [table.length, table[0]?.length ?? 0], data: table.flat() }]
      })
    }
  },
  {
    name: BINARY_PATH,
    ...servery,
    rows: ofMany(rows => tensorAsBytes(IRIS_PATH, tensorOf(rows))),
    tensor: tensor => tensorAsBytes(IDENTITY_PATH, tensor)
  },
  {
    name: 'Servery, V2 JSON',
    ...servery,
    rows: ofMany(rows => tensorAsJson(IRIS_PATH, tensorOf(rows))),
    tensor: tensor => tensorAsJson(IDENTITY_PATH, tensor)
  },
  {
    name: 'Servery, top_k=1',
    ...servery,
    rows: ofMany(rows => json('/predict?top_k=1', rows))
  },
  {
    name: 'Servery, answer in CSV',
    ...servery,
    rows: ofMany(rows => json('/predict', rows, { accept: 'text/csv' }))
  },
  {
    name: 'MLServer 1.7.1 (custom runtime), V2 JSON',
    environment: 'mlserver',
    ...mlserver('identity/mlserver'),
    tensor: tensor => tensorAsJson(IDENTITY_PATH, tensor)
  },
  {
    name: 'Triton 2.51 (Python backend), V2 binary',
    environment: 'triton',
    command: python => [python, join(peers, 'identity/triton/serve.py')],
    ready: '/v2/health/ready',
    tensor: tensor => tensorAsBytes(IDENTITY_PATH, tensor)
  }
]

/** The names of the systems in Python. */
export const PYTHON_SYSTEMS = SYSTEMS.filter(({ environment }) => environment !== undefined).map(({ name }) => name)
