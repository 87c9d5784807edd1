import closeWithGrace from 'close-with-grace'
import { pino, stdTimeFunctions } from 'pino'
import { buildApp } from './app.ts'
import { loadConfig, type Config } from './lib/config.ts'
import { messageOf } from './lib/message.ts'
import { progressTo } from './lib/sources/progress.ts'
import { summaryLines } from './lib/summary.ts'

/** Fields that the log on a terminal leaves out: the process number and host, and what the lines of the summary say after the start. */
const SUMMARY_FIELDS = 'pid,hostname,input,output,labels,sources,assumptions,trials'

/** How long the server still accepts connections after the first signal, so that load balancers see /readyz fail. */
const NOTICE_MS = 500

/** How long a shutdown may take after the deadline of the last request. */
const GRACE_MS = 5000

const started = performance.now()

try {
  await serve(loadConfig(process.env))
} catch (error) {
  // For a wrong setting, one line says more than a stack trace.
  process.stderr.write(`servery: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function serve (config: Config): Promise<void> {
  const pretty = process.stdout.isTTY ? { transport: { target: 'pino-pretty', options: { ignore: SUMMARY_FIELDS, translateTime: 'HH:MM:ss' } } } : {}
  const app = await buildApp(config, {
    ...process.stdout.isTTY && process.stderr.isTTY && { onProgress: progressTo(process.stderr) },
    logger: pino({
      level: config.LOG_LEVEL,
      // Log collectors expect the level as a word.
      formatters: { level: label => ({ level: label }) },
      timestamp: stdTimeFunctions.isoTime,
      ...pretty
    }),
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
  app.log.info({ durationMs: Math.round(performance.now() - started) }, 'Ready')
  if (process.stdout.isTTY) {
    const { card, sources, assumptions } = app.model
    process.stdout.write(`\n${summaryLines(card, sources, assumptions).map(line => `  ${line}\n`).join('')}\n`)
  }
}
