import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import type { Input } from '../lib/input/body.ts'
import { rowsFromCsv } from '../lib/input/rows.ts'
import { fetchMissingModel, loadModel, type Model } from '../lib/model/model.ts'

/** Milliseconds for one picture; nobody else is waiting. */
const DEADLINE = 60_000

/**
 * `servery predict FILE...`: prints the label and probability of each picture, or of each row of a CSV.
 *
 * @returns the exit code: 1 when any file has no answer, after one line about it on stderr
 */
export async function predict (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'top-k': { type: 'string', default: '1' } }
  })
  const topK = Number(values['top-k'])
  if (positionals.length === 0) throw new Error('name at least one picture: servery predict photo.jpg')
  if (!Number.isInteger(topK) || topK < 1) throw new Error(`--top-k ${values['top-k']} is not a whole number from 1`)

  const config = loadConfig(environment)
  await fetchMissingModel(config)
  const model = await loadModel(config)
  let exitCode = 0
  try {
    for (const path of positionals) {
      try {
        for (const [input, name] of await inputsIn(path, model)) process.stdout.write(await line(model, input, name, topK, values.json))
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

async function inputsIn (path: string, { card }: Model): Promise<Array<[Input, string]>> {
  const bytes = await readFile(path)
  if (card.input.kind === 'image') return [[{ name: `file '${path}'`, bytes }, path]]
  return rowsFromCsv(bytes.toString(), card.input).rows.map((row, at) => [{ name: `row ${at + 1}`, row }, `${path}:${at + 1}`])
}

async function line (model: Model, input: Input, name: string, topK: number, json: boolean): Promise<string> {
  const { rankings: [top = []] } = await model.predict([input], { topK, deadline: DEADLINE })
  if (json) return `${JSON.stringify({ file: name, top })}\n`
  return `${name}: ${top.map(({ label, probability }) => `${label} ${probability.toFixed(4)}`).join(', ')}\n`
}
