import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { projectFile } from '../../lib/project.ts'
import { environment } from '../e2e/process.ts'

/** What a command has printed. */
export interface Ran {
  code: number
  stdout: string
  stderr: string
}

const SCRIPT = projectFile('dist/cli/servery.js')

/**
 * Runs the built command line to its end.
 *
 * @param input what comes on its standard input
 */
export function servery (args: string[], settings: Record<string, string> = {}, { input, cwd }: { input?: Buffer | string, cwd?: string } = {}): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [SCRIPT, ...args], { env: environment({ WORKERS: '1', ...settings }), timeout: 120_000, ...cwd !== undefined && { cwd } }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** Whether this machine has `script`, which gives a command a terminal. Only that of util-linux is told what to run in this way. */
export const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

/** Runs the built command line on a terminal of 80 columns, and answers all that appears on it. */
export async function onTerminal (args: string[], settings: Record<string, string> = {}): Promise<Pick<Ran, 'code' | 'stdout'>> {
  const command = ['stty cols 80 rows 24;', 'exec', process.execPath, SCRIPT, ...args].map((word, at) => at < 2 ? word : `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env: environment({ WORKERS: '1', ...settings }), stdio: ['pipe', 'pipe', 'inherit'] })
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code: Number(code), stdout }
}
