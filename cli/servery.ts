#!/usr/bin/env node
import { VERSION } from '../lib/project.ts'
import { evaluate } from './evaluate.ts'
import { fetch } from './fetch.ts'
import { predict } from './predict.ts'

const USAGE = `Usage: servery [command]

  start             serve the model over HTTP (the default command)
  predict FILE...   print the label and the probability of each picture, or of each row of a CSV file
    --json            print one JSON object for each input
    --top-k K         print the K most probable labels (default 1)
  evaluate PATH     measure the model on labelled data: a folder of CLASS/PICTURE files, or a CSV file with a column
                    for the label; writes evaluation.json and confusion.png
    --out DIR         write them to DIR (default: the current folder)
    --limit N         use only N examples
  fetch             download the model from MODEL_URL, if its folder has none
  --help            print this text
  --version         print the version

Settings are environment variables. MODEL_NAME names a folder of models/ (default tensorfood), or MODEL_PATH names a
folder anywhere else. The README lists all settings.
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
