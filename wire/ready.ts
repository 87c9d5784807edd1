import type { Status } from '../lib/classifier.ts'
import { NotReady } from '../lib/errors.ts'

/**
 * Checks that the service can answer requests now. Every probe of readiness asks this.
 *
 * @throws NotReady that says why not
 */
export function checkReady ({ ready, reason }: { ready: boolean, reason: string }, { workers: { size, alive } }: Pick<Status, 'workers'>): void {
  if (!ready) throw new NotReady(reason)
  if (alive < size) throw new NotReady(`${size - alive} of ${size} workers died and are being replaced`)
}
