import type { ParseArgsConfig } from 'node:util'

/** A flag of one command, as `parseArgs` reads it and `--help` shows it. */
export type Option = NonNullable<ParseArgsConfig['options']>[string] & {
  help: string
  /** What stands for the value in the help, such as `FILE`. */
  value?: string
  /** The only values, the usual one first. */
  choices?: readonly string[]
}

export type Options = Readonly<Record<string, Option>>

/** A command of `servery`. */
export interface Command {
  /** What stands after its name. */
  takes: string
  /** One line for the list of commands. */
  summary: string
  /** Paragraphs for its own help. */
  about: readonly string[]
  options: Options
  examples: ReadonlyArray<readonly [command: string, comment: string]>
}

/** All commands, in the order of the help. What they do is in the file with the same name. */
export const COMMANDS = {
  serve: {
    takes: '[MODEL]',
    summary: 'serve the model over HTTP; the default command',
    about: [
      'Loads the model, checks it, and serves it over HTTP: a page to try it, an API, documentation and metrics. Ctrl-C ends it after the requests in progress.',
      'MODEL is an .onnx file, a folder or an archive (.zip, .tar.gz) that holds one, or an address of one of these. Without it, the model of --model-name is served.',
      'On a terminal it says what is served and at which address. Elsewhere, it logs JSON lines.'
    ],
    options: {},
    examples: [
      ['servery wine.onnx', 'serve a model at http://localhost:8000'],
      ['servery wine.onnx --port 8080', 'at another port'],
      ['servery --model-name iris', 'serve an embedded model']
    ]
  },
  predict: {
    takes: '[MODEL] INPUT...',
    summary: 'answer files, folders and addresses, without a server',
    about: [
      'INPUT is a file, a folder (with all below it), a pattern such as "photos/*.jpg", an http: or https: address, or - for the standard input. In a folder, files count whose names end as those of pictures, tables or texts do, whichever the model takes. Each row of a CSV file is an input of its own.',
      'The first argument is the model if it ends in .onnx, is an archive, or is a folder that holds a model. Name the model with --model-path to be sure.',
      'On a terminal the answers are a table, elsewhere JSON lines, one for each input, in their order. An input without an answer is one line on the standard error; the others are answered all the same, and the exit code is 1.'
    ],
    options: {
      format: { type: 'string', value: 'FORMAT', choices: ['table', 'json', 'csv'], help: 'table, json (one object in each line) or csv; default: table on a terminal, json elsewhere' },
      json: { type: 'boolean', help: 'the same as --format json' },
      'top-k': { type: 'string', value: 'K', help: 'how many labels to print, the most probable first; default: 1' }
    },
    examples: [
      ['servery predict photo.jpg', 'ask the embedded model'],
      ['servery predict wine.onnx wines.csv', 'your own model, a row at a time'],
      ['servery predict photos/ --format csv > answers.csv', 'a folder'],
      ['cat photo.jpg | servery predict -', 'the standard input']
    ]
  },
  inspect: {
    takes: '[MODEL]',
    summary: 'print what the model takes and answers, and where that was read',
    about: ['Reads the files of the model and prints what it takes and answers, in which file that was found, and what was assumed. It runs nothing.'],
    options: { json: { type: 'boolean', help: 'print JSON' } },
    examples: [['servery inspect wine.onnx', '']]
  },
  init: {
    takes: '[MODEL]',
    summary: 'write the card.json that was worked out, to be corrected by you',
    about: ['Writes what was found out about the model as card.json beside it, with a comment at each field that was assumed.'],
    options: {
      preset: { type: 'string', value: 'NAME', choices: ['torchvision', 'timm', 'keras', 'sklearn'], help: 'settle what is not clear as torchvision, timm, keras or sklearn usually have it' },
      out: { type: 'string', value: 'FILE', help: 'write to FILE; default: card.json beside the model' },
      force: { type: 'boolean', help: 'replace a file that is there' }
    },
    examples: [['servery init resnet.onnx --preset torchvision', '']]
  },
  check: {
    takes: '[MODEL]',
    summary: 'load the model as the service does, and list all that is wrong',
    about: ['Loads the model as the service does, and compares its answers with the golden samples of its card and with references from Python.'],
    options: {
      reference: { type: 'string', multiple: true, value: 'FILE', help: 'compare with the inputs and outputs of an .npz or JSON file; may be repeated' },
      tolerance: { type: 'string', value: 'D', help: 'largest difference of a number to the reference; default: 0.0001' },
      record: { type: 'string', multiple: true, value: 'FILE', help: 'add the inputs of FILE, with the answers of now, to the golden samples of card.json; may be repeated' }
    },
    examples: [['servery check resnet.onnx --reference reference.npz', ''], ['servery check wine/ --record wines.csv', 'keep these answers as golden samples']]
  },
  evaluate: {
    takes: '[MODEL] PATH',
    summary: 'measure the model on labelled data',
    about: [
      'PATH is a folder of CLASS/PICTURE files, a folder of CLASS/TEXT.txt files, or a CSV file with a column for the label or the number. Prints how good the answers are, for the classes that have examples.',
      'Writes evaluation.json and, for labels, confusion.png and confusion.json.'
    ],
    options: {
      out: { type: 'string', value: 'DIR', help: 'write the files to DIR; default: the current folder' },
      limit: { type: 'string', value: 'N', help: 'use only N examples, evenly spread' }
    },
    examples: [['servery evaluate wine.onnx test.csv', ''], ['servery evaluate test/ --limit 500 --out results', 'the embedded model']]
  },
  fetch: {
    takes: '[MODEL]',
    summary: 'download the model, and print where it is',
    about: ['Downloads the model at the address MODEL into the cache, or that of MODEL_URL into its folder if that has none, and prints the path. It is for pipelines and builds of images.'],
    options: {},
    examples: [['servery fetch https://example.org/wine.onnx', ''], ['servery fetch s3://models/team/wine', '']]
  },
  containerize: {
    takes: 'MODEL',
    summary: 'write a Dockerfile for the model',
    about: [
      'Writes a Dockerfile and a .dockerignore into the folder of the model. The image holds Servery and the files of this model alone, runs as a user without rights, and has a health check.',
      'A model that is an archive or an address is copied to the folder of --out first.'
    ],
    options: {
      out: { type: 'string', value: 'DIR', help: 'copy the files of the model to DIR/model, and write to DIR' },
      force: { type: 'boolean', help: 'replace files that are there' }
    },
    examples: [['servery containerize wine.onnx', ''], ['servery containerize hf://acme/wine --out wine-image', 'with a copy of the model']]
  },
  completion: {
    takes: 'SHELL',
    summary: 'print a script that completes commands and flags in a shell',
    about: ['SHELL is bash, zsh, fish or powershell.'],
    options: {},
    examples: [
      ['source <(servery completion bash)', 'in ~/.bashrc; zsh: in ~/.zshrc'],
      ['servery completion fish > ~/.config/fish/completions/servery.fish', '']
    ]
  }
} as const satisfies Record<string, Command>

export type CommandName = keyof typeof COMMANDS

/** Other names of commands. */
const ALIASES: Readonly<Record<string, CommandName>> = { start: 'serve' }

/** The command that a word names, or null. */
export function commandOf (word: string): CommandName | null {
  if (Object.hasOwn(ALIASES, word)) return ALIASES[word] ?? null
  return commandNames().find(name => name === word) ?? null
}

/** The names of all commands, in the order of the help. */
export function commandNames (): CommandName[] {
  return Object.keys(COMMANDS).filter(isName)
}

function isName (word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word)
}
