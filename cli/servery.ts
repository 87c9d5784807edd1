#!/usr/bin/env node
import { VERSION } from '../lib/project.ts'
import { evaluate } from './evaluate.ts'
import { fetch } from './fetch.ts'
import { predict } from './predict.ts'

const USAGE = `Usage: servery [command]

  start                      serve the model over HTTP (the default)
  predict FILE...            print the label and probability of each picture, or of each row of a CSV
                             --json  one JSON object for each
                             --top-k K  that many labels for each
  evaluate PATH              classify a folder of CLASS/picture, or a CSV with a column for the label, and print how
                             well that went; writes evaluation.json and confusion.png
                             --out DIR  there instead of here
                             --limit N  that many examples only
  fetch                      put the model of MODEL_URL into its folder, where there is none yet
  --help, --version

The model is models/MODEL_NAME (default tensorfood) or MODEL_PATH; both are environment variables, as are the other
settings: see the README.
`

const [command = 'start', ...rest] = process.argv.slice(2)

try {
  switch (command) {
    case 'start':
      await import('../server.ts')
      break
    case 'predict':
      process.exitCode = await predict(rest, process.env)
      break
    case 'fetch':
      process.exitCode = await fetch(process.env)
      break
    case 'evaluate':
      process.exitCode = await evaluate(rest, process.env)
      break
    case '--help':
    case '-h':
      process.stdout.write(USAGE)
      break
    case '--version':
      process.stdout.write(`${VERSION}\n`)
      break
    default:
      process.stderr.write(`servery: there is no command '${command}'\n\n${USAGE}`)
      process.exitCode = 2
  }
} catch (error) {
  process.stderr.write(`servery: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
