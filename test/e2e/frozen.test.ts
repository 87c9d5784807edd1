import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'

/** Longer than the second over which the delay of the event loop is a mean. */
const FREEZE_MS = 3000

/** A service that calls its event loop late from a mean of 20 ms on. The freeze raises the mean over that, whenever it comes. */
const SERVICE = `
  import Fastify from 'fastify'
  import fp from 'fastify-plugin'
  import overload from '${projectFile('dist/plugins/overload.js')}'
  const app = Fastify()
  app.register(fp(async () => {}, { name: 'model' }))
  app.register(overload, { delayLimit: 20 })
  app.get('/', async () => app.memoryUsage().eventLoopDelay)
  console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
`

t.test('a process that was frozen answers at once when it goes on, because it is late and not busy', { skip: process.platform === 'win32' }, async t => {
  const service = spawn(process.execPath, ['--input-type=module', '--eval', SERVICE], { cwd: projectFile('.'), stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => service.kill('SIGKILL'))
  const [address]: string[] = await once(createInterface(service.stdout), 'line')
  const ask = async () => await (await fetch(address ?? '')).text()
  t.ok(Number(await ask()) < 20)

  service.kill('SIGSTOP')
  await sleep(FREEZE_MS)
  service.kill('SIGCONT')
  let delay = 0
  for (let requests = 0; delay < 20 && requests < 1000; requests += 1) {
    delay = Number(await ask())
    t.ok(Number.isFinite(delay), 'an answer, and no refusal')
  }
  t.ok(delay > 20, 'the delay counted the freeze')
})
