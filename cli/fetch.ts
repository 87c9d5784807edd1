import { loadConfig } from '../lib/config.ts'
import { fetchMissingModel, modelPath } from '../lib/sources/locate.ts'
import { readFlags } from './flags.ts'

/**
 * `servery fetch`: downloads the model from MODEL_URL if its folder has none. It is for pipelines and image builds.
 *
 * @returns the exit code
 */
export async function fetch (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { positionals: [other] } = readFlags(args, {})
  if (other !== undefined) throw new Error(`fetch takes no '${other}'; set MODEL_URL (--model-url) and MODEL_PATH (--model-path)`)
  const config = loadConfig(environment)
  const path = modelPath(config)
  let last = -1
  const fetched = await fetchMissingModel(config, (file, received, total) => {
    const percent = total ? Math.floor(received / total * 10) * 10 : 0
    if (percent <= last || percent === 100) return
    last = percent
    process.stderr.write(`${file}: ${percent} % of ${total} bytes\n`)
  })
  if (!fetched) throw new Error(`there is no model in ${path}, and MODEL_URL is not set`)
  process.stdout.write(`${path}\n`)
  return 0
}
