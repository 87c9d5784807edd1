// `npm run dev`: compiles on every change, and restarts the service. Its arguments are those of `servery serve`. When one of the two
// ends, or this process or the one that started it does, nothing stays behind. It runs the single modules, because
// to bundle them takes longer than to load them. It needs no shell, so that it runs on Windows, too.
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

/** How often it looks whether the process that started it is still there. */
const PARENT_MS = 500

const { ppid: parent, platform, execPath, argv: [, , ...args] } = process
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const children = [
  [tsc, '--watch', '--preserveWatchOutput', '--outDir', 'dist/dev', '--tsBuildInfoFile', 'dist/dev/.tsbuildinfo'],
  ['--watch', '--watch-preserve-output', '--enable-source-maps', 'dist/dev/cli/servery.js', 'serve', ...args]
].map(command => spawn(execPath, command, { stdio: 'inherit' }))

let isEnding = false

function end () {
  if (isEnding) return
  isEnding = true
  clearInterval(watch)
  for (const child of children) {
    // On Windows, a signal ends a process and not those that it has started.
    if (platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'])
    else child.kill()
  }
}

const watch = setInterval(() => { if (process.ppid !== parent) end() }, PARENT_MS)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
for (const child of children) {
  child.on('exit', code => {
    if (!isEnding) process.exitCode = code ?? 1
    end()
  })
}
