#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { messageOf } from '../lib/message.ts'
import { VERSION } from '../lib/project.ts'
import { COMMANDS, commandNames, commandOf, type CommandName } from './commands.ts'
import { flagOf, modelOf, readFlags, SETTINGS, suggestion, takeSettings, Usage } from './flags.ts'
import { helpOf, usage } from './help.ts'

/** What a command does: returns the exit code. */
type Run = (args: string[], environment: NodeJS.ProcessEnv) => Promise<number>

// Each command loads what it needs alone.
const RUNS: Record<CommandName, () => Promise<Run>> = {
  serve: async () => serve,
  predict: async () => (await import('./predict.ts')).predict,
  inspect: async () => (await import('./inspect.ts')).inspect,
  init: async () => (await import('./init.ts')).init,
  check: async () => (await import('./check.ts')).check,
  evaluate: async () => (await import('./evaluate.ts')).evaluate,
  fetch: async () => (await import('./fetch.ts')).fetch,
  containerize: async () => (await import('./containerize.ts')).containerize,
  completion: async () => (await import('./completion.ts')).completion
}

/** The command line is wrong. Anything else that fails is 1. */
const USAGE_CODE = 2

// `servery inspect MODEL | head` closes the pipe when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit() })

run(process.argv.slice(2)).then(code => { process.exitCode = code }, (error: unknown) => {
  process.stderr.write(`servery: ${messageOf(error)}\n`)
  process.exitCode = error instanceof Usage ? USAGE_CODE : 1
})

async function run (all: string[]): Promise<number> {
  // What a shell asks to complete may be half a flag.
  if (all[0] === 'completion' && all[1] === '--') return await (await RUNS.completion())(all.slice(1), process.env)
  const asked = helpAsked(all)
  if (asked !== null) return print(asked)
  const [first] = takeSettings(all).rest
  if (first === '--version' || first === '-v') return print(`${VERSION}\n`)
  const named = first === undefined ? 'serve' : commandOf(first)
  const name = named ?? 'serve'
  const { settings, rest } = takeSettings(all, Object.keys(COMMANDS[name].options))
  if (first !== undefined && named === null && !isModel(first)) throw unknownCommand(first)
  return await (await RUNS[name]())(named === null ? rest : rest.slice(1), { ...process.env, ...settings })
}

/** The help that the arguments ask for, or null. */
function helpAsked (all: string[]): string | null {
  const end = all.indexOf('--')
  const flags = end < 0 ? all : all.slice(0, end)
  const isAsked = flags.includes('--help') || flags.includes('-h')
  if (!isAsked && all[0] !== 'help') return null
  const word = flags.find(arg => !arg.startsWith('-') && arg !== 'help')
  const name = word === undefined ? null : commandOf(word)
  if (all[0] === 'help' && word !== undefined && name === null) throw unknownCommand(word)
  return name === null ? usage() : helpOf(name)
}

/** Whether a first word that is no command is a model, or a flag. */
function isModel (word: string): boolean {
  return word.startsWith('-') || /[./\\]/.test(word) || existsSync(word)
}

function unknownCommand (word: string): Usage {
  if (/^\d+$/.test(word)) return new Usage(`there is no command '${word}'; did you mean --port ${word}?`)
  const similar = suggestion(word, [...commandNames(), 'start', 'help'])
  return new Usage(`there is no command '${word}'${similar === null ? '' : `; did you mean '${similar}'?`}\n         servery --help lists the commands; a model in this folder is ./${word}`)
}

function print (text: string): number {
  process.stdout.write(text)
  return 0
}

/** `servery [serve] [MODEL]`: serves the model over HTTP. The process goes on when this has returned. */
async function serve (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { positionals } = readFlags(args, COMMANDS.serve.options, 'serve')
  const [model = ''] = positionals
  if (/\.(jpe?g|png|webp|gif|avif|tiff?|bmp|heic|csv|tsv|txt)$/i.test(model)) throw new Usage(`${model} is not a model; to ask a model about it: servery predict ${model}`)
  refuseFlagsOfNpm(environment, model)
  Object.assign(process.env, environment, modelOf(positionals))
  const { started } = await import('../server.ts')
  await started
  return Number(process.exitCode ?? 0)
}

/** `npm start --port 9000` gives the flag to npm itself, and no one would see why the port is another. */
function refuseFlagsOfNpm (environment: NodeJS.ProcessEnv, left: string): void {
  const { npm_lifecycle_event: script } = environment
  if (script === undefined) return
  const flag = [...SETTINGS.values()].map(flagOf).find(flag => environment[`npm_config_${flag.replaceAll('-', '_')}`] !== undefined)
  if (flag === undefined) return
  // npm makes `true` of a flag that it does not know, and leaves the value as an argument.
  const value = environment[`npm_config_${flag.replaceAll('-', '_')}`]
  throw new Usage(`npm has taken --${flag} for itself; write -- before the flags: npm ${script === 'start' ? '' : 'run '}${script} -- --${flag} ${value === 'true' ? left || 'VALUE' : value}`)
}
