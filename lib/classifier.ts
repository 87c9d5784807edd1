import type { EventEmitter } from 'node:events'
import type { Card } from './card/card.ts'
import { Budget } from './engine/budget.ts'
import type { Engine, Trial } from './engine/calibrate.ts'
import type { EngineEvents } from './engine/runner.ts'
import { Scheduler, type Priority, type Scored, type Ticket, type Timing } from './engine/scheduler.ts'
import { checkFeeds } from './engine/feeds.ts'
import { ClientGone, DeadlinePassed } from './errors.ts'
import { modalityOf } from './modalities/index.ts'
import type { Item } from './modalities/kinds.ts'
import type { Limits, Modality, Reasons, Row } from './modalities/modality.ts'
import { rounded, type Ranked } from './output/classify.ts'
import { decide, probabilitiesOf } from './output/decide.ts'
import { countOf, rowsOfAll, type Signature, type Tensors } from './tensor.ts'

/** What every question comes with. */
export interface Ask {
  /** Milliseconds until the answer is no longer wanted. */
  deadline: number
  /** Is given what to call when the caller has gone. */
  onGone?: (stop: () => void) => void
}

/** Labelled answers. */
export interface Answer {
  /** For each input, in order, its labels with the most probable first. */
  rankings: Ranked[][]
  /** Of each stage, the longest. */
  timing: Timing
}

/** The most probable label of an input, and what carried it. */
export interface Explanation extends Reasons {
  first: Ranked
  timing: Timing
}

/** How the service is, for probes, metrics, `/info` and Retry-After. */
export interface Status {
  /** Inputs that wait for a worker. */
  queued: number
  /** Inputs in a run. */
  running: number
  /** Inputs of predictions being read, waiting or running. */
  admitted: number
  /** Inputs of predictions that are admitted at once, at most. */
  queueLimit: number
  /** Seconds until what is admitted now is answered, at the rate measured lately. */
  drainSeconds: number
  /** Parts that run the model: workers, or 1 for the event loop. */
  workers: { size: number, alive: number, busy: number, deaths: number }
  layout: { /** 0: the model runs on the event loop. */ workers: number, threads: number, maxBatch: number, trials: Trial[] }
}

export interface ClassifierOptions {
  /** The model's folder. */
  folder: string
  card: Card
  engine: Engine
  /** Inputs admitted at once; by default what suits the modality. */
  queueLimit?: number | undefined
  limits: Limits
}

/** Bytes that inputs may take while they are decoded, all together; what takes more is decoded alone. */
const DECODED_LIMIT_BYTES = 256 * 1024 * 1024

/** A model that is loaded, warm and ready to answer: all that routes and plugins know of it. */
export class Classifier {
  readonly card: Card
  readonly folder: string
  /** The inputs and outputs that the ONNX file itself declares. */
  readonly signature: Signature
  /** What happens inside. */
  readonly events: EventEmitter<EngineEvents>
  readonly #engine: Engine
  readonly #scheduler: Scheduler
  readonly #modality: Modality
  readonly #limits: Limits
  readonly #memory = new Budget(DECODED_LIMIT_BYTES)
  /** One slow input for each worker at most, so that a quick one finds a place beside them. */
  readonly #slow: Budget
  /** Tensors so far that could share a run with no others. */
  #alone = 0

  constructor ({ folder, card, engine, queueLimit, limits }: ClassifierOptions) {
    this.folder = folder
    this.card = card
    this.signature = engine.runner.signature
    this.events = engine.runner.events
    this.#engine = engine
    this.#modality = modalityOf(card.input)
    this.#scheduler = new Scheduler(engine.runner, { maxBatch: engine.maxBatch, queueLimit: queueLimit ?? this.#modality.queueLimit })
    this.#limits = limits
    this.#slow = new Budget(engine.runner.size)
  }

