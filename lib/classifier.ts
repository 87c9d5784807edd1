import type { EventEmitter } from 'node:events'
import type { Card } from './card/card.ts'
import type { Assumption } from './card/infer/source.ts'
import { Budget } from './engine/budget.ts'
import type { Engine, Trial } from './engine/calibrate.ts'
import type { EngineEvents } from './engine/runner.ts'
import { Scheduler, type Priority, type Scored, type Ticket, type Timing } from './engine/scheduler.ts'
import { checkFeeds, checkOutputs } from './engine/feeds.ts'
import { AnswerTooLarge, AnswerTooLong, ClientGone, DeadlinePassed, DecodeTooSlow, OutOfMemory, TensorUnusable } from './errors.ts'
import { modalityOf } from './modalities/index.ts'
import type { Item } from './modalities/kinds.ts'
import type { Limits, Modality, Reasons, Row } from './modalities/modality.ts'
import { decide, decideRanked, followedNumber } from './output/decide.ts'
import { hasNumber, outputsOf, type Prediction, type Predictions } from './output/prediction.ts'
import { RankedPredictions } from './output/ranked-predictions.ts'
import { valuesIn } from './output/text.ts'
import { bytesIn, concatenate, countOf, rowsOfAll, type Signature, type Tensor, type Tensors } from './tensor.ts'
import { Statistics } from './statistics.ts'
import { nextTurn } from './turn.ts'

/** Options of every request to the model. */
export interface Ask {
  /** Milliseconds from the call to the answer. After that, the call fails with DeadlinePassed. */
  deadline: number
  /** Receives a function `stop`. Call `stop` when the client has disconnected; the request then fails with ClientGone. */
  onGone?: (stop: () => void) => void
}

/** The answers to the inputs of one request. */
export interface Answer {
  /** For each input, in the order of the request. */
  predictions: Predictions
  /** For each stage, the longest time that an input of the request took. */
  timing: Timing
}

/** Output tensors of the model, by name. */
export interface Inferred {
  outputs: Tensors
  timing: Timing
}

/** The answer to an input, and the parts of the input that it depends on. */
export interface Explanation extends Reasons {
  prediction: Prediction
  timing: Timing
}

/** State of the model and its queue, for probes, metrics, `/info` and Retry-After. */
export interface Status {
  /** Inputs that wait for a worker. */
  queued: number
  /** Inputs that the model is running on now. */
  running: number
  /** Inputs of predictions that are being read, waiting or running. */
  admitted: number
  /** Largest number of admitted inputs of predictions. */
  queueLimit: number
  /** Seconds until all admitted inputs are answered, estimated from the recent rate. */
  drainSeconds: number
  /** Workers that run the model; when the model runs on the event loop, the event loop counts as one worker. */
  workers: { /** Configured. */ size: number, /** With a loaded model. */ alive: number, /** Running a batch now. */ busy: number, /** Died since the start. */ deaths: number }
  /** The chosen layout, and the trials of the calibration. */
  layout: { /** Worker threads; 0: the model runs on the event loop. */ workers: number, /** ONNX Runtime threads per worker. */ threads: number, /** Rows per batch, at most. */ maxBatch: number, /** Execution providers of ONNX Runtime. */ providers: readonly string[], trials: Trial[] }
}

/** A loaded model and its limits, to make a Classifier from. */
export interface ClassifierOptions {
  /** Path of the model's folder. */
  folder: string
  card: Card
  engine: Engine
  /** Largest number of admitted inputs. Default: the modality's own limit. */
  queueLimit?: number | undefined
  limits: Limits
  /** What the card was given without proof. Default: nothing. */
  assumptions?: readonly Assumption[]
  /** Where the parts of the card were read, for people. Default: nothing is known of it. */
  sources?: readonly string[]
  /** Memory in bytes for all inputs that are being decoded at the same time. An input that takes more is refused. Default: no limit. */
  decodeLimit?: number
}

/** How many labels an answer may have, all inputs together. It bounds the memory of the answer to about 40 MiB. */
const ANSWER_LIMIT_LABELS = 262_144

