import { join } from 'node:path'
import { projectFile } from '../lib/project.ts'

/** What a load is made of: which model, and what is sent. */
export type Work = { name: string, model: string } & (
  /** A photo with this longer side, in pixels. */
  { kind: 'picture', side: number } | { kind: 'rows', rows: number }
)

/** A server to measure: how it is started, how it says that it is ready, and how it is asked. */
export interface System {
  name: string
  command: (python: string, port: number) => string[]
  ready: string
  /** Path and body of a request: the form's field for a picture, or the JSON for rows. */
  path: (work: Work) => string
  json: (rows: number[] | number[][]) => unknown
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
    command: uvicorn('fastapi_async'),
    ready: '/health',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: rows => rows
  },
  {
    name: 'FastAPI, threads × 2 workers',
    command: uvicorn('fastapi_threads', '--workers', '2'),
    ready: '/health',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: rows => rows
  },
  {
    name: 'LitServe',
    command: python => [python, join(peers, 'litserve_app.py')],
    ready: '/health',
    path: () => '/predict',
    json: rows => rows
  },
  {
    name: 'BentoML',
    command: (python, port) => [python, '-m', 'bentoml', 'serve', '--working-dir', peers, 'bentoml_app:Classifier', '--host', '127.0.0.1', '--port', String(port)],
    ready: '/readyz',
    path: ({ kind }) => kind === 'picture' ? '/predict' : '/rows',
    json: values => ({ values })
  }
]