  /**
   * Classifies the inputs of one request: all of them, or none.
   *
   * @throws TooManyInputs, QueueFull at once; errors of the modality that name the input at fault; DeadlinePassed;
   *   ClientGone; WorkerLost
   */
  async predict (items: Item[], { topK, ...ask }: Ask & { topK: number }): Promise<Answer> {
    const ticket = this.#scheduler.admit(items.length)
    const scored = await this.#inTime(ticket, ask, this.#score(items, ticket))
    return {
      rankings: scored.map(({ outcome }) => decide(outcome, this.card, topK)),
      timing: longest(scored)
    }
  }

  /**
   * Runs the model on tensors as they are, and answers its outputs as they are.
   *
   * @throws TensorUnusable naming the tensor; as `predict` does
   */
  async infer (feeds: Tensors, { outputs, ...ask }: Ask & { outputs?: string[] }): Promise<{ outputs: Tensors, timing: Timing }> {
    checkFeeds(this.signature, feeds, outputs)
    const count = countOf(feeds)
    const isStacked = this.#engine.runner.stacks
    // Tensors that differ in their other axes, or in the outputs that are wanted, cannot share a run.
    const batchKey = isStacked ? JSON.stringify([outputs, Object.entries(feeds).map(([name, { shape }]) => [name, shape.slice(1)])]) : `alone ${this.#alone++}`
    const ticket = this.#scheduler.admit(Math.max(1, count))
    const row: Row = { content: { feeds, outputs }, weightBytes: 0, isSlow: false, batchKey, transfer: [] }
    const [scored] = await this.#inTime(ticket, ask, ticket.run([row]).finally(ticket.release))
    if (!scored || !isAnswered(scored)) throw failed(scored)
    const { outcome: { outputs: all, at }, timing } = scored
    return { outputs: isStacked ? rowsOfAll(all, at, count) : all, timing }
  }

  /**
   * Tells what carried the answer to an input, by asking again with parts of it changed: with low priority, so that
   * predictions go first, and refused before they are.
   *
   * @throws as `predict` does
   */
  async explain (item: Item, ask: Ask): Promise<Explanation> {
    const ticket = this.#scheduler.admit(1 + this.#modality.variations, 'low')
    return await this.#inTime(ticket, ask, this.#explain(item, ticket).finally(ticket.release))
  }

  /** Whether one more input of this priority would be admitted. */
  accepts (priority: Priority): boolean {
    return !this.#scheduler.isFull(priority)
  }

  status (): Status {
    const { queued, running, admitted, limit, drainTime } = this.#scheduler
    const { runner: { size, alive, busy, deaths }, workers, threads, maxBatch, trials } = this.#engine
    return {
      queued, running, admitted, queueLimit: limit, drainSeconds: drainTime, workers: { size, alive, busy, deaths }, layout: { workers, threads, maxBatch, trials }
    }
  }

  /** Lets the runs in progress end, then frees the model. */
  async close (): Promise<void> {
    await this.#engine.runner.close()
  }

  /** Gives the ticket's places back when the last of the inputs is done with, also after one has failed. */
  async #score (items: Item[], ticket: Ticket): Promise<Answered[]> {
    const arrived = performance.now()
    const rows = this.#prepare(items, ticket)
    // What needs no memory to be decoded in goes to the queue at once, and together.
    if (rows.every(isLight)) return (await ticket.run(rows).finally(ticket.release)).map((scored, at) => this.#answered(scored, items[at]!))
    const each = rows.map(async (row, at) => await this.#run(await row, items[at]!, ticket, { arrived }))
    Promise.allSettled(each).then(ticket.release)
    return await Promise.all(each)
  }

  #prepare (items: Item[], ticket: Ticket): Array<Row | Promise<Row>> {
    try {
      return items.map(item => this.#modality.prepare(item, this.#limits))
    } catch (error) {
      ticket.release()
      throw error
    }
  }

  /** Runs one input, in another way where its worker wants that. */
  async #run (prepared: Row, item: Item, ticket: Ticket, { arrived, keep = false }: { arrived: number, keep?: boolean }): Promise<Answered> {
    let decode = performance.now() - arrived
    for (let row = prepared; ;) {
      const asked = keep ? keeping(row) : row
      const [scored] = await this.#whenMemory(row, async () => await ticket.run([asked]))
      decode += scored?.timing.decode ?? 0
      if (scored && 'again' in scored.outcome) {
        row = scored.outcome.again
        continue
      }
      const { outcome, timing: { infer } } = this.#answered(scored, item)
      return { outcome, timing: { decode, queue: Math.max(0, performance.now() - arrived - decode - infer), infer } }
    }
  }

