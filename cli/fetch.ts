import { loadConfig } from '../lib/config.ts'
import { fetchMissingModel, modelFolder, modelPath } from '../lib/sources/locate.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags } from './flags.ts'
import { watchOn } from './watch.ts'

/**
 * `servery fetch [MODEL]`: downloads the model from MODEL_URL if its folder has none, or from the address MODEL into the cache,
 * and prints where it is. It is for pipelines and image builds.
 *
 * @returns the exit code
 */
export async function fetch (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { positionals } = readFlags(args, COMMANDS.fetch.options, 'fetch')
  const config = loadConfig({ ...environment, ...modelOf(positionals) })
  if (!await fetchMissingModel(config, watchOn(process.stderr))) throw new Error(`there is no model in ${modelPath(config)}, and MODEL_URL is not set`)
  process.stdout.write(`${await modelFolder(config)}\n`)
  return 0
}
