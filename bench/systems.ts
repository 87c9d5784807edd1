import { dirname, join } from 'node:path'
import { projectFile } from '../lib/project.ts'

/** What a load is made of: which model, and what is sent. */
export type Work = { name: string, model: string, /** How many times longer it is measured, since its answers are few. */ longer?: number } & (
  /** A photo with this longer side, in pixels. */
  { kind: 'picture', side: number } | { kind: 'rows', rows: number }
)

/** A server to measure: how it is started, how it says that it is ready, and how it is asked. */
export interface System {
  name: string
  /** Which of the Python environments it needs, if any. */
  environment?: 'python' | 'mlserver'
  command: (python: string, port: number) => string[]
  env?: (port: number) => Record<string, string>
  ready: string
  path: (work: Work) => string
  /** The body for rows. */
  json: (rows: number[] | number[][]) => unknown
  /** The body for a picture, where it is not a form with a file. */
  picture?: (bytes: Buffer) => unknown
}

const peers = projectFile('bench/peers')
const uvicorn = (app: string, ...more: string[]): System['command'] => (python, port) =>
  [python, '-m', 'uvicorn', '--app-dir', peers, `${app}:app`, '--host', '127.0.0.1', '--port', String(port), '--log-level', 'error', ...more]

export const SYSTEMS: System[] = [
  {
    name: 'Servery',
    command: () => [process.execPath, projectFile('dist/server.js')],
    ready: '/readyz',
    path: () => '/predict',
    json: rows => rows
  },
  {
    name: 'FastAPI, async',
    environment: 'python',
    command: uvicorn('fastapi_async'),
    ready: '/health',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: rows => rows
  },
  {
    name: 'FastAPI, threads × 2 workers',
    environment: 'python',
    command: uvicorn('fastapi_threads', '--workers', '2'),
    ready: '/health',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: rows => rows
  },
  {
    name: 'LitServe',
    environment: 'python',
    command: python => [python, join(peers, 'litserve_app.py')],
    ready: '/health',
    path: () => '/predict',
    json: rows => rows
  },
  {
    name: 'BentoML',
    environment: 'python',
    command: (python, port) => [python, '-m', 'bentoml', 'serve', '--working-dir', peers, 'bentoml_app:Classifier', '--host', '127.0.0.1', '--port', String(port)],
    ready: '/readyz',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: values => ({ values })
  },
  {
    name: 'MLServer',
    environment: 'mlserver',
    command: python => [join(dirname(python), 'mlserver'), 'start', join(peers, 'mlserver')],
    env: port => ({
      MLSERVER_HOST: '127.0.0.1',
      MLSERVER_HTTP_PORT: String(port),
      MLSERVER_GRPC_PORT: String(port + 1),
      MLSERVER_METRICS_PORT: String(port + 2),
      MLSERVER_PARALLEL_WORKERS: '2',
      MLSERVER_DEBUG: 'false'
    }),
    ready: '/v2/health/ready',
    path: () => '/v2/models/classifier/infer',
    json: values => {
      const rows = values.flatMap(value => typeof value === 'number' ? [] : [value])
      const table = rows.length > 0 ? rows : [values]
      return { inputs: [{ name: 'rows', datatype: 'FP32', shape: [table.length, table[0]?.length ?? 0], data: table.flat() }] }
    },
    picture: bytes => ({
      inputs: [{ name: 'picture', datatype: 'BYTES', shape: [1, 1], data: [bytes.toString('base64')], parameters: { content_type: 'base64' } }]
    })
  }
]
