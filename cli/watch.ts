import { progressTo, type Output } from '../lib/sources/progress.ts'
import type { Watch } from '../lib/sources/locate.ts'

/** Shows on stderr how the model of a command is fetched. What a command answers is on stdout alone. */
export function watchOn (stderr: Output): Watch {
  return { onProgress: progressTo(stderr), onWarning: warning => { stderr.write(`servery: ${warning}\n`) } }
}
