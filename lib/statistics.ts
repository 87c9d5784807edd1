import type { Timing } from './engine/scheduler.ts'

/** A number of events, and how long they took together. */
export interface Total {
  count: number
  durationMs: number
}

/** The runs of the model on batches of one size. */
export interface BatchTotal {
  /** Rows in a batch. */
  rows: number
  /** Number of runs. */
  count: number
  /** Time to write the input tensors. */
  encodeMs: number
  /** Time of the model. */
  inferMs: number
}

/** Counts what the model was asked and has run since the start, explanations aside. */
export class Statistics {
  /** Requests that were answered, from the call to the answer. */
  readonly succeeded: Total = { count: 0, durationMs: 0 }
  /** Requests that were refused or failed. */
  readonly failed: Total = { count: 0, durationMs: 0 }
  /** For each stage, its time in all answered requests. */
  readonly stagesMs: Timing = { decode: 0, queue: 0, infer: 0 }
  /** Inputs of the answered requests. */
  rows = 0
  /** Unix time in milliseconds of the last answer; 0 before the first one. */
  lastMs = 0
  readonly #batches = new Map<number, BatchTotal>()

  /** The runs of the model, by the size of the batch, the smallest first. */
  get batches (): BatchTotal[] {
    return [...this.#batches.values()].sort((one, other) => one.rows - other.rows)
  }

  /** Counts an answered request of `rows` inputs. */
  succeed (rows: number, durationMs: number, { decode, queue, infer }: Timing): void {
    this.rows += rows
    this.lastMs = Date.now()
    add(this.succeeded, durationMs)
    this.stagesMs.decode += decode
    this.stagesMs.queue += queue
    this.stagesMs.infer += infer
  }

  /** Counts a request that got no answer. */
  fail (durationMs: number): void {
    add(this.failed, durationMs)
  }

  /** Counts a run of the model on a batch. */
  run (rows: number, inferMs: number, encodeMs: number): void {
    const total = this.#batches.get(rows) ?? { rows, count: 0, encodeMs: 0, inferMs: 0 }
    total.count++
    total.encodeMs += encodeMs
    total.inferMs += inferMs
    this.#batches.set(rows, total)
  }
}

function add (total: Total, durationMs: number): void {
  total.count++
  total.durationMs += durationMs
}
