import type { Card } from '../lib/card/card.ts'
import { ModelUnknown, ModelVersionUnknown } from '../lib/errors.ts'

/** How many characters of a name that a client sent a message quotes. */
const QUOTE_LIMIT = 60

/**
 * Checks that a request of a dialect is for the model that this service serves.
 *
 * @param asked the name, and the version if the request has one
 * @throws ModelUnknown, ModelVersionUnknown
 */
export function checkServed ({ name, version }: Pick<Card, 'name' | 'version'>, asked: { model: string, version?: string | undefined }): void {
  if (asked.model !== name) throw new ModelUnknown(asked.model.slice(0, QUOTE_LIMIT), name)
  if (asked.version !== undefined && asked.version !== version) throw new ModelVersionUnknown(asked.version.slice(0, QUOTE_LIMIT), name, version)
}