/** How many values of tensors an answer may have. It bounds the memory of the answer to about 50 MiB. */
const ANSWER_LIMIT_VALUES = 2_097_152

/** A label over the threshold takes as much of an answer as so many values. */
const VALUES_PER_LABEL = ANSWER_LIMIT_VALUES / ANSWER_LIMIT_LABELS

/** How many scores to rank in one turn of the event loop. That takes about 2 milliseconds. */
const LABELS_PER_TURN = 16_384

/** Tensors of as many bytes or more, those of one request together, share no run with others. */
const BATCH_LIMIT_BYTES = 256 * 1024

/** How many different shapes a message names. */
const SHAPES_LIMIT = 2

/** How many characters of a message of ONNX Runtime go into an error. */
const REASON_LIMIT = 300

/** The timing of what was not timed. */
const NO_TIME: Timing = { decode: 0, queue: 0, infer: 0 }

/** The answer to no input. */
const NOTHING: Answered = { outcome: { outputs: {}, at: 0 }, timing: NO_TIME }

/** How many numbers to read in one turn of the event loop. That takes about 2 milliseconds. */
const NUMBERS_PER_TURN = 8192

/** A loaded and warmed-up model. Routes and plugins use this class and know nothing else about the model. */
export class Classifier {
  readonly card: Card
  readonly folder: string
  /** What the card was given without proof. */
  readonly assumptions: readonly Assumption[]
  /** Where the parts of the card were read, for people. */
  readonly sources: readonly string[]
  /** The inputs and outputs that the ONNX file declares. */
  readonly signature: Signature
  /** Events of the engine: runs and deaths of workers. */
  readonly events: EventEmitter<EngineEvents>
  /** Counts of requests and runs since the start. */
  readonly statistics = new Statistics()
  readonly #engine: Engine
  readonly #scheduler: Scheduler
  readonly #modality: Modality
  readonly #limits: Limits
  readonly #decodeLimit: number
  readonly #memory: Budget
  /** Limits slow inputs to one per worker, so that each worker has a free place for a quick input. */
  readonly #slow: Budget
  /** Names of the outputs that an answer is made of. Default: all. */
  readonly #outputs: string[] | undefined
  /** Whether the first axis of the model's tensors is one of inputs. That of plain tensors may be anything, such as time. */
  readonly #hasRows: boolean
  /** Whether the rows of an answer can be told apart in the outputs of a block. */
  readonly #takesBlocks: boolean
  /** Number of rows of tensors that cannot be batched. Gives each of them its own batch key. */
  #alone = 0

  constructor ({ folder, card, engine, queueLimit, limits, decodeLimit = Infinity, assumptions = [], sources = [] }: ClassifierOptions) {
    this.folder = folder
    this.card = card
    this.assumptions = assumptions
    this.sources = sources
    this.signature = engine.runner.signature
    this.events = engine.runner.events
    this.#engine = engine
    this.#modality = modalityOf(card.input, this.signature)
    this.#scheduler = new Scheduler(engine.runner, { maxBatch: engine.maxBatch, queueLimit: queueLimit ?? this.#modality.queueLimit })
    this.events.on('run', (rows, inferMs, encodeMs) => this.statistics.run(rows, inferMs, encodeMs))
    this.#limits = limits
    this.#outputs = outputsOf(card.output)
    this.#decodeLimit = decodeLimit
    this.#takesBlocks = card.output.kind !== 'tensors' && engine.runner.batches
    this.#memory = new Budget(decodeLimit)
    this.#slow = new Budget(engine.runner.size)
    this.#hasRows = engine.runner.stacks || this.#modality.hasRows
  }