  async #explain (item: Item, ticket: Ticket): Promise<Explanation> {
    const arrived = performance.now()
    const row = await this.#modality.prepare(item, this.#limits)
    const { outcome, timing } = await this.#run(row, item, ticket, { arrived, keep: true })
    const [first] = decide(outcome, this.card, 1)
    if (!first) throw new Error('the input was not answered')
    const reasons = await this.#modality.explain(row, outcome.kept, first.probability, {
      probabilities: async rows => (await ticket.run(rows)).map(scored => {
        return rounded(probabilitiesOf(this.#answered(scored, item).outcome, this.card)[first.index]!)
      }),
      whenMemory: async (weightBytes, decode) => await this.#whenMemory({ ...row, weightBytes }, decode)
    })
    return { first, ...reasons, timing }
  }

  /** Waits with what decodes an input until there is memory for it, and a worker where it is slow. */
  async #whenMemory<Result> ({ weightBytes, isSlow }: Row, decode: () => Promise<Result>): Promise<Result> {
    if (weightBytes === 0) return await decode()
    const begin = async () => await this.#memory.spend(weightBytes, decode)
    // A quick one never stands in a line with slow ones.
    return await (isSlow ? this.#slow.spend(1, begin) : begin())
  }

  /** Whatever ends the request first, the deadline, the caller, or one input's error, ends all of it. */
  async #inTime<T> (ticket: Ticket, { deadline, onGone }: Ask, work: Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const stop = (reason: Error) => {
        clearTimeout(timer)
        ticket.abort(reason)
        reject(reason)
      }
      const timer = setTimeout(() => stop(new DeadlinePassed(deadline)), deadline)
      onGone?.(() => stop(new ClientGone()))
      work.then(result => {
        clearTimeout(timer)
        resolve(result)
      }, (error: unknown) => stop(error instanceof Error ? error : new Error(String(error))))
    })
  }

  #answered (scored: Scored | undefined, item: Item): Answered {
    if (scored && isAnswered(scored)) return scored
    const outcome = scored?.outcome
    throw outcome && 'error' in outcome && outcome.fault === 'input' ? this.#modality.damaged(item, outcome.error) : failed(scored)
  }
}

/** An input that has its outputs. */
interface Answered {
  outcome: { outputs: Tensors, at: number, kept?: Tensors | undefined }
  timing: Timing
}

function isAnswered (scored: Scored): scored is Scored & Answered {
  return 'outputs' in scored.outcome
}

function failed (scored: Scored | undefined): Error {
  return new Error(scored && 'error' in scored.outcome ? scored.outcome.error : 'the input was not answered')
}

function isLight (row: Row | Promise<Row>): row is Row {
  return !(row instanceof Promise) && row.weightBytes === 0
}

/** A row whose tensors are wanted back, and whose bytes are needed again. */
function keeping (row: Row): Row {
  return { ...row, content: 'payload' in row.content ? { ...row.content, keep: true } : row.content, transfer: [] }
}

function longest (scored: Answered[]): Timing {
  const of = (stage: keyof Timing) => scored.reduce((most, { timing }) => Math.max(most, timing[stage]), 0)
  return { decode: of('decode'), queue: of('queue'), infer: of('infer') }
}
