import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import { loadModel, type Model } from '../lib/model/model.ts'

/** Milliseconds for one picture; nobody else is waiting. */
const DEADLINE = 60_000

/**
 * `servery predict FILE...`: prints each file's label and probability.
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

  const model = await loadModel(loadConfig(environment))
  let exitCode = 0
  for (const path of positionals) {
    try {
      process.stdout.write(await line(model, path, topK, values.json))
    } catch (error) {
      exitCode = 1
      process.stderr.write(`servery: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  await model.close()
  return exitCode
}

async function line (model: Model, path: string, topK: number, json: boolean): Promise<string> {
  const input = { name: `file '${path}'`, bytes: await readFile(path) }
  const [top = []] = await model.predict([input], { topK, deadline: DEADLINE })
  if (json) return `${JSON.stringify({ file: path, top })}\n`
  return `${path}: ${top.map(({ label, probability }) => `${label} ${probability.toFixed(4)}`).join(', ')}\n`
}
