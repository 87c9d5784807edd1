import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { marked, type Tokens } from 'marked'
import { projectFile } from '../lib/project.ts'
import { environment } from './e2e/process.ts'

/**
 * The commands of a Markdown file, and how each is tested. A comment before a block says it:
 *
 *     <!-- test -->                              runs as it stands, in the project's folder
 *     <!-- test: iris -->                        a service with this model listens on port 8000 (on another one, really)
 *     <!-- test: tensorfood, writes a.png -->    leaves this file behind; it is removed once all commands of the document ran
 *     <!-- test: needs a.png -->                 takes a file that a command before it wrote, or that READERS says how to make
 *     <!-- test: starts -->                      serves until it is stopped, which happens once it is ready
 *     <!-- tested elsewhere: where -->           another test runs it
 *     <!-- not tested: why -->                   does not run
 *
 * Where a block of another language follows at once, it is the output. `…` in it stands for anything; a number with
 * decimals may differ by 0.01, over 1 by a hundredth of itself; JSON may be set in other lines.
 */
export interface Command {
  line: number
  language: Language
  code: string
  /** What is shown as its output. */
  output?: string
  /** Why it does not run. */
  untested?: string
  /** Which other test runs it. */
  elsewhere?: string
  /** Whether a comment before it says how it is tested, or why not. */
  marked: boolean
  model?: string
  writes?: string
  needs?: string
  starts?: boolean
}

const RUN = {
  sh: ['bash', '-euo', 'pipefail', '-c'],
  js: [process.execPath, '--input-type=module', '--eval'],
  python: ['python', '-c'],
  powershell: ['pwsh', '-NoProfile', '-Command']
} as const

type Language = keyof typeof RUN

/** What a machine may lack, and the command that tells. */
const TOOLS = {
  bash: ['bash', '--version'],
  curl: ['curl', '--version'],
  'Python with servery_client[pictures]': ['python', '-c', 'import servery_client, PIL'],
  PowerShell: ['pwsh', '-Version']
} as const

/**
 * What a reader of a document has already, and the Python that makes the like: a model of theirs.
 */
const READERS: Record<string, string> = {
  'wine.pkl': `import pickle
from sklearn.datasets import load_wine
from sklearn.tree import DecisionTreeClassifier
pickle.dump(DecisionTreeClassifier(max_depth=3).fit(*load_wine(return_X_y=True)), open("wine.pkl", "wb"))`,
  'my-reviews': `import os
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
os.makedirs("my-reviews")
open("my-reviews/vocab.txt", "w").write("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad"]))
tokenizer = BertTokenizerFast("my-reviews/vocab.txt")
config = BertConfig(vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1})
BertForSequenceClassification(config).save_pretrained("my-reviews")
tokenizer.save_pretrained("my-reviews")`
}

/** Folders of further Python environments, with the frameworks that export models, separated as in PATH. The one in PATH comes first. */
const PYTHONS = ['', ...(process.env['PYTHONS'] ?? '').split(delimiter).filter(Boolean)]

/** The packages that a command in Python imports. */
const IMPORTED = /^(?:import|from) ([\w.]+)/gm

export function commandsOf (markdown: string): Command[] {
  const commands: Command[] = []
  let line = 1
  let comment = ''
  let last: Command | undefined
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'html') comment = token.raw
    else if (isCode(token)) {
      const { lang = '', text: code } = token
      if (isLanguage(lang)) commands.push(last = { line, language: lang, code, ...read(comment) })
      else if (last && !comment) last.output = code
    }
    if (!isCode(token) && token.type !== 'space') last = undefined
    if (token.type !== 'html' && token.type !== 'space') comment = ''
    line += token.raw.split('\n').length - 1
  }
  return commands
}

function isCode (token: { type: string }): token is Tokens.Code {
  return token.type === 'code'
}

function isLanguage (name: string): name is Language {
  return name in RUN
}

function read (comment: string): Omit<Command, 'line' | 'language' | 'code' | 'output'> {
  const untested = /<!-- not tested: (.+?) -->/.exec(comment)?.[1]
  if (untested) return { marked: true, untested }
  const elsewhere = /<!-- tested elsewhere: (.+?) -->/.exec(comment)?.[1]
  if (elsewhere) return { marked: true, elsewhere }
  const test = /<!-- test(?:: (.+?))? -->/.exec(comment)
  if (!test) return { marked: false }
  const clauses = test[1]?.split(', ') ?? []
  const named = (verb: string) => clauses.find(clause => clause.startsWith(`${verb} `))?.slice(verb.length + 1)
  const writes = named('writes')
  const needs = named('needs')
  const starts = clauses.includes('starts')
  const model = clauses.find(clause => !/^(?:(?:writes|needs) |starts$)/.test(clause))
  return { marked: true, ...(model && { model }), ...(writes && { writes }), ...(needs && { needs }), ...(starts && { starts }) }
}

