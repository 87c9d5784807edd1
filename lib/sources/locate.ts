import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { projectFile } from '../project.ts'
import type { FetchOptions } from './fetch.ts'

/** Absolute path of the folder of the model to serve, from MODEL_PATH or MODEL_NAME. */
export function modelFolder (config: Config): string {
  return resolve(config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`))
}

/**
 * Downloads the model from MODEL_URL if its folder has no `model.onnx`.
 *
 * @returns whether the folder now has a `model.onnx`; if not, `loadClassifier` throws the error
 * @throws ModelUnfetched when the download fails
 */
export async function fetchMissingModel (config: Config, onProgress?: FetchOptions['onProgress']): Promise<boolean> {
  const folder = modelFolder(config)
  const isThere = await access(join(folder, 'model.onnx')).then(() => true, () => false)
  if (isThere || config.MODEL_URL === undefined) return isThere
  const { fetchModel } = await import('./fetch.ts')
  await fetchModel(folder, { url: config.MODEL_URL, token: config.MODEL_TOKEN, sha256: config.MODEL_SHA256, limitBytes: config.MODEL_LIMIT, onProgress })
  return true
}
