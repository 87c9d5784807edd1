import { readdir } from 'node:fs/promises'
import { kindOf } from '../../card/inside.ts'

/** Whether a name is that of a `.dvc` file. */
export function isDvcFile (name: string): boolean {
  return /.\.dvc$/i.test(name)
}

/**
 * The path at which DVC says where a model is that is not there: the `.dvc` file of a path that does not exist, or a folder that
 * holds `.dvc` files. Null if there is neither.
 *
 * @param path where there is no model
 */
export async function trackedAt (path: string): Promise<string | null> {
  if (await kindOf(path) === null) return await kindOf(`${path}.dvc`) === 'file' ? `${path}.dvc` : null
  return (await readdir(path).catch((): string[] => [])).some(isDvcFile) ? path : null
}
