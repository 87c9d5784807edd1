import { realpathSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'
import { pino, stdTimeFunctions } from 'pino'
import { buildApp } from './app.ts'
import { loadConfig, type Config } from './lib/config.ts'
import { keepHeapSmall } from './lib/flags.ts'
import { messageOf } from './lib/message.ts'
import { progressTo } from './lib/sources/progress.ts'
import { modelPath } from './lib/sources/locate.ts'
import { addressesOf, PRETTY, readyLines } from './lib/terminal.ts'

/** How long the server still accepts connections after the first signal, so that load balancers see /readyz fail. */
const NOTICE_MS = 500

/** How long a shutdown may take after the deadline of the last request. */
const GRACE_MS = 5000

const startedMs = performance.now()

/** Settles when the service is ready, or has failed: then `process.exitCode` says so. */
export const started = start()

async function start (): Promise<void> {
  try {
    refuseArguments()
    await serve(loadConfig(process.env))
  } catch (error) {
    // For a wrong setting, one line says more than a stack trace.
    process.stderr.write(`servery: ${messageOf(error)}\n`)
    process.exitCode = 1
  }
}

/** Started by itself, this file would pass over the flags that the command line reads. */
function refuseArguments (): void {
  const [, script = '', ...args] = process.argv
  if (args.length === 0 || realpathSync(script) !== import.meta.filename) return
  throw new Error(`dist/server.js takes no arguments; write servery serve ${args.join(' ')}, or npm start -- ${args.join(' ')}`)
}

async function serve (config: Config): Promise<void> {
  const { isTTY: isTerminal } = process.stdout
  // A terminal shows what is served in words instead of the messages of a usual start. Those that ask for more still get them.
  const isQuiet = isTerminal && config.LOG_LEVEL === 'info'
  const log = pino({
    level: isQuiet ? 'warn' : config.LOG_LEVEL,
    // Log collectors expect the level as a word.
    formatters: { level: label => ({ level: label }) },
    timestamp: stdTimeFunctions.isoTime
  }, isTerminal ? (await import('pino-pretty')).default(PRETTY) : pino.destination(1))
  if (isQuiet) process.stdout.write(`Loading ${modelPath(config)} …\n`)
  const app = await buildApp(config, {
    ...isTerminal && process.stderr.isTTY && { onProgress: progressTo(process.stderr) },
    logger: log,
    onFatal: () => {
      process.exitCode = 1
      grace.close()
    }
  })

  // With Ctrl-C under npm, the signal arrives twice: from the terminal and from npm. The first one starts the shutdown,
  // and later ones do nothing: an exit during a run of the model would crash the process.
  const grace = closeWithGrace({
    delay: NOTICE_MS + config.DEADLINE_MS + GRACE_MS,
    skip: ['SIGTERM', 'SIGINT'],
    logger: false,
    onTimeout: () => {
      app.log.fatal('The shutdown took too long; the process is killed')
      process.kill(process.pid, 'SIGKILL')
    }
  }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'Uncaught error; shutting down')
    await app.close()
    app.log.info('Shut down')
    if (process.exitCode) throw err ?? new Error('fatal')
  })
  let closing = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) return
      closing = true
      app.drain()
      app.log.info({ signal }, 'Shutting down')
      setTimeout(grace.close, NOTICE_MS)
    })
  }

  try {
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    grace.uninstall()
    await app.close()
    throw error
  }
  keepHeapSmall()
  app.log.info({ durationMs: Math.round(performance.now() - startedMs) }, 'Ready')
  if (isTerminal) {
    const { card, sources, assumptions } = app.model
    // If any free port was asked for, this is the one.
    const [bound] = app.addresses()
    const addresses = addressesOf(config.HOST, bound instanceof Object ? bound.port : config.PORT)
    process.stdout.write(`\n${readyLines({ card, sources, assumptions, addresses }).map(line => `  ${line}`.trimEnd().concat('\n')).join('')}\n`)
    log.level = config.LOG_LEVEL
  }
}