  /**
   * Answers the inputs of one request. If one input fails, the whole request fails.
   *
   * @param topK number of labels for each input, if the answer has probabilities
   * @throws AnswerTooLarge, TooManyInputs, QueueFull before any input is read
   * @throws AnswerTooLong when the answer has too many values
   * @throws errors of the modality that name the input at fault
   * @throws AnswerNotFinite
   * @throws DeadlinePassed, ClientGone, WorkerLost, OutOfMemory, DecodeTooSlow
   */
  async predict (items: Item[], { topK, ...ask }: Ask & { topK: number }): Promise<Answer> {
    if (items.length * topK > ANSWER_LIMIT_LABELS) throw new AnswerTooLarge(items.length, topK, ANSWER_LIMIT_LABELS)
    const ticket = this.#admit(items.length)
    const scored = await this.#counted(items.length, ticket, ask, async () => await this.#score(items, ticket))
    return { predictions: await this.#decide(items, scored, topK), timing: longest(scored) }
  }

  /**
   * Runs the model on the given tensors and returns its output tensors, without preprocessing and without labels.
   *
   * @param feeds a tensor for each input of the model's signature
   * @param outputs names of the requested outputs. Default: all outputs
   * @param isMovable whether the memory of the tensors may move to a worker, so that it need not be copied
   * @throws TensorUnusable that names the tensor, or says why the model cannot run on the tensors
   * @throws TooManyInputs, QueueFull, DeadlinePassed, ClientGone, WorkerLost as `predict`
   */
  async infer (feeds: Tensors, { outputs, isMovable = false, ...ask }: Ask & { outputs?: string[] | undefined, isMovable?: boolean }): Promise<Inferred> {
    const row = this.#fed(feeds, outputs)
    const count = countOf(feeds)
    const ticket = this.#admit(this.#hasRows ? Math.max(1, count) : 1)
    const [{ outcome: { outputs: all, at }, timing } = NOTHING] = await this.#counted(count, ticket, ask, async () => {
      const [scored] = await ticket.run([isMovable ? moving(row, feeds) : row]).finally(ticket.release)
      if (!scored || !isAnswered(scored)) throw unable(scored)
      return [scored]
    })
    return { outputs: this.#engine.runner.stacks ? rowsOfAll(all, at, count) : all, timing }
  }

  /**
   * Runs the model on inputs as clients of `predict` send them, and returns its output tensors: a row for each input.
   *
   * @param outputs names of the requested outputs. Default: all outputs
   * @throws TensorUnusable when the model has no such output, or when the rows of an output have different shapes
   * @throws the errors of `predict`
   */
  async inferItems (items: Item[], { outputs = this.signature.outputs.map(({ name }) => name), ...ask }: Ask & { outputs?: string[] | undefined }): Promise<Inferred> {
    checkOutputs(this.signature, outputs)
    const ticket = this.#admit(items.length)
    const scored = await this.#counted(items.length, ticket, ask, async () => await this.#score(items, ticket, outputs))
    const rows = scored.map(({ outcome }) => rowOf(outcome))
    const all = Object.fromEntries(outputs.map(name => [name, stacked(name, rows)]))
    return { outputs: all, timing: longest(scored) }
  }

  /**
   * The answers that belong to output tensors of `infer` or `inferItems`, for the logs and metrics: the first label of each
   * row. None if the card's answer needs an output that is not there, or if an answer is not finite.
   */
  async predictionsOf (outputs: Tensors): Promise<Predictions> {
    if (this.card.output.kind === 'tensors' || !(this.#outputs ?? []).every(name => Object.hasOwn(outputs, name))) return []
    try {
      return await this.#decide([], [{ outcome: { outputs, at: 0 }, timing: NO_TIME, count: countOf(outputs) }], 1)
    } catch {
      return []
    }
  }

  /**
   * Explains the answer to an input: runs the model on variations of the input, and compares the probabilities of the label
   * or the values.
   *
   * Explanations have low priority. Predictions run before them, and a busy service refuses explanations first.
   *
   * @throws the errors of `predict`
   */
  async explain (item: Item, ask: Ask): Promise<Explanation> {
    const ticket = this.#scheduler.admit(1 + this.#modality.variations, 'low')
    return await this.#inTime(ticket, ask, this.#explain(item, ticket).finally(ticket.release))
  }

  /** Whether answers can be explained: they have a probability or a value, and the modality can vary an input. */
  get explains (): boolean {
    return hasNumber(this.card.output) && this.#modality.variations > 0
  }

  /** Whether the queue has room for one more input of this priority. */
  accepts (priority: Priority): boolean {
    return !this.#scheduler.isFull(priority)
  }

  /** The current state of the model and its queue. */
  status (): Status {
    const { queued, running, admitted, queueLimit, drainSeconds } = this.#scheduler
    const { runner: { size, alive, busy, deaths }, workers, threads, maxBatch, providers, trials } = this.#engine
    return {
      queued, running, admitted, queueLimit, drainSeconds, workers: { size, alive, busy, deaths }, layout: { workers, threads, maxBatch, providers, trials }
    }
  }

  /** Waits for the runs in progress, then frees the model. */
  async close (): Promise<void> {
    await this.#engine.runner.close()
  }

  /** Reserves room for the inputs of a request. A refused request counts as failed. */
  #admit (rows: number): Ticket {
    try {
      return this.#scheduler.admit(rows)
    } catch (error) {
      this.statistics.fail(0)
      throw error
    }
  }

  /** Works on a request in time, and counts it. */
  async #counted (rows: number, ticket: Ticket, ask: Ask, work: () => Promise<Answered[]>): Promise<Answered[]> {
    const started = performance.now()
    try {
      const scored = await this.#inTime(ticket, ask, work())
      this.statistics.succeed(rows, performance.now() - started, longest(scored))
      return scored
    } catch (error) {
      this.statistics.fail(performance.now() - started)
      throw error
    }
  }

