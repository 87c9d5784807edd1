import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { projectFile } from '../project.ts'
import type { FetchOptions } from './fetch.ts'

/** The folder of the model to serve, with `card.json` and `model.onnx`. */
export function modelFolder (config: Config): string {
  return resolve(config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`))
}

/**
 * Fetches the model from MODEL_URL where its folder has none.
 *
 * @returns whether there is one now; what is missing is up to `loadClassifier` to say
 * @throws ModelUnfetched
 */
export async function fetchMissingModel (config: Config, onProgress?: FetchOptions['onProgress']): Promise<boolean> {
  const folder = modelFolder(config)
  const isThere = await access(join(folder, 'model.onnx')).then(() => true, () => false)
  if (isThere || config.MODEL_URL === undefined) return isThere
  const { fetchModel } = await import('./fetch.ts')
  await fetchModel(folder, { url: config.MODEL_URL, token: config.MODEL_TOKEN, sha256: config.MODEL_SHA256, limit: config.MODEL_LIMIT, onProgress })
  return true
}
