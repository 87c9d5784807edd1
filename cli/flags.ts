import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ConfigSchema } from '../lib/config.ts'
import { COMMANDS, commandNames, type CommandName, type Options } from './commands.ts'

/** What is wrong with the command line itself, in one line. The exit code is 2. */
export class Usage extends Error {}

/** A setting as a flag: `MAX_BATCH` is `--max-batch`. */
export function flagOf (setting: string): string {
  return setting.toLowerCase().replaceAll('_', '-')
}

/** The setting of each flag. */
export const SETTINGS: ReadonlyMap<string, string> = new Map(Object.keys(ConfigSchema.properties).map(setting => [flagOf(setting), setting]))

const SETTING_OPTIONS: NonNullable<ParseArgsConfig['options']> = Object.fromEntries([...SETTINGS.keys()].map(flag => [flag, { type: 'string' as const }]))

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
 * @throws Usage when a flag of a setting has no value
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
    if (isMissing) throw new Usage(`${token.rawName} needs a value: ${token.rawName} ${exampleOf(setting)}`)
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
export function schemaOf (setting: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object.entries(ConfigSchema.properties).find(([name]) => name === setting)?.[1] ?? {}))
}

/**
 * Reads the flags of one command from the arguments that `takeSettings` has left.
 *
 * @param command the name of the command, for messages
 * @throws Usage that names an unknown flag and the nearest known one, a flag without its value, or a value that is not one of its choices
 */
export function readFlags<Known extends Options> (args: readonly string[], options: Known, command: CommandName) {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { rawName: flag, value, inlineValue: isInline } = token
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (!option) throw unknown(flag, options, command)
    if (option.type === 'boolean') {
      if (value !== undefined) throw new Usage(`${flag} takes no value`)
      continue
    }
    if (value === undefined || value === '' || (!isInline && /^-./.test(value))) throw new Usage(`${flag} needs a value: ${flag} ${option.value ?? 'VALUE'}`)
    if (option.choices && !option.choices.includes(value)) throw new Usage(`${flag} ${value} must be one of ${option.choices.join(', ')}`)
  }
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

function unknown (flag: string, options: Options, command: CommandName): Usage {
  const name = flag.replace(/^-+/, '')
  const shown = flag.length > NAME_LIMIT ? `${flag.slice(0, NAME_LIMIT)}…` : flag
  const others = commandNames().filter(other => Object.hasOwn(COMMANDS[other].options, name))
  if (others.length > 0) return new Usage(`${flag} is not a flag of ${command}, but of ${others.join(', ')}`)
  const similar = suggestion(name, [...Object.keys(options), 'help', 'version', ...SETTINGS.keys()])
  return new Usage(`there is no flag ${shown}; ${similar === null ? `servery ${command} --help lists them` : `did you mean --${similar}?`}`)
}

/**
 * Reads a number of a flag.
 *
 * @throws Usage when it is not a whole number of at least `least`
 */
export function wholeNumber (flag: string, text: string, least: number): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least) throw new Usage(`--${flag} ${text} must be a whole number of at least ${least}`)
  return number
}

/**
 * The setting of a command's only argument, which is the model.
 *
 * @throws Usage when there are several
 */
export function modelOf ([model, other]: readonly string[]): { MODEL_PATH?: string } {
  if (other !== undefined) throw new Usage(`there is one model, and '${other}' is one too many`)
  return model === undefined ? {} : { MODEL_PATH: model }
}

/** The name that was meant, or null if none is like the one that was written. A beginning of a name is like it. */
export function suggestion (written: string, names: readonly string[]): string | null {
  const name = written.slice(0, NAME_LIMIT).toLowerCase()
  const begun = name.length > 1 ? names.find(other => other.startsWith(name)) : undefined
  const ranked = names.map(other => ({ other, changes: distance(name, other) })).sort((a, b) => a.changes - b.changes)
  const [nearest] = ranked
  // Two letters in the wrong order are two changes.
  if (nearest && nearest.changes <= Math.max(1, Math.floor(nearest.other.length / 2)) && nearest.changes < name.length) return nearest.changes <= 2 ? nearest.other : begun ?? nearest.other
  return begun ?? null
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