/** What this machine lacks to run a command. */
export function lacking ({ language, code, needs }: Command): string | undefined {
  if (needs && !existsSync(projectFile(needs))) return `a ${needs}, which a command before it writes`
  if (language === 'python') return folderFor(code) === undefined ? `Python with ${importedBy(code).join(' and ')}` : undefined
  if (code.includes('optimum-cli')) return folderFor(OPTIMUM) === undefined ? 'optimum-cli' : undefined
  const programs = [RUN[language][0], ...(language === 'sh' ? ['curl', 'python'].filter(program => new RegExp(`\\b${program}\\b`).test(code)) : [])]
  const missing = Object.entries(TOOLS).find(([, tool]) => programs.includes(tool[0]) && !succeeds(tool))
  return missing?.[0]
}

const OPTIMUM = 'import optimum.exporters.onnx'

function importedBy (code: string): string[] {
  return [...code.matchAll(IMPORTED)].map(([, name = '']) => name)
}

/** The folder of a Python that has all that the code imports: '' for the one in PATH; undefined if there is none. */
function folderFor (code: string): string | undefined {
  const imports = importedBy(code).map(name => `import ${name}`).join('\n')
  return PYTHONS.find(folder => succeeds([join(folder, 'python'), '-c', imports]))
}

/** Makes what a reader would have, unless it is there or this machine cannot. */
export function prepare ({ needs = '' }: Command): void {
  const code = READERS[needs]
  const folder = code === undefined || existsSync(projectFile(needs)) ? undefined : folderFor(code)
  if (code !== undefined && folder !== undefined) spawnSync(join(folder, 'python'), ['-c', code], { cwd: projectFile('.') })
}

/** Removes what a command wrote or took. */
export async function cleanUp ({ writes, needs }: Command): Promise<void> {
  for (const name of [writes, needs]) if (name) await rm(projectFile(name), { recursive: true, force: true })
}

function succeeds ([program, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/**
 * Runs a command and answers what it printed.
 *
 * @param url of the service that the command means by port 8000
 * @throws Error when it fails, or leaves no file where it should
 */
export async function run (command: Command, url = ''): Promise<string> {
  const { language, code, writes, starts } = command
  const [program, ...args] = RUN[language]
  const python = language === 'python' ? folderFor(code) : code.includes('optimum-cli') ? folderFor(OPTIMUM) : undefined
  if (writes) await rm(projectFile(writes), { recursive: true, force: true })
  const host = url.replace('http://', '')
  const script = url ? code.replaceAll('localhost:8000', host) : code
  const env = environment({ ...(starts && { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info' }), ...(python && { PATH: `${python}${delimiter}${process.env['PATH']}` }) })
  const child = spawn(program, [...args, script], { cwd: projectFile('.'), env, stdio: ['ignore', 'pipe', 'pipe'], detached: starts === true })
  const closed = once(child, 'close')
  const complaints = text(child.stderr)
  let printed = ''
  let ready = false
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk
    if (starts && !ready && printed.includes('"Ready"')) {
      ready = true
      // The service may be a child of npm; the group holds them all.
      process.kill(-child.pid!, 'SIGTERM')
    }
  }
  const [status] = await closed
  if (starts ? !ready : status !== 0) throw new Error(`exit code ${status}\n${printed}${await complaints}`)
  if (writes && !existsSync(projectFile(writes))) throw new Error(`${writes} was not written`)
  return url ? printed.replaceAll(host, 'localhost:8000') : printed
}

/** Whether a command printed what is shown as its output. */
export function agrees (shown: string, printed: string): boolean {
  const parts = normalise(shown).split(DECIMAL)
  // Every other part is a number, since it is a group of the separator.
  const pattern = parts.map((part, at) => at % 2 ? DECIMAL.source : part.split('…').map(escape).join('[^]*?')).join('')
  const found = new RegExp(`^${pattern}$`).exec(normalise(printed))
  const numbers = parts.filter((_part, at) => at % 2).map(Number)
  return found !== null && numbers.every((number, at) => Math.abs(number - Number(found[at + 1])) <= 0.01 * Math.max(1, Math.abs(number)))
}

const DECIMAL = /(-?\d+\.\d+(?:e-?\d+)?)/

function normalise (output: string): string {
  try {
    return JSON.stringify(JSON.parse(output))
  } catch {
    return output.trim().replaceAll(/[ \t]+$/gm, '')
  }
}

function escape (literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
