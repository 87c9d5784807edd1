import type { Classifier } from '../../lib/classifier.ts'

/** Nanoseconds in a millisecond. */
const NANOSECONDS = 1_000_000

/** A number of events, and how long they took together. */
export interface Duration {
  count: number
  ns: number
}

/** The names of the sections of Triton's statistics. */
export const SECTIONS = ['success', 'fail', 'queue', 'compute_input', 'compute_infer', 'compute_output', 'cache_hit', 'cache_miss'] as const

/** The names of the sections of a batch. */
export const BATCH_SECTIONS = ['compute_input', 'compute_infer', 'compute_output'] as const

/** Triton's statistics of a model. */
export interface ModelStatistics {
  name: string
  version: string
  /** Unix time in milliseconds of the last answer; 0 before the first one. */
  last_inference: number
  /** Rows of all answered requests. */
  inference_count: number
  /** Runs of the model. */
  execution_count: number
  inference_stats: Record<typeof SECTIONS[number], Duration>
  batch_stats: Array<{ batch_size: number } & Record<typeof BATCH_SECTIONS[number], Duration>>
}

/**
 * What the model was asked since the start, as Triton counts it. There is no cache, and the time to write an answer is not
 * measured.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md
 */
export function modelStatistics ({ card, statistics }: Pick<Classifier, 'card' | 'statistics'>): { model_stats: ModelStatistics[] } {
  const { succeeded, failed, stagesMs, rows, lastMs, batches } = statistics
  const answered = (milliseconds: number) => duration(succeeded.count, milliseconds)
  const nothing = duration(0, 0)
  return {
    model_stats: [{
      name: card.name,
      version: card.version,
      last_inference: lastMs,
      inference_count: rows,
      execution_count: batches.reduce((sum, { count }) => sum + count, 0),
      inference_stats: {
        success: answered(succeeded.durationMs),
        fail: duration(failed.count, failed.durationMs),
        queue: answered(stagesMs.queue),
        compute_input: answered(stagesMs.decode),
        compute_infer: answered(stagesMs.infer),
        compute_output: answered(0),
        cache_hit: nothing,
        cache_miss: nothing
      },
      batch_stats: batches.map(({ rows, count, encodeMs, inferMs }) => ({
        batch_size: rows, compute_input: duration(count, encodeMs), compute_infer: duration(count, inferMs), compute_output: duration(count, 0)
      }))
    }]
  }
}

function duration (count: number, milliseconds: number): Duration {
  return { count, ns: Math.round(milliseconds * NANOSECONDS) }
}
