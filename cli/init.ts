import { access, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { printJsonWithComments } from '../lib/card/jsonc.ts'
import { presetOf } from '../lib/card/preset.ts'
import type { Resolved } from '../lib/card/resolve.ts'
import { loadConfig } from '../lib/config.ts'
import { openClassifier } from '../lib/load.ts'
import { isArchive } from '../lib/sources/archive.ts'
import { fetchMissingModel, isElsewhere, modelPath } from '../lib/sources/locate.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags } from './flags.ts'
import { watchOn } from './watch.ts'

/**
 * `servery init [MODEL]`: writes the card that was worked out, with a comment at each field that was assumed. It runs the
 * model on examples, if that settles what the files do not say.
 *
 * @returns the exit code
 */
export async function init (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = readFlags(args, COMMANDS.init.options, 'init')
  // One worker is enough, and takes no measuring.
  const config = loadConfig({ ...environment, ...modelOf(positionals), WORKERS: '1', THREADS: '1', MAX_BATCH: '1' })
  await fetchMissingModel(config, watchOn(process.stderr))
  const path = modelPath(config)
  const isFetched = await isElsewhere(config)
  if (values.out === undefined && (isArchive(path) || isFetched)) throw new Error(`${path} is ${isFetched ? 'elsewhere' : 'an archive'}; say with --out FILE where to write the card`)
  const { classifier, resolved } = await openClassifier(config, values.preset === undefined ? null : presetOf(values.preset))
  await classifier.close()
  const target = values.out === undefined ? await cardPath(resolved.files) : resolve(values.out)
  if (await exists(target) && !values.force) throw new Error(`${target} is there; replace it with --force, or write another file with --out FILE`)
  await writeFile(target, cardText(resolved))
  process.stdout.write(`${target}\n`)
  return 0
}

/** Where the card of a model is, or belongs: beside the ONNX file if there is one, else at the top of the model's folder. */
export async function cardPath ({ model, root }: Resolved['files']): Promise<string> {
  const beside = join(dirname(model), 'card.json')
  return await exists(beside) ? beside : join(root, 'card.json')
}

async function exists (path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false)
}

function cardText ({ card, sources, assumptions }: Resolved): string {
  const comments = assumptions.map(({ field, assumed, because }) => [field, `assumed: ${assumed}, because ${because}`] as const)
  return printJsonWithComments(card, [['', `Worked out from: ${sources.join('; ')}. A field that is taken out is worked out again.`], ...comments])
}
