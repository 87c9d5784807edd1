import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { environment } from '../e2e/process.ts'

const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))

t.test('no script of the package needs a POSIX shell', async t => {
  for (const [name, script] of Object.entries(scripts)) {
    // What cmd.exe reads in the same way as sh: words, texts in double quotation marks, and && between commands.
    const bare = script.replaceAll(/"[^"]*"/g, '""').replaceAll(' && ', ' ')
    t.notMatch(bare, /['`$&|;<>()*?{}~%^\\]|\w=(?!\w)|(?:^| )[A-Z_]+=/, `${name}: ${script}`)
    t.notMatch(script, /"[^"]*[$%`\\!][^"]*"/, `${name}: what is in quotation marks is the same for both`)
  }
})

/** Whether a process of a group is there. */
function isAlive (group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

t.test('npm run dev serves with its flags, and leaves no process behind', { skip: process.platform === 'win32' && 'Windows has no groups of processes' }, async t => {
  const child = spawn('npm', ['run', 'dev', '--', '--model-name', 'iris', '--port', '0', '--host', '127.0.0.1'], {
    cwd: projectFile('.'), env: environment({ WORKERS: '1', THREADS: '1', MAX_BATCH: '1' }), stdio: ['ignore', 'pipe', 'inherit'], detached: true
  })
  const { pid = 0 } = child
  t.teardown(() => { if (isAlive(pid)) process.kill(-pid, 'SIGKILL') })
  let printed = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk
    if (printed.includes('"Ready"')) break
  }
  t.match(printed, '"model":"iris"')
  // To npm alone: a terminal would send it to all of them.
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
  for (let waits = 0; isAlive(pid) && waits < 600; waits++) await sleep(100)
  t.notOk(isAlive(pid), 'all have ended')
})
