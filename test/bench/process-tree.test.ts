import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { usageOf } from '../../bench/process-tree.ts'

const MIB = 1024 * 1024

t.test('the memory of a process is its resident set, and that of its children counts too', { skip: existsSync('/proc/self/smaps_rollup') ? false : 'needs Linux' }, async t => {
  const own = usageOf(process.pid).memoryBytes
  t.ok(Math.abs(own - process.memoryUsage.rss()) < 16 * MIB, 'as Node.js says it')

  const child = spawn(process.execPath, ['--eval', `const held = Buffer.alloc(${64 * MIB}, 1); console.log(held.length); setInterval(() => {}, 1000)`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  t.ok(usageOf(child.pid ?? 0).memoryBytes > 64 * MIB)
  t.ok(usageOf(process.pid).memoryBytes > own + 48 * MIB)
})