  /** Runs all inputs. Releases the ticket when no input is in work any more, even if one has failed before. */
  async #score (items: Item[], ticket: Ticket, outputs?: string[]): Promise<Answered[]> {
    const parts = outputs ? null : await this.#scoreBlock(items, ticket)
    if (parts) return parts
    const arrived = performance.now()
    const rows = this.#prepare(items, ticket, outputs)
    // Inputs that need no decoding enter the queue together.
    if (rows.every(isLight)) return (await ticket.run(rows).finally(ticket.release)).map((scored, at) => this.#answered(scored, items[at]!))
    const each = rows.map(async (row, at) => await this.#run(await row, items[at]!, ticket, { arrived }))
    Promise.allSettled(each).then(ticket.release)
    return await Promise.all(each)
  }

  /**
   * Runs all inputs as one block, and releases the ticket.
   *
   * @returns `null` if they are no block, or if the model does not take them together: one by one, the input at fault shows
   */
  async #scoreBlock (items: Item[], ticket: Ticket): Promise<Answered[] | null> {
    // One input costs less as a row.
    const block = this.#takesBlocks && items.length > 1 ? this.#modality.block?.(items) : null
    if (!block) return null
    let parts: Scored[]
    try {
      parts = await ticket.runBlock(block)
    } catch (error) {
      ticket.release()
      throw error
    }
    if (!parts.every(isAnswered)) return null
    ticket.release()
    return parts
  }

