import { execFile } from 'node:child_process'
import { projectFile } from '../../lib/project.ts'
import { environment } from '../e2e/process.ts'

/** Runs the built command line to its end. */
export function servery (args: string[], settings: Record<string, string> = {}): Promise<{ code: number, stdout: string, stderr: string }> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [projectFile('dist/cli/servery.js'), ...args], { env: environment({ WORKERS: '1', ...settings }), timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}
