import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Card } from '../lib/card/card.ts'
import { CONFUSION_FILE, confusionText } from '../lib/confusion.ts'
import { loadConfig } from '../lib/config.ts'
import { Evaluation, ValueEvaluation, type Report, type ValueReport } from '../lib/evaluation.ts'
import { loadClassifier } from '../lib/load.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { fetchMissingModel } from '../lib/sources/locate.ts'
import { Bar } from './bar.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags, Usage, wholeNumber } from './flags.ts'
import { watchOn } from './watch.ts'
import { confusionPicture } from './confusion.ts'

/** How many inputs are in flight at once. It is enough to keep every worker busy. */
const CONCURRENCY = 64

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/**
 * `servery evaluate [MODEL] PATH`: measures the model on labelled data and prints the result. PATH is a folder of CLASS/PICTURE
 * files, or a CSV file with a column for the label or the number. Writes `evaluation.json` and, for labels,
 * `confusion.png` and `confusion.json`, which the page shows if it lies beside the card.
 *
 * @returns the exit code
 */
export async function evaluate (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values: { out = '.', limit: most }, positionals } = readFlags(args, COMMANDS.evaluate.options, 'evaluate')
  const path = positionals.at(-1)
  if (path === undefined) throw new Usage('name a folder of CLASS/PICTURE files, or a CSV file: servery evaluate test/')

  const limit = most === undefined ? Infinity : wholeNumber('limit', most, 1)

  const config = loadConfig({ ...environment, ...modelOf(positionals.slice(0, -1)) })
  await fetchMissingModel(config, watchOn(process.stderr))
  const model = await loadClassifier(config)
  const { card } = model
  const started = performance.now()
  let evaluation: ReturnType<typeof evaluationOf>
  try {
    evaluation = evaluationOf(card)
    const { add } = evaluation
    const all = await modalityOf(card.input, model.signature).examples(path, card.labels, card.labelKey)
    if (all.length === 0) throw new Error(`${path} holds no example of any of the model's labels`)
    const examples = spread(all, limit)
    const bar = new Bar(process.stderr, examples.length)
    const queue = examples.values()
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, model.status().queueLimit) }, async () => {
      // All loops share one iterator, so each example is taken once.
      for (const { truth, read } of queue) {
        const { predictions: [prediction] } = await model.predict([await read()], { topK: Math.max(1, card.labels.length), deadline: DEADLINE_MS })
        if (prediction) add(truth, prediction)
        bar.step()
      }
    }))
    bar.clear()
  } finally {
    await model.close()
  }
  const seconds = (performance.now() - started) / 1000

  const title = `${card.name} ${card.version} on ${basename(path)}`
  await mkdir(out, { recursive: true })
  const report = evaluation.report()
  await writeFile(join(out, 'evaluation.json'), `${JSON.stringify({ model: card.name, version: card.version, path, ...report }, null, 1)}\n`)
  if ('confusion' in report) {
    await writeFile(join(out, CONFUSION_FILE), confusionText({ counts: report.confusion }))
    await writeFile(join(out, 'confusion.png'), await confusionPicture(title, report))
  }
  process.stdout.write('confusion' in report ? summary(title, report, seconds) : valueSummary(title, report, seconds))
  return 0
}

/** What measures the answers of a model. @throws Error when its answers cannot be measured */
function evaluationOf ({ name, labels, output: { kind } }: Card): { add: (truth: number, prediction: Prediction) => void, report: () => Report | ValueReport } {
  if (kind === 'value') {
    const evaluation = new ValueEvaluation()
    return { add: (truth, prediction) => { if (prediction.kind === 'value') evaluation.add(truth, prediction.value) }, report: () => evaluation.report() }
  }
  if (kind === 'tensors' || kind === 'labels') throw new Error(`${name} answers ${kind === 'tensors' ? 'plain tensors' : 'several labels at once'}, which evaluate cannot measure`)
  if (labels.length === 0) throw new Error(`the labels of ${name} are not known; list them in card.json, as "labels"`)
  const evaluation = new Evaluation(labels)
  return { add: (truth, prediction) => evaluation.add(truth, prediction), report: () => evaluation.report() }
}

/** At most `count` items of a list, evenly spread over it. */
function spread<T> (list: T[], count: number): T[] {
  const step = Math.max(1, list.length / count)
  return Array.from({ length: Math.min(Math.floor(count), list.length) }, (_, at) => list[Math.floor(at * step)]!)
}

function summary (title: string, { examples, top1, top5, ece, classes }: Report, seconds: number): string {
  const percent = (value: number | null) => value === null ? '    –' : (value * 100).toFixed(2).padStart(6)
  const seen = classes.filter(({ support }) => support > 0)
  const unseen = classes.length - seen.length
  const width = Math.max(5, ...seen.map(({ label }) => label.length))
  return [
    `${'class'.padEnd(width)}  examples  precision  recall      F1`,
    ...seen.map(({ label, support, precision, recall, f1 }) =>
      `${label.padEnd(width)}  ${String(support).padStart(8)}  ${percent(precision).padStart(9)}  ${percent(recall)}  ${percent(f1)}`),
    ...unseen > 0 ? [`(${unseen} other class${unseen === 1 ? ' has' : 'es have'} no examples)`] : [],
    '',
    title,
    `examples  ${examples}`,
    `top-1     ${percent(top1)} %`,
    ...(top5 === null ? [] : [`top-5     ${percent(top5)} %`]),
    ...(ece === null ? [] : [`ECE       ${percent(ece)} %`]),
    `speed     ${(examples / seconds).toFixed(0)} examples a second`,
    ''
  ].join('\n')
}

function valueSummary (title: string, { examples, mae, rmse, r2 }: ValueReport, seconds: number): string {
  const digits = (value: number) => String(Number(value.toPrecision(6)))
  return [
    title,
    `examples  ${examples}`,
    `MAE       ${digits(mae)}`,
    `RMSE      ${digits(rmse)}`,
    ...(r2 === null ? [] : [`R2        ${digits(r2)}`]),
    `speed     ${(examples / seconds).toFixed(0)} examples a second`,
    ''
  ].join('\n')
}
