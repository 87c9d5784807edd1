import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { projectFile } from '../../lib/project.ts'

/** A deadline for requests that may wait on a busy machine. It only guards against a hang. */
export const WAIT_MS = 240_000

export interface Service {
  url: string
  process: ChildProcess
  /** The lines of the log so far. */
  lines: Array<Record<string, unknown>>
  /** Sends a signal and waits for the exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** The environment of a user: without the variables of the test runner. */
export function environment (settings: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...rest } = process.env
  return { ...rest, ...settings }
}

/** Starts the built server on a free port and waits until it logs that it is ready. */
export async function start (t: Test, settings: Record<string, string> = {}): Promise<Service> {
  const child = spawn(process.execPath, [projectFile('dist/server.js')], {
    env: environment({ HOST: '127.0.0.1', PORT: '0', ...settings }), stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  const lines: Service['lines'] = []
  let url = ''
  await new Promise<void>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the server exited with ${code} before it was ready`)))
    createInterface({ input: child.stdout! }).on('line', text => {
      const line = JSON.parse(text)
      lines.push(line)
      url = /http:\S+/.exec(line.msg)?.[0] ?? url
      if (line.msg === 'Ready') resolve()
    })
  })
  const exited = once(child, 'exit')
  return {
    url,
    process: child,
    lines,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      const [code] = await exited
      return code
    }
  }
}

/** The value of one series of `/metrics`, such as `servery_rejected_total{reason="deadline",dialect="native"}`. */
export async function metric (url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(text.split('\n').find(line => line.startsWith(`${series} `))?.slice(series.length))
}
