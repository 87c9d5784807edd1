import type { Shortage } from '../modality.ts'

/** What libvips, its loaders, V8 and WebAssembly say when the system gives them no memory. */
const NO_MEMORY = /\b(insufficient|out of|not enough) memory\b|\b(can't|cannot|could not|couldn't|failed to|unable to) allocate\b|\ballocation failed\b|\bbad_alloc\b/i

/** What a loader says of a picture that is over a limit of its own, which the next attempt meets again. */
const OWN_LIMIT = /\blimit\b/i

const NO_TIME = /\btimeout\b/i

/** Tells what is at fault for an error of a decoder: the picture, or too little memory or time. */
export function faultOf (thrown: unknown): { error: string, fault?: Shortage } {
  const error = thrown instanceof Error ? thrown.message : String(thrown)
  // The message is the first line of what libvips says; the cause has all lines.
  const all = thrown instanceof Error && thrown.cause !== undefined ? String(thrown.cause) : error
  if (NO_MEMORY.test(all) && !OWN_LIMIT.test(all)) return { error, fault: 'memory' }
  return NO_TIME.test(all) ? { error, fault: 'time' } : { error }
}
