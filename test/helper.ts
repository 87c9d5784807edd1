import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../app.ts'
import { loadConfig } from '../lib/config.ts'

/** A service for one test, however slow the machine is; closed when the test ends; settings as environment variables. */
export async function build (t: Test, settings: Record<string, string> = {}): Promise<FastifyInstance> {
  const app = await buildApp(loadConfig({ WORKERS: '1', ...settings }), { overload: { delayLimit: Infinity } })
  t.teardown(async () => { await app.close() })
  return app
}

/** A form with files, as a browser or curl -F sends it. */
export function form (...files: Array<{ field?: string, name: string, bytes: Uint8Array<ArrayBuffer> }>): FormData {
  const data = new FormData()
  for (const { field = 'file', name, bytes } of files) data.append(field, new Blob([bytes]), name)
  return data
}
