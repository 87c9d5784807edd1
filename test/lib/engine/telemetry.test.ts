import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { projectFile } from '../../../lib/project.ts'
import { environment } from '../../e2e/process.ts'

/** What a fresh process, and a thread that it starts, have as ORT_DISABLE_TELEMETRY once it has imported a built module. */
async function seenAfter (module: string): Promise<string> {
  const code = `
    import { Worker } from 'node:worker_threads'
    await import(process.argv[1])
    console.log(process.env.ORT_DISABLE_TELEMETRY)
    new Worker('console.log(process.env.ORT_DISABLE_TELEMETRY)', { eval: true })`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code, projectFile(`dist/lib/engine/${module}`)], {
    env: environment({ ORT_DISABLE_TELEMETRY: '0' })
  })
  return stdout
}

for (const module of ['telemetry.js', 'pool.js', 'inline.js']) {
  t.test(`${module} turns ONNX Runtime's telemetry off, for this thread and for all that it starts, whatever was set`, async t => {
    t.equal(await seenAfter(module), '1\n1\n')
  })
}
