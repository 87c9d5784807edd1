import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import { Evaluation, type Report } from '../lib/evaluation.ts'
import { loadClassifier } from '../lib/load.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import { fetchMissingModel } from '../lib/sources/locate.ts'
import { confusionPicture } from './confusion.ts'

/** How many inputs are in flight at once. It is enough to keep every worker busy. */
const CONCURRENCY = 64

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/**
 * `servery evaluate PATH`: measures the model on labelled data and prints the result. PATH is a folder of CLASS/PICTURE
 * files, or a CSV file with a column for the label. Writes `evaluation.json` and `confusion.png`.
 *
 * @returns the exit code
 */
export async function evaluate (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals: [path] } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string', default: '.' }, limit: { type: 'string' } }
  })
  if (path === undefined) throw new Error('name a folder of CLASS/PICTURE files, or a CSV file: servery evaluate test/')

  const limit = values.limit === undefined ? Infinity : Number(values.limit)
  if (!(limit >= 1)) throw new Error(`--limit ${values.limit} must be a number of at least 1`)

  const config = loadConfig(environment)
  await fetchMissingModel(config)
  const model = await loadClassifier(config)
  const { card } = model
  const evaluation = new Evaluation(card.labels)
  const started = performance.now()
  try {
    const all = await modalityOf(card.input, model.signature).examples(path, card.labels, card.labelKey)
    if (all.length === 0) throw new Error(`${path} holds no example of any of the model's labels`)
    const examples = spread(all, limit)
    const progress = progressBar(examples.length)
    const queue = examples.values()
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, model.status().queueLimit) }, async () => {
      // All loops share one iterator, so each example is taken once.
      for (const { truth, read } of queue) {
        const { rankings: [top = []] } = await model.predict([await read()], { topK: card.labels.length, deadline: DEADLINE_MS })
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

/** At most `count` items of a list, evenly spread over it. */
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
    `speed     ${(examples / seconds).toFixed(0)} examples a second`,
    ''
  ].join('\n')
}
