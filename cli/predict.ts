import { readFile, stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Classifier } from '../lib/classifier.ts'
import { loadConfig } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { messageOf } from '../lib/message.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import type { Item } from '../lib/modalities/kinds.ts'
import type { Ranked } from '../lib/output/classify.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { tensorsText } from '../lib/output/text.ts'
import { schemeOf } from '../lib/sources/index.ts'
import { fetchMissingModel } from '../lib/sources/locate.ts'
import { watchOn } from './watch.ts'

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/**
 * `servery predict [MODEL] FILE...`: prints the answer to each picture, or to each row of a CSV file: a label and its
 * probability, labels, a number or tensors.
 *
 * @returns the exit code: 1 if a file got no answer, with one line on stderr for each such file
 */
export async function predict (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'top-k': { type: 'string', default: '1' } }
  })
  const topK = Number(values['top-k'])
  const [first = ''] = positionals
  // A model comes before the files. Pictures and tables are never folders.
  const hasModel = positionals.length > 1 && (first.endsWith('.onnx') || schemeOf(first) !== null || await stat(first).then(file => file.isDirectory(), () => false))
  const files = hasModel ? positionals.slice(1) : positionals
  if (files.length === 0) throw new Error('name at least one picture: servery predict photo.jpg')
  if (!Number.isInteger(topK) || topK < 1) throw new Error(`--top-k ${values['top-k']} must be a whole number of at least 1`)

  const config = loadConfig({ ...environment, ...hasModel && { MODEL_PATH: first } })
  await fetchMissingModel(config, watchOn(process.stderr))
  const model = await loadClassifier(config)
  let exitCode = 0
  try {
    for (const path of files) {
      try {
        const inputs = await modalityOf(model.card.input, model.signature).fromFile(await readFile(path), path)
        for (const { item, name } of inputs) process.stdout.write(await line(model, item, name, topK, values.json))
      } catch (error) {
        exitCode = 1
        process.stderr.write(`servery: ${messageOf(error)}\n`)
      }
    }
  } finally {
    await model.close()
  }
  return exitCode
}

async function line (model: Classifier, item: Item, name: string, topK: number, json: boolean): Promise<string> {
  const { predictions: [prediction] } = await model.predict([item], { topK, deadline: DEADLINE_MS })
  if (!prediction) throw new Error(`${name} has no answer`)
  return json ? `${await jsonOf(name, prediction)}\n` : `${name}: ${await textOf(prediction)}\n`
}

async function textOf (prediction: Prediction): Promise<string> {
  const ranked = (top: Ranked[]) => top.map(({ label, probability }) => `${label} ${probability.toFixed(4)}`).join(', ')
  switch (prediction.kind) {
    case 'classes': return ranked(prediction.top)
    case 'labels': return `${prediction.labels.map(({ label }) => label).join(', ') || 'no label'} (most probable: ${ranked(prediction.top)})`
    case 'label': return prediction.label
    case 'value': return String(prediction.value)
    case 'tensors': return await tensorsText(prediction.outputs)
  }
}

async function jsonOf (file: string, prediction: Prediction): Promise<string> {
  if (prediction.kind === 'tensors') return `{"file":${JSON.stringify(file)},"outputs":${await tensorsText(prediction.outputs)}}`
  switch (prediction.kind) {
    case 'classes': return JSON.stringify({ file, top: prediction.top })
    case 'labels': return JSON.stringify({ file, labels: prediction.labels, top: prediction.top })
    case 'label': return JSON.stringify({ file, label: prediction.label, ...prediction.index !== null && { index: prediction.index } })
    case 'value': return JSON.stringify({ file, value: prediction.value })
  }
}
