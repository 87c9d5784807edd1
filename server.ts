import closeWithGrace from 'close-with-grace'
import { pino, stdTimeFunctions } from 'pino'
import { buildApp } from './app.ts'
import { loadConfig, type Config } from './lib/config.ts'

/** How long the listener stays open after the first signal, in milliseconds, so that load balancers see /readyz fail. */
const NOTICE_MS = 500

/** What a shutdown may take beyond the deadline of the last request, in milliseconds. */
const GRACE_MS = 5000

const started = performance.now()

try {
  await serve(loadConfig(process.env))
} catch (error) {
  // Whoever starts a service with a wrong setting needs one line, not a stack.
  process.stderr.write(`servery: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function serve (config: Config): Promise<void> {
  const pretty = process.stdout.isTTY ? { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } } } : {}
  const app = await buildApp(config, {
    logger: pino({
      level: config.LOG_LEVEL,
      // As collectors of logs want them.
      formatters: { level: label => ({ level: label }) },
      timestamp: stdTimeFunctions.isoTime,
      ...pretty
    }),
    onFatal: () => {
      process.exitCode = 1
      grace.close()
    }
  })

  // Ctrl-C under npm arrives twice, from the terminal and from npm: the first signal starts the shutdown and the
  // others change nothing. A hard exit in mid-run would abort the process.
  const grace = closeWithGrace({
    delay: NOTICE_MS + config.DEADLINE_MS + GRACE_MS,
    skip: ['SIGTERM', 'SIGINT'],
    logger: false,
    onTimeout: () => {
      app.log.fatal('Could not shut down in time')
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
  app.log.info({ durationMs: Math.round(performance.now() - started) }, 'Ready')
}
