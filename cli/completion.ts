import { readdir } from 'node:fs/promises'
import { projectFile } from '../lib/project.ts'
import { COMMANDS, commandNames, commandOf, type Options } from './commands.ts'
import { readFlags, schemaOf, SETTINGS, Usage } from './flags.ts'

/**
 * What makes each shell ask `servery completion -- WORDS` for what may stand in place of the last word. A shell completes the names of files
 * by itself where the answer is nothing.
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_servery () {
  local IFS=$'\\n'
  COMPREPLY=($(servery completion -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null))
}
complete -o default -o bashdefault -F _servery servery
`,
  zsh: `#compdef servery
_servery () {
  local -a found
  found=("\${(@f)$(servery completion -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _servery servery
`,
  fish: `function __servery
  set --local words (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor)
  servery completion -- $words[2..-1] 2> /dev/null
end
complete --command servery --arguments '(__servery)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName servery -ScriptBlock {
  param($word, $line, $cursor)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += ' ' }
  servery completion -- @words 2> $null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`
}

/**
 * `servery completion SHELL`: prints what makes a shell complete commands and flags. `servery completion -- WORDS` is what that calls.
 *
 * @returns the exit code
 */
export async function completion (args: string[]): Promise<number> {
  const [shell, ...words] = args
  if (shell === '--') {
    process.stdout.write((await candidates(words)).map(word => `${word}\n`).join(''))
    return 0
  }
  const { positionals: [, other] } = readFlags(args, COMMANDS.completion.options, 'completion')
  if (other !== undefined) throw new Usage(`there is one shell, and '${other}' is one too many`)
  const script = shell !== undefined && Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined) throw new Usage(`name the shell: servery completion ${Object.keys(SCRIPTS).join(' | ')}`)
  process.stdout.write(script)
  return 0
}

/** What may stand in place of the last word: commands, flags and values that begin like it. Nothing where a file may stand. */
export async function candidates (words: readonly string[]): Promise<string[]> {
  // PowerShell leaves an empty argument out, and sends a blank instead.
  const last = (words.at(-1) ?? '').trim()
  const name = words.slice(0, -1).map(commandOf).find(found => found !== null) ?? null
  const options: Options = COMMANDS[name ?? 'serve'].options
  const [inlineFlag, inlineValue] = /^--([\w-]+)=(.*)$/s.exec(last)?.slice(1) ?? []
  if (inlineFlag !== undefined) return (await valuesOf(inlineFlag, options)).filter(value => value.startsWith(inlineValue ?? '')).map(value => `--${inlineFlag}=${value}`)
  const before = /^--([\w-]+)$/.exec(words.at(-2) ?? '')?.[1]
  const takesValue = before !== undefined && (options[before]?.type === 'string' || (!options[before] && SETTINGS.has(before)))
  if (takesValue) return (await valuesOf(before, options)).filter(value => value.startsWith(last))
  if (last.startsWith('-')) return [...new Set([...Object.keys(options), ...SETTINGS.keys(), 'help', ...name === null ? ['version'] : []])].map(flag => `--${flag}`).filter(flag => flag.startsWith(last))
  if (name === 'completion') return Object.keys(SCRIPTS).filter(shell => shell.startsWith(last))
  return name === null && words.length <= 1 ? commandNames().filter(command => command.startsWith(last)) : []
}

/** The values of a flag, if they are few. */
async function valuesOf (flag: string, options: Options): Promise<readonly string[]> {
  const choices = options[flag]?.choices
  if (choices) return choices
  const setting = SETTINGS.get(flag)
  if (setting === undefined) return []
  if (setting === 'MODEL_NAME') return (await readdir(projectFile('models'), { withFileTypes: true })).filter(entry => entry.isDirectory() && entry.name !== 'training').map(entry => entry.name).sort()
  const { enum: values } = schemaOf(setting)
  return Array.isArray(values) ? values.map(String) : []
}
