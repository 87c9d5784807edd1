import { stat } from 'node:fs/promises'
import type { Classifier } from '../lib/classifier.ts'
import { loadConfig, type Config } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { messageOf } from '../lib/message.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import type { Item } from '../lib/modalities/kinds.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { isArchive } from '../lib/sources/archive.ts'
import { schemeOf, SCHEMES } from '../lib/sources/index.ts'
import { fetchMissingModel, hasModel } from '../lib/sources/locate.ts'
import { printerOf, type Format } from './answers.ts'
import { Bar } from './bar.ts'
import { COMMANDS } from './commands.ts'
import { readFlags, Usage, wholeNumber } from './flags.ts'
import { inputsOf, type Input } from './inputs.ts'
import { ordered } from './ordered.ts'
import { watchOn } from './watch.ts'

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/** How many files are read at once, ahead of the model. */
const READS = 4

/** How many inputs are in flight at once. It is enough to keep every worker busy. */
const CONCURRENCY = 32

/** One input of the model: a picture, or a row of a file. */
interface Question {
  name: string
  item: Item
}

/** What became of an input. */
type Outcome = { name: string, prediction: Prediction } | { error: string }

/**
 * `servery predict [MODEL] INPUT...`: prints the answer to each picture, text or row of a CSV file, in the order of the inputs: a table
 * on a terminal, JSON lines elsewhere.
 *
 * @returns the exit code: 1 if an input got no answer, with one line on stderr for each
 */
export async function predict (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = readFlags(args, COMMANDS.predict.options, 'predict')
  const topK = wholeNumber('top-k', values['top-k'] ?? '1', 1)
  const format = formatOf(values)
  const [first = ''] = positionals
  const hasModelFirst = await isModel(first)
  const names = hasModelFirst ? positionals.slice(1) : positionals
  if (names.length === 0) throw new Usage(`name a file, a folder or an address to answer: servery predict ${hasModelFirst ? `${first} ` : ''}photo.jpg`)

  const config = loadConfig({ ...environment, ...hasModelFirst && { MODEL_PATH: first } })
  await fetchMissingModel(config, watchOn(process.stderr))
  const model = await loadClassifier(config)
  try {
    return await answerAll(model, names, config, { topK, format })
  } finally {
    await model.close()
  }
}

/** @throws Usage when the flags contradict each other */
function formatOf ({ format, json }: { format?: string | undefined, json?: boolean | undefined }): Format {
  if (json && format !== undefined && format !== 'json') throw new Usage(`--json and --format ${format} are two formats; choose one`)
  if (json || format === 'json') return 'json'
  if (format === 'csv' || format === 'table') return format
  return process.stdout.isTTY ? 'table' : 'json'
}

/** Whether the first argument is the model, and not an input: its name says so, or it is a folder that holds a model. */
async function isModel (argument: string): Promise<boolean> {
  const scheme = schemeOf(argument)
  const path = scheme === null ? argument : argument.split(/[?#]/, 1).join('')
  if (/\.onnx$/i.test(path) || isArchive(path)) return true
  if (scheme !== null && scheme !== 'file:') return SCHEMES.includes(scheme) && scheme !== 'https:' && scheme !== 'http:'
  return await stat(argument).then(found => found.isDirectory(), () => false) && await hasModel(argument)
}

async function answerAll (model: Classifier, names: readonly string[], { UPLOAD_LIMIT }: Config, { topK, format }: { topK: number, format: Format }): Promise<number> {
  const { card, signature } = model
  const modality = modalityOf(card.input, signature)
  const found = await Promise.all(names.map(async name => await inputsOf(name, modality.extensions, UPLOAD_LIMIT).catch((error: unknown) => messageOf(error))))
  const inputs = found.flatMap<Input | string>(each => each)
  const bar = new Bar(process.stderr, inputs.length)
  const printer = printerOf(format, card, topK, {
    // A file has room for whole names.
    columns: process.stdout.isTTY ? process.stdout.columns || 80 : Infinity,
    names: inputs.flatMap(input => typeof input === 'string' ? [] : [input.name])
  })

  async function questionsOf (input: Input | string): Promise<Question[] | string> {
    if (typeof input === 'string') return input
    try {
      const questions = await modality.fromFile(await input.read(), input.name)
      bar.add(questions.length - 1)
      return questions
    } catch (error) {
      return nameIn(messageOf(error), input.name)
    }
  }

  async function outcomeOf (question: Question | string): Promise<Outcome> {
    try {
      if (typeof question === 'string') return { error: question }
      const { predictions: [prediction] } = await model.predict([question.item], { topK, deadline: DEADLINE_MS })
      return prediction ? { name: question.name, prediction } : { error: `${question.name} has no answer` }
    } catch (error) {
      return { error: nameIn(messageOf(error), typeof question === 'string' ? '' : question.name) }
    } finally {
      bar.step()
    }
  }

  let [answered, failed] = [0, 0]
  for await (const outcome of ordered(flat(ordered(inputs, READS, questionsOf)), Math.min(CONCURRENCY, model.status().queueLimit), outcomeOf)) {
    if ('error' in outcome) {
      failed++
      bar.around(() => { process.stderr.write(`servery: ${outcome.error}\n`) })
      continue
    }
    const line = await printer.line(outcome.name, outcome.prediction)
    const text = answered++ === 0 ? `${printer.head}${line}` : line
    // A bar is in the way only of lines on the same terminal.
    if (process.stdout.isTTY) bar.around(() => { process.stdout.write(text) })
    else if (!process.stdout.write(text)) await new Promise(resolve => process.stdout.once('drain', resolve))
  }
  bar.clear()
  if (process.stderr.isTTY && failed > 0 && answered + failed > 1) process.stderr.write(`${answered} answered, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

async function * flat<Item> (lists: AsyncIterable<Item[] | string>): AsyncGenerator<Item | string> {
  for await (const list of lists) {
    if (typeof list === 'string') yield list
    else yield * list
  }
}

/** A message that says which input it is about. Some do already. */
function nameIn (message: string, name: string): string {
  return message.includes(name) ? message : `${name}: ${message}`
}
