import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Classifier } from '../lib/classifier.ts'
import { loadConfig } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import type { Item } from '../lib/modalities/kinds.ts'
import { fetchMissingModel } from '../lib/sources/locate.ts'

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/**
 * `servery predict FILE...`: prints the label and the probability of each picture, or of each row of a CSV file.
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
  if (positionals.length === 0) throw new Error('name at least one picture: servery predict photo.jpg')
  if (!Number.isInteger(topK) || topK < 1) throw new Error(`--top-k ${values['top-k']} must be a whole number of at least 1`)

  const config = loadConfig(environment)
  await fetchMissingModel(config)
  const model = await loadClassifier(config)
  let exitCode = 0
  try {
    for (const path of positionals) {
      try {
        const inputs = await modalityOf(model.card.input, model.signature).fromFile(await readFile(path), path)
        for (const { item, name } of inputs) process.stdout.write(await line(model, item, name, topK, values.json))
      } catch (error) {
        exitCode = 1
        process.stderr.write(`servery: ${error instanceof Error ? error.message : String(error)}\n`)
      }
    }
  } finally {
    await model.close()
  }
  return exitCode
}

async function line (model: Classifier, item: Item, name: string, topK: number, json: boolean): Promise<string> {
  const { rankings: [top = []] } = await model.predict([item], { topK, deadline: DEADLINE_MS })
  if (json) return `${JSON.stringify({ file: name, top })}\n`
  return `${name}: ${top.map(({ label, probability }) => `${label} ${probability.toFixed(4)}`).join(', ')}\n`
}