  /** The answer to each input. Many are made in pieces, so that the event loop stays free. */
  async #decide (items: Item[], scored: Answered[], topK: number): Promise<Predictions> {
    const { labels, output } = this.card
    const rowsPerTurn = Math.ceil(labels.length === 0 ? NUMBERS_PER_TURN : LABELS_PER_TURN / labels.length)
    const length = scored.reduce((sum, { count = 1 }) => sum + count, 0)
    const ranked = output.kind === 'classes' || output.kind === 'binary' ? new RankedPredictions(labels, length, topK) : null
    const others: Prediction[] = []
    let values = 0
    let at = 0
    const nameOf = () => this.#modality.nameOf(items[at]!, at, items.length)
    for (const { outcome, count = 1 } of scored) {
      for (let row = 0; row < count; row++, at++) {
        if (at > 0 && at % rowsPerTurn === 0) await nextTurn()
        const one = count === 1 ? outcome : { outputs: outcome.outputs, at: outcome.at + row }
        if (ranked) {
          decideRanked(ranked, at, one, this.card, nameOf)
          continue
        }
        const prediction = decide(one, this.card, topK, nameOf)
        if (prediction.kind === 'tensors') values += valuesIn(prediction.outputs)
        else if (prediction.kind === 'labels') values += prediction.labels.length * VALUES_PER_LABEL
        if (values > ANSWER_LIMIT_VALUES) throw new AnswerTooLong(ANSWER_LIMIT_VALUES)
        others.push(prediction)
      }
    }
    return ranked ?? others
  }

  /** @param outputs names of the requested outputs. Default: those that the card's answer is made of */
  #prepare (items: Item[], ticket: Ticket, outputs: string[] | undefined): Array<Row | Promise<Row>> {
    const wanted = (row: Row) => 'payload' in row.content ? outputs ? asking(row, outputs) : row : this.#fed(row.content.feeds, outputs ?? this.#outputs)
    try {
      return items.map((item, at) => {
        const row = this.#modality.prepare(item, this.#limits, () => this.#modality.nameOf(item, at, items.length))
        return row instanceof Promise ? outputs ? row.then(wanted) : row : wanted(row)
      })
    } catch (error) {
      ticket.release()
      throw error
    }
  }

  /** Makes a row of tensors. @throws TensorUnusable that names the tensor */
  #fed (feeds: Tensors, outputs: string[] | undefined): Row {
    checkFeeds(this.signature, feeds, outputs)
    if (this.#engine.runner.stacks) checkRows(feeds)
    // Tensors share a run only if all axes but the first are equal, and if the same outputs are requested. Large tensors run
    // alone, since a batch is made by copying them, which costs more than what a batch saves.
    const batchKey = this.#engine.runner.stacks && bytesIn(feeds) < BATCH_LIMIT_BYTES ? JSON.stringify([outputs, Object.entries(feeds).map(([name, { shape }]) => [name, shape.slice(1)])]) : `alone ${this.#alone++}`
    return { content: { feeds, outputs }, weightBytes: 0, isSlow: false, batchKey, transfer: [] }
  }

  /** Runs one input. If the worker returns the input for another decoder, queues it again. */
  async #run (prepared: Row, item: Item, ticket: Ticket, { arrived, keep = false }: { arrived: number, keep?: boolean }): Promise<Answered> {
    let decode = performance.now() - arrived
    for (let row = prepared; ;) {
      if (row.weightBytes > this.#decodeLimit) throw this.#modality.tooHeavy(item, row.weightBytes, this.#decodeLimit)
      const asked = keep ? keeping(row) : row
      const [scored] = await this.#whenMemory(row, ticket, async () => await ticket.run([asked]))
      decode += scored?.timing.decode ?? 0
      if (scored && 'again' in scored.outcome) {
        const { again } = scored.outcome
        row = 'payload' in prepared.content && prepared.content.outputs ? asking(again, prepared.content.outputs) : again
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
    const nameOf = () => this.#modality.nameOf(item, 0, 1)
    const prediction = decide(outcome, this.card, 1, nameOf)
    const index = 'first' in prediction ? prediction.first.index : 0
    const reasons = await this.#modality.explain(row, outcome.kept, followedNumber(outcome, this.card, index, nameOf), {
      probabilities: async rows => (await ticket.run(rows)).map(scored => followedNumber(this.#answered(scored, item).outcome, this.card, index, nameOf)),
      whenMemory: async (weightBytes, decode) => await this.#whenMemory({ ...row, weightBytes }, ticket, decode)
    })
    return { prediction, ...reasons, timing }
  }

  /**
   * Calls `decode` when there is enough memory; a slow input also waits while each worker has a slow input. Both are taken
   * until the promise of `decode` settles, even if the caller has left, because libvips does not stop.
   */
  async #whenMemory<Result> ({ weightBytes, isSlow }: Row, ticket: Ticket, decode: () => Promise<Result>): Promise<Result> {
    if (weightBytes === 0) return await decode()
    const { signal } = ticket
    const begin = async () => await this.#memory.spend(weightBytes, decode, signal)
    // Only slow inputs wait in the line of slow inputs.
    return await (isSlow ? this.#slow.spend(1, begin, signal) : begin())
  }

  /** Stops all work for a request at its deadline, when the client disconnects, or when one input fails. */
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
    if (outcome && 'error' in outcome) {
      switch (outcome.fault) {
        case 'input': throw this.#modality.damaged(item, outcome.error)
        case 'memory': throw new OutOfMemory(outcome.error)
        case 'time': throw new DecodeTooSlow()
        case 'model': throw this.#modality.refused?.(item, outcome.error) ?? failed(scored)
      }
    }
    throw failed(scored)
  }
}

