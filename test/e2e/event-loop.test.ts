import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { expected, picture } from '../fixtures/expected.ts'
import { environment, start } from './process.ts'

/** What workers load and the event loop has no use for, and code that makes it fail on the main thread. */
const REFUSALS = {
  WebAssembly: `
    for (const name of ['Module', 'Instance', 'compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
      WebAssembly[name] = function () { throw new Error('WebAssembly on the event loop') }
    }`,
  'ONNX Runtime': `
    const { dlopen } = process
    process.dlopen = (module, path, ...rest) => {
      if (path.includes('onnxruntime')) throw new Error('ONNX Runtime on the event loop')
      return dlopen.call(process, module, path, ...rest)
    }`
}

/** Settings that run code before the service; each thread has its own globals, so that workers are left alone. */
function refusing (...codes: string[]): Record<string, string> {
  const code = `import { isMainThread } from 'node:worker_threads'\nif (isMainThread) {${codes.join('\n')}}`
  return { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(code).toString('base64')}` }
}

t.test('with workers, the event loop compiles no WebAssembly and loads no ONNX Runtime', async t => {
  const service = await start(t, { WORKERS: '1', ...refusing(...Object.values(REFUSALS)) })
  for (const [path, name, type] of [['/predict', 'rgb.jpg', 'image/jpeg'], ['/predict', 'rgb.png', 'image/png'], ['/explain', 'rgb.jpg', 'image/jpeg']] as const) {
    const response = await fetch(`${service.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body: picture(name) })
    t.match(await response.json(), { food: expected.pictures[name]!.label }, `${path} of ${name}`)
  }
  t.equal(await service.stop(), 0)
})

for (const [name, code] of Object.entries(REFUSALS)) {
  t.test(`without workers the service needs ${name}, and its refusal is noticed`, async t => {
    const child = spawn(process.execPath, [projectFile('dist/server.js')], { env: environment({ HOST: '127.0.0.1', PORT: '0', WORKERS: '0', LOG_LEVEL: 'silent', ...refusing(code) }) })
    t.teardown(() => { child.kill('SIGKILL') })
    const [complaint, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')])
    t.equal(exitCode, 1)
    t.match(complaint, `${name} on the event loop`)
  })
}
