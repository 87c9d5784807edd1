import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import { Evaluation, type Report } from '../lib/evaluation.ts'
import type { Input } from '../lib/input/body.ts'
import { rowsFromCsv } from '../lib/input/rows.ts'
import type { Card } from '../lib/model/card.ts'
import { fetchMissingModel, loadModel } from '../lib/model/model.ts'
import { confusionPicture } from './confusion.ts'

/** Inputs in flight at once: enough to keep every worker busy. */
const CONCURRENCY = 64

/** Milliseconds for one input; nobody else is waiting. */
const DEADLINE = 60_000

interface Example {
  /** Index of the right label. */
  truth: number
  read: () => Promise<Input>
}

/**
 * `servery evaluate PATH`: classifies a folder tree of CLASS/picture, or a CSV with a column for the label, and prints
 * how well that went. Writes `evaluation.json` and `confusion.png`.
 *
 * @returns the exit code
 */
export async function evaluate (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals: [path] } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string', default: '.' }, limit: { type: 'string' } }
  })
  if (path === undefined) throw new Error('name a folder of CLASS/picture, or a CSV: servery evaluate test/')

  const limit = values.limit === undefined ? Infinity : Number(values.limit)
  if (!(limit >= 1)) throw new Error(`--limit ${values.limit} is not a number from 1`)

  const config = loadConfig(environment)
  await fetchMissingModel(config)
  const model = await loadModel(config)
  const { card } = model
  const evaluation = new Evaluation(card.labels)
  const started = performance.now()
  try {
    const all = card.input.kind === 'image' ? await pictures(path, card) : await rows(path, card)
    if (all.length === 0) throw new Error(`${path} holds no example of any of the model's labels`)
    const examples = spread(all, limit)
    const progress = progressBar(examples.length)
    const queue = examples.values()
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, model.scheduler.limit) }, async () => {
      // One iterator shared by all: each takes the next example that nobody has taken.
      for (const { truth, read } of queue) {
        const { rankings: [top = []] } = await model.predict([await read()], { topK: card.labels.length, deadline: DEADLINE })
        evaluation.add(truth, top)
        progress()
      }
    }))
  } finally {
    await model.close()
  }
  const seconds = (performance.now() - started) / 1000

  const report = evaluation.report()
  const title = `${card.name} ${card.version} on ${basename(path)}`
  await mkdir(values.out, { recursive: true })
  await writeFile(join(values.out, 'evaluation.json'), `${JSON.stringify({ model: card.name, version: card.version, path, ...report }, null, 1)}\n`)
  await writeFile(join(values.out, 'confusion.png'), await confusionPicture(title, report))
  process.stdout.write(summary(title, report, seconds))
  return 0
}

/** Pictures by class: the name of the folder that holds a picture is its label. Folders of other classes are skipped. */
async function pictures (folder: string, { labels }: Card): Promise<Example[]> {
  // No folder can be called T-shirt/top: an underscore stands for the slash.
  const folders = labels.map(label => label.replaceAll('/', '_'))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .flatMap(path => {
      const truth = folders.indexOf(basename(dirname(path)))
      return truth < 0 ? [] : [{ truth, read: async () => ({ name: `file '${path}'`, bytes: await readFile(path) }) }]
    })
}

/** Rows of a CSV with a header: the features, and the label in the column named as the card's label key or `label`. */
async function rows (path: string, { input, labels, labelKey }: Card): Promise<Example[]> {
  if (input.kind !== 'table') return []
  const file = (await stat(path)).isDirectory() ? join(path, 'test.csv') : path
  const { rows, header, records } = rowsFromCsv(await readFile(file, 'utf8'), input)
  const column = header?.findIndex(name => name === labelKey || name === 'label') ?? -1
  if (column < 0) throw new Error(`${file} needs a header with a column '${labelKey}' or 'label'`)
  return rows.map((row, at) => {
    const label = records[at]?.[column]?.trim() ?? ''
    const truth = labels.includes(label) ? labels.indexOf(label) : /^\d+$/.test(label) ? Number(label) : -1
    if (truth < 0 || truth >= labels.length) throw new Error(`row ${at + 1} of ${file} has the unknown label '${label}'`)
    return { truth, read: async () => ({ name: `row ${at + 1}`, row }) }
  })
}

/** So many of a list at most, evenly spread over it. */
function spread<T> (list: T[], count: number): T[] {
  const step = Math.max(1, list.length / count)
  return Array.from({ length: Math.min(Math.floor(count), list.length) }, (_, at) => list[Math.floor(at * step)]!)
}

function progressBar (total: number): () => void {
  let done = 0
  return () => {
    done++
    if (!process.stderr.isTTY || (done % 50 !== 0 && done !== total)) return
    const filled = Math.round(done / total * 30)
    process.stderr.write(`\r${'█'.repeat(filled)}${'░'.repeat(30 - filled)} ${done}/${total}${done === total ? '\n' : ''}`)
  }
}

function summary (title: string, { examples, top1, top5, ece, classes }: Report, seconds: number): string {
  const percent = (value: number | null) => value === null ? '    –' : (value * 100).toFixed(2).padStart(6)
  const width = Math.max(...classes.map(({ label }) => label.length))
  return [
    `${'class'.padEnd(width)}  examples  precision  recall      F1`,
    ...classes.map(({ label, support, precision, recall, f1 }) =>
      `${label.padEnd(width)}  ${String(support).padStart(8)}  ${percent(precision).padStart(9)}  ${percent(recall)}  ${percent(f1)}`),
    '',
    title,
    `examples  ${examples}`,
    `top-1     ${percent(top1)} %`,
    ...(top5 === null ? [] : [`top-5     ${percent(top5)} %`]),
    `ECE       ${percent(ece)} %`,
    `speed     ${(examples / seconds).toFixed(0)} a second`,
    ''
  ].join('\n')
}
