import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ConfigSchema } from '../lib/config.ts'

/** A flag of a command, as `parseArgs` describes it. */
type Options = NonNullable<ParseArgsConfig['options']>

/** A setting as a flag: `MAX_BATCH` is `--max-batch`. */
function flagOf (setting: string): string {
  return setting.toLowerCase().replaceAll('_', '-')
}

/** The setting of each flag. */
const SETTINGS = new Map(Object.keys(ConfigSchema.properties).map(setting => [flagOf(setting), setting]))

const SETTING_OPTIONS: Options = Object.fromEntries([...SETTINGS.keys()].map(flag => [flag, { type: 'string' as const }]))

/** What was found on the command line. */
export interface Flags {
  /** Settings by the names of their environment variables. */
  settings: Record<string, string>
  /** The other arguments, in their order. */
  rest: string[]
}

/**
 * Takes the flags that are settings from the arguments of a command: `--port 8080` or `--port=8080` is PORT.
 *
 * @param own flags that mean something else to the command
 * @throws Error with one line, when a flag of a setting has no value
 */
export function takeSettings (args: readonly string[], own: readonly string[] = []): Flags {
  const { tokens } = parseArgs({ args: [...args], options: SETTING_OPTIONS, strict: false, allowPositionals: true, tokens: true })
  const settings: Record<string, string> = {}
  const taken = new Set<number>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const setting = SETTINGS.get(token.name)
    if (setting === undefined || own.includes(token.name) || !token.rawName.startsWith('--')) continue
    const isMissing = token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('--'))
    if (isMissing) throw new Error(`${token.rawName} needs a value: ${token.rawName} ${exampleOf(setting)}`)
    settings[setting] = token.value
    taken.add(token.index)
    if (!token.inlineValue) taken.add(token.index + 1)
  }
  return { settings, rest: args.filter((_arg, at) => !taken.has(at)) }
}

function exampleOf (setting: string): string {
  return String(schemaOf(setting)['default'] ?? 'VALUE')
}

/** The fields of a setting's schema, such as `description` and `default`. */
function schemaOf (setting: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object.entries(ConfigSchema.properties).find(([name]) => name === setting)?.[1] ?? {}))
}

/**
 * Reads the flags of one command from the arguments that `takeSettings` has left.
 *
 * @throws Error with one line that names an unknown flag, and the nearest known one
 */
export function readFlags<Known extends Options> (args: readonly string[], options: Known) {
  const known: Options = { ...options, ...SETTING_OPTIONS }
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = known[token.name]
    if (!option) throw new Error(`there is no flag ${token.rawName}; the nearest is --${nearest(token.name, Object.keys(known))}`)
    if (option.type === 'string' && token.value === undefined) throw new Error(`${token.rawName} needs a value`)
    if (option.type === 'boolean' && token.value !== undefined) throw new Error(`${token.rawName} takes no value`)
  }
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

/**
 * The setting of a command's only argument, which is the model.
 *
 * @throws Error when there are several
 */
export function modelOf ([model, other]: readonly string[]): { MODEL_PATH?: string } {
  if (other !== undefined) throw new Error(`there is one model, and '${other}' is one too many`)
  return model === undefined ? {} : { MODEL_PATH: model }
}

/** The name that takes the fewest changes of one letter. */
export function nearest (name: string, names: readonly string[]): string {
  const ranked = names.map(other => ({ other, changes: distance(name.slice(0, NAME_LIMIT), other) })).sort((a, b) => a.changes - b.changes)
  return ranked[0]?.other ?? ''
}

/** How much of an argument is compared. No name is longer. */
const NAME_LIMIT = 40

/** Fewest insertions, deletions and replacements of a letter that turn one text into another. @see https://en.wikipedia.org/wiki/Levenshtein_distance */
function distance (from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (let at = 0; at < to.length; at++) next.push(Math.min(next[at]! + 1, row[at + 1]! + 1, row[at]! + Number(to[at] !== letter)))
    row = next
  }
  return row[to.length]!
}

/** The settings as lines for `--help`. */
export function settingsHelp (): string {
  const width = Math.max(...[...SETTINGS.keys()].map(flag => flag.length))
  return [...SETTINGS].map(([flag, setting]) => {
    const { description = '', default: usual } = schemaOf(setting)
    return `  --${flag.padEnd(width)}  ${firstSentence(String(description))}${usual === undefined ? '' : ` (${String(usual)})`}`
  }).join('\n')
}

function firstSentence (text: string): string {
  return text.split(/[.;](?:\s|$)/, 1)[0] ?? text
}
