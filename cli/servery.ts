#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { messageOf } from '../lib/message.ts'
import { VERSION } from '../lib/project.ts'
import { modelOf, nearest, readFlags, settingsHelp, takeSettings } from './flags.ts'

const USAGE = `Usage: servery MODEL [flags]
       servery [command] [flags]

MODEL is an .onnx file, a folder with one, an archive (.zip, .tar.gz) of such a folder, or an address of one of these, such
as https://example.org/model.onnx, which is fetched once and kept in a cache (--model-cache).

  start [MODEL]     serve the model over HTTP (the default command)
  inspect [MODEL]   print what the model takes and answers, where that was read, and what was assumed; starts nothing
    --json            print JSON
  init [MODEL]      write the card.json that was worked out, with comments where something was assumed
    --preset NAME     settle what is not clear as NAME usually has it: torchvision, timm, keras or sklearn
    --out FILE        write it to FILE (default: card.json beside the model)
    --force           replace a file that is there
  check [MODEL]     load the model as the service does, compare it with its golden samples, and list all faults
    --reference FILE  compare it with inputs and outputs from Python, in an .npz or JSON file
    --tolerance D     largest difference of a number to the reference (default 0.0001)
    --record FILE     add the inputs of FILE, with the answers of now, to the golden samples of card.json (repeatable)
  predict [MODEL] FILE...
                    print the label and the probability of each picture, or of each row of a CSV file
    --json            print one JSON object for each input
    --top-k K         print the K most probable labels (default 1)
  evaluate [MODEL] PATH
                    measure the model on labelled data: a folder of CLASS/PICTURE files, or a CSV file with a column
                    for the label; writes evaluation.json, confusion.json and confusion.png
    --out DIR         write them to DIR (default: the current folder)
    --limit N         use only N examples
  fetch [MODEL]     download the model from MODEL_URL if its folder has none, or from the address MODEL, and print where it is
  --help            print this text
  --version         print the version

Settings, as flags of any command or as environment variables (--max-batch 8 is MAX_BATCH=8). Other users of the machine
can read flags, so set secrets in the environment.

${settingsHelp()}
`

/** A command: returns the exit code. */
type Command = (args: string[], environment: NodeJS.ProcessEnv) => Promise<number>

// Each command loads what it needs alone.
const COMMANDS: Record<string, () => Promise<Command>> = {
  inspect: async () => (await import('./inspect.ts')).inspect,
  init: async () => (await import('./init.ts')).init,
  check: async () => (await import('./check.ts')).check,
  predict: async () => (await import('./predict.ts')).predict,
  evaluate: async () => (await import('./evaluate.ts')).evaluate,
  fetch: async () => (await import('./fetch.ts')).fetch
}

/** Flags of `predict` that are settings elsewhere. */
const PREDICT_FLAGS = ['top-k']

// `servery inspect MODEL | head` closes the pipe when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit() })

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`servery: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function run (all: string[]): Promise<number> {
  const [named] = takeSettings(all).rest
  const { settings, rest } = takeSettings(all, named === 'predict' ? PREDICT_FLAGS : [])
  const [first = 'start', ...others] = rest
  const command = COMMANDS[first]
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(USAGE)
    return 0
  }
  if (first === '--version') {
    process.stdout.write(`${VERSION}\n`)
    return 0
  }
  if (command) return await (await command())(others, { ...process.env, ...settings })
  if (first === 'start') return await start(others, settings)
  if (first.startsWith('-') || /[./\\]/.test(first) || existsSync(first)) return await start(rest, settings)
  process.stderr.write(`servery: there is no command '${first}'; the nearest is '${nearest(first, ['start', ...Object.keys(COMMANDS)])}'. A model in this folder is ./${first}\n\n${USAGE}`)
  return 2
}

async function start (args: string[], settings: Record<string, string>): Promise<number> {
  const { positionals } = readFlags(args, {})
  Object.assign(process.env, settings, modelOf(positionals))
  await import('../server.ts')
  return Number(process.exitCode ?? 0)
}
