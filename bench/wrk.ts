import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectFile } from '../lib/project.ts'
import type { Load } from './measure.ts'
import type { HttpRequest } from './request.ts'

const run = promisify(execFile)

/** Whether wrk can be run here. It takes a tenth of the CPU time of autocannon. */
export const hasWrk = spawnSync('wrk', ['--version']).error === undefined

/**
 * A closed load from wrk, on one thread: each connection sends its next request when it has its answer. wrk takes whole seconds.
 *
 * @throws Error when wrk fails
 * @see https://github.com/wg/wrk
 */
export async function wrkLoad (url: string, { path, headers, body }: HttpRequest, connections: number, seconds: number, timeoutSeconds: number): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'servery-bench-wrk-'))
  try {
    writeFileSync(join(folder, 'body'), body)
    writeFileSync(join(folder, 'headers'), Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join(''))
    const { stdout } = await run('wrk', [
      '--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', `${timeoutSeconds}s`,
      '--script', projectFile('bench/wrk.lua'), url + path, '--', folder
    ])
    const { answers, micros, p50, p99, errors } = JSON.parse(stdout.slice(stdout.lastIndexOf('{')))
    return { rate: answers / micros * 1e6, answers, errors, p50: p50 / 1000, p99: p99 / 1000 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