/** An input that the model has answered, or several in a row of the same outputs. */
interface Answered {
  outcome: { outputs: Tensors, at: number, kept?: Tensors | undefined, isAlone?: boolean }
  timing: Timing
  /** Number of inputs. Default: 1. */
  count?: number
}

function isAnswered (scored: Scored): scored is Scored & Answered {
  return 'outputs' in scored.outcome
}

function failed (scored: Scored | undefined): Error {
  return new Error(scored && 'error' in scored.outcome ? scored.outcome.error : 'the model gave no answer for the input')
}

/** The error for tensors that the model did not run on. They are at fault themselves: an index may be out of range. */
function unable (scored: Scored | undefined): Error {
  const outcome = scored?.outcome
  if (!outcome || !('error' in outcome) || outcome.fault !== 'model') return failed(scored)
  return new TensorUnusable(`the model cannot run on these tensors: ${outcome.error.slice(0, REASON_LIMIT)}`)
}

/**
 * Checks that all tensors have the same number of rows. Those of other requests may be in the same run, so that a row more
 * in one tensor and a row less in another would change the answers of others.
 *
 * @throws TensorUnusable
 */
function checkRows (feeds: Tensors): void {
  const counts = Object.entries(feeds).map(([name, { shape }]) => `${shape[0]} in '${name}'`)
  if (new Set(Object.values(feeds).map(({ shape }) => shape[0])).size > 1) throw new TensorUnusable(`the inputs have different numbers of rows: ${counts.join(', ')}.`)
}

/** A row that asks for these outputs. It shares no run with rows that ask for others. */
function asking (row: Row, outputs: string[]): Row {
  return 'payload' in row.content ? { ...row, content: { ...row.content, outputs }, batchKey: `${row.batchKey} ${JSON.stringify(outputs)}` } : row
}

/** The same row of tensors. Their memory moves to the worker, and is not copied. */
function moving (row: Row, feeds: Tensors): Row {
  const buffers = Object.values(feeds).flatMap(({ data }) => Array.isArray(data) ? [] : [data.buffer])
  return { ...row, transfer: [...new Set(buffers)].filter(buffer => buffer instanceof ArrayBuffer) }
}

/** The outputs of one input, each with a batch axis of one row. Those of an input that ran alone may lack the axis. */
function rowOf ({ outputs, at, isAlone = false }: Answered['outcome']): Tensors {
  if (!isAlone) return rowsOfAll(outputs, at, 1)
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.shape[0] === 1 ? tensor : { ...tensor, shape: [1, ...tensor.shape] }]))
}

/** The rows of an output as one tensor. @throws TensorUnusable when their shapes differ, as those of found objects may */
function stacked (name: string, rows: readonly Tensors[]): Tensor {
  const tensors = rows.flatMap(({ [name]: row }) => row ? [row] : [])
  const shapes = new Set(tensors.map(({ shape: [, ...shape] }) => `[${shape}]`))
  if (shapes.size > 1) throw new TensorUnusable(`output '${name}' has rows of different shapes: ${[...shapes].slice(0, SHAPES_LIMIT).join(' and ')}; send one input at a time.`)
  return concatenate(tensors)
}

function isLight (row: Row | Promise<Row>): row is Row {
  return !(row instanceof Promise) && row.weightBytes === 0
}

/** The same row, but the worker returns its tensors. Its bytes are copied, not moved, because they are needed again. */
function keeping (row: Row): Row {
  return { ...row, content: 'payload' in row.content ? { ...row.content, keep: true } : row.content, transfer: [] }
}

function longest (scored: Answered[]): Timing {
  const most = { decode: 0, queue: 0, infer: 0 }
  for (const { timing: { decode, queue, infer } } of scored) {
    most.decode = Math.max(most.decode, decode)
    most.queue = Math.max(most.queue, queue)
    most.infer = Math.max(most.infer, infer)
  }
  return most
}
