import { loadConfig } from '../lib/config.ts'
import { fetchMissingModel, modelFolder } from '../lib/sources/locate.ts'

/**
 * `servery fetch`: downloads the model from MODEL_URL if its folder has none. It is for pipelines and image builds.
 *
 * @returns the exit code
 */
export async function fetch (environment: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(environment)
  const folder = modelFolder(config)
  let last = -1
  const fetched = await fetchMissingModel(config, (file, received, total) => {
    const percent = total ? Math.floor(received / total * 10) * 10 : 0
    if (percent <= last || percent === 100) return
    last = percent
    process.stderr.write(`${file}: ${percent} % of ${total} bytes\n`)
  })
  if (!fetched) throw new Error(`there is no model in ${folder}, and MODEL_URL is not set`)
  process.stdout.write(`${folder}\n`)
  return 0
}
