import { COMMANDS, commandNames, type Command, type CommandName } from './commands.ts'
import { flagOf, schemaOf, SETTINGS } from './flags.ts'

/** Width of the help, in characters: that of a terminal as it opens. */
const WIDTH = 80

/** The settings as the help of `serve` groups them. Those that no group names are in the last one. */
const GROUPS: ReadonlyArray<readonly [heading: string, settings: readonly string[]]> = [
  ['Address', ['HOST', 'PORT', 'GRPC_PORT']],
  ['Model', ['MODEL_NAME', 'MODEL_PATH', 'SERVED_NAME', 'MODEL_VERSION', 'MODEL_URL', 'MODEL_TOKEN', 'MODEL_SHA256', 'MODEL_LIMIT', 'MODEL_CACHE']],
  ['Answers', ['TOP_K', 'DIALECTS']],
  ['Speed', ['WORKERS', 'THREADS', 'MAX_BATCH', 'EXECUTION_PROVIDERS']],
  ['Access', ['API_KEYS', 'RATE_LIMIT', 'CORS_ORIGINS', 'EMBED_ORIGINS', 'TRUST_PROXY']],
  ['Logs', ['LOG_LEVEL', 'PREDICTION_LOG', 'PREDICTION_LOG_SAMPLE']],
  ['Limits', []]
]

/** The help of `servery --help`. */
export function usage (): string {
  return `Usage: servery [serve] [MODEL] [flags]
       servery COMMAND [arguments] [flags]

${wrapped('Serves a model in ONNX format over HTTP, or asks it without a server.')}

${wrapped('MODEL is an .onnx file, a folder or an archive (.zip, .tar.gz) that holds one, or an address of one of these, such as https://example.org/wine.onnx. Without it, an embedded model of pictures of food is taken.')}

Commands:
${rows(commandNames().map(name => [name, COMMANDS[name].summary]))}

Flags:
${rows([
  ['-h, --help', 'print this text, or that of a command: servery predict --help'],
  ['-v, --version', 'print the version'],
  ['--SETTING VALUE', 'each setting is a flag of each command: --port 8080 is PORT=8080. servery serve --help lists them']
])}

Examples:
${examples([['servery wine.onnx', 'serve a model at http://localhost:8000'], ['servery predict photo.jpg', 'ask the embedded model'], ['servery inspect wine.onnx', 'what does it take?']])}

Exit codes: 0 done, 1 something failed, 2 the command line is wrong.
`
}

/** The help of one command. */
export function helpOf (name: CommandName): string {
  const { takes, about, options, examples: shown }: Command = COMMANDS[name]
  const own = Object.entries(options).map(([flag, { value, help }]) => [`--${flag}${value === undefined ? '' : ` ${value}`}`, help] as const)
  return [
    `Usage: servery ${name === 'serve' ? '[serve]' : name} ${takes} [flags]`,
    ...about.map(text => wrapped(text)),
    `Flags:\n${rows([...own, ['-h, --help', 'print this text']])}`,
    ...name === 'serve' ? settings() : name === 'completion' ? [] : [wrapped('Settings are flags, too, such as --model-token: servery serve --help lists them.')],
    `Examples:\n${examples(shown)}`
  ].join('\n\n').concat('\n')
}

/** The settings as flags, with their defaults, in groups. */
function settings (): string[] {
  const grouped = new Set(GROUPS.flatMap(([, names]) => names))
  const others = [...SETTINGS.values()].filter(name => !grouped.has(name))
  return [
    wrapped('Each setting is a flag or an environment variable: --max-batch 8 is MAX_BATCH=8, and the flag wins. Other users of the machine can read flags, so keep secrets in the environment.'),
    ...GROUPS.map(([heading, names], at) => {
      const known = names.filter(name => SETTINGS.has(flagOf(name)))
      return `${heading}:\n${rows([...known, ...at === GROUPS.length - 1 ? others : []].map(row))}`
    })
  ]
}

function row (setting: string): readonly [string, string] {
  const { description = '', default: usual } = schemaOf(setting)
  return [`--${flagOf(setting)}`, `${firstSentence(String(description)).replaceAll('`', '')}${usual === undefined ? '' : ` (default: ${String(usual)})`}`]
}

function firstSentence (text: string): string {
  return text.split(/[.;](?:\s|$)/, 1)[0] ?? text
}

/** Names and what they mean in two columns. */
function rows (pairs: ReadonlyArray<readonly [name: string, meaning: string]>): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  const indent = ' '.repeat(width + 4)
  return pairs.map(([name, meaning]) => `  ${name.padEnd(width)}  ${wrapped(meaning, WIDTH - indent.length).replaceAll('\n', `\n${indent}`)}`).join('\n')
}

/** Commands with a comment each, which stands above a command that leaves it no room. */
function examples (pairs: Command['examples']): string {
  const width = Math.max(...pairs.map(([command]) => command.length))
  const fits = pairs.every(([, comment]) => width + comment.length + 7 <= WIDTH)
  return pairs.map(([command, comment]) => {
    if (comment === '') return `  ${command}`
    return fits ? `  ${command.padEnd(width)}   # ${comment}` : `  # ${comment}\n  ${command}`
  }).join('\n')
}

/** A paragraph in lines of this width. */
function wrapped (text: string, width = WIDTH): string {
  const lines: string[] = []
  for (const word of text.split(/(?<!default:) /)) {
    const line = lines.at(-1)
    if (line === undefined || line.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join('\n')
}
