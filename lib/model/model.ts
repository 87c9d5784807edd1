import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pLimit from 'p-limit'
import type { Config } from '../config.ts'
import { ClientGone, DeadlinePassed, ImageCorrupt, ModelInvalid, ModelMissing } from '../errors.ts'
import { calibrate, type Engine } from '../engine/calibrate.ts'
import { cpuCount } from '../cpus.ts'
import { Scheduler, type Ticket } from '../engine/scheduler.ts'
import type { Outcome } from '../engine/session.ts'
import type { Input } from '../input/body.ts'
import { Budget } from '../input/budget.ts'
import { examplePicture, readPicture } from '../input/image.ts'
import type { Row } from '../input/tensor.ts'
import { softmax, topK, type Ranked } from '../output/classify.ts'
import { projectFile } from '../project.ts'
import { readCard, type Card } from './card.ts'
import { readOnnxFile } from './onnx-file.ts'

export interface PredictOptions {
  /** How many labels to rank. */
  topK: number
  /** Milliseconds until the answer is no longer wanted. */
  deadline: number
  /** Aborts when the caller has gone. */
  signal?: AbortSignal | null
}

/** Inputs admitted at once when the settings do not say: pictures are large and slow, rows of numbers small and fast. */
const QUEUE_LIMIT = { image: 256, table: 16_384 }

/** Pixels from which a picture is large: about 20 milliseconds of decoding. */
const LARGE = 4_000_000

/** Bytes of pictures that may be decoded at once, at most; a larger one is decoded alone. */
const DECODED_LIMIT = 256 * 1024 * 1024

/** How far a probability may be from that of a golden sample. */
const TOLERANCE = 0.01

/** Milliseconds that one golden sample may take at start-up. */
const SAMPLE_DEADLINE = 60_000

/** Milliseconds of each stage of a prediction; of several inputs, the longest. */
export interface Timing {
  decode: number
  queue: number
  infer: number
}

/** What the model made of an input. */
interface Classified {
  scores: Float32Array
  timing: Timing
}

export interface Answer {
  /** For each input, in order, its labels with the most probable first. */
  rankings: Ranked[][]
  timing: Timing
}

/** A model that is loaded, warm and ready to answer. */
export class Model {
  readonly card: Card
  readonly folder: string
  readonly scheduler: Scheduler
  readonly engine: Engine
  readonly #pixelLimit: number
  readonly #decodedBytes = new Budget(DECODED_LIMIT)
  /** Large pictures never take every worker, so that a small one does not wait behind them for longer than its own kind. */
  readonly #large: ReturnType<typeof pLimit>

  constructor (folder: string, card: Card, engine: Engine, config: Config) {
    this.folder = folder
    this.card = card
    this.engine = engine
    this.scheduler = new Scheduler(engine.runner, {
      maxBatch: engine.maxBatch, queueLimit: config.QUEUE_LIMIT ?? QUEUE_LIMIT[card.input.kind]
    })
    this.#pixelLimit = config.PIXEL_LIMIT
    this.#large = pLimit(Math.max(1, engine.runner.size - 1))
  }

  /**
   * Classifies the inputs of one request: all of them, or none.
   *
   * @returns for each input, in order, its labels with the most probable first, and the time of each stage
   * @throws TooManyInputs, QueueFull at once; InputEmpty, ImageUnsupported, ImageCorrupt, ImageTooLarge naming the
   * input at fault; DeadlinePassed; ClientGone; WorkerLost
   */
  async predict (inputs: Input[], { topK: k, deadline, signal }: PredictOptions): Promise<Answer> {
    const ticket = this.scheduler.admit(inputs.length)
    // Whatever ends the request first, the deadline, the caller, or one input's error, ends all of it.
    let stop: (reason: Error) => void = () => {}
    const stopped = new Promise<never>((_resolve, reject) => {
      stop = reason => {
        ticket.abort(reason)
        reject(reason)
      }
    })
    const gone = () => stop(new ClientGone())
    const timer = setTimeout(() => stop(new DeadlinePassed(deadline)), deadline)
    signal?.addEventListener('abort', gone, { once: true })
    const work = this.#run(inputs, ticket)
    try {
      if (signal?.aborted) gone()
      const scored = await Promise.race([work, stopped])
      const longest = (stage: keyof Timing) => scored.reduce((most, { timing }) => Math.max(most, timing[stage]), 0)
      return {
        rankings: scored.map(({ scores }) => this.#rank(scores, k)),
        timing: { decode: longest('decode'), queue: longest('queue'), infer: longest('infer') }
      }
    } catch (error) {
      ticket.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', gone)
    }
  }

  /** Lets the runs in progress end, then frees the model. */
  async close (): Promise<void> {
    await this.engine.runner.close()
  }

  /** Gives the ticket's places back when the last of the inputs is done with, also after one has failed. */
  async #run (inputs: Input[], ticket: Ticket): Promise<Classified[]> {
    const rows = inputs.flatMap(input => 'row' in input ? [input.row] : [])
    const pictures = inputs.flatMap(input => 'bytes' in input ? [input] : [])
    const each = [...pictures.map(picture => this.#look(picture, ticket)), ...rows.length > 0 ? [this.#calculate(rows, ticket)] : []]
    Promise.allSettled(each).then(ticket.release)
    return (await Promise.all(each)).flat()
  }

  async #calculate (rows: number[][], ticket: Ticket): Promise<Classified[]> {
    return (await ticket.run(rows)).map(({ outcome, ...timing }) => ({ scores: scoresOf(outcome), timing }))
  }

  async #look ({ bytes, name }: { bytes: Uint8Array, name: string }, ticket: Ticket): Promise<Classified[]> {
    if (this.card.input.kind !== 'image') throw new Error('a model of rows was given a picture')
    const started = performance.now()
    const picture = await readPicture(bytes, name, this.#pixelLimit)
    const header = performance.now() - started
    const pixels = picture.width * picture.height
    const run = () => ticket.run([picture])
    const [scored] = await this.#decodedBytes.spend(pixels * 4, () => pixels < LARGE ? run() : this.#large(run))
    if (!scored) throw new Error('the picture was not answered')
    const { outcome, infer } = scored
    if ('fault' in outcome && outcome.fault === 'picture') throw new ImageCorrupt(name, outcome.error)
    const decode = header + scored.decode
    return [{ scores: scoresOf(outcome), timing: { decode, queue: performance.now() - started - decode - infer, infer } }]
  }

  #rank (scores: Float32Array, k: number): Ranked[] {
    return topK(this.card.output.activation === 'softmax' ? softmax(scores) : scores, this.card.labels, k)
  }
}

function scoresOf (outcome: Outcome): Float32Array {
  if ('error' in outcome) throw new Error(outcome.error)
  return outcome.scores
}

/** The folder of the model to serve, with `card.json` and `model.onnx`. */
export function modelFolder (config: Config): string {
  return resolve(config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`))
}

/**
 * Loads the model in the layout that suits it here, warm, so that the first caller waits no longer than the next, and
 * checks its golden samples.
 *
 * @throws ModelMissing, CardInvalid, ModelInvalid
 */
export async function loadModel (config: Config): Promise<Model> {
  const folder = modelFolder(config)
  const file = join(folder, 'model.onnx')
  for (const part of [join(folder, 'card.json'), file]) {
    await access(part).catch(() => { throw new ModelMissing(`There is no ${part}; a model is a folder with card.json and model.onnx.`) })
  }
  const card = await readCard(folder)
  try {
    const engine = await calibrate({
      model: await readOnnxFile(file),
      card,
      row: await exampleRow(card),
      cpus: cpuCount(),
      workers: config.WORKERS,
      threads: config.THREADS,
      maxBatch: config.MAX_BATCH
    })
    const model = new Model(folder, card, engine, config)
    try {
      await checkScores(model)
      await checkSamples(model)
      return model
    } catch (error) {
      await model.close()
      throw error
    }
  } catch (error) {
    throw new ModelInvalid(file, error instanceof Error ? error.message : String(error))
  }
}

/** A picture comes as a file, so that the time to decode one is part of what is measured. */
async function exampleRow ({ input }: Card): Promise<Row> {
  return input.kind === 'table'
    ? input.features.map(({ example }) => example)
    : await readPicture(await examplePicture(input), 'the example', Infinity)
}

/** Logits that a card calls probabilities would be answered as they are. */
async function checkScores ({ card, scheduler }: Model): Promise<void> {
  const ticket = scheduler.admit(1)
  const [scored] = await ticket.run([await exampleRow(card)]).finally(ticket.release)
  if (!scored) throw new Error('the example was not answered')
  const scores = scoresOf(scored.outcome)
  if (!scores.every(Number.isFinite)) throw new Error(`output '${card.output.tensor}' is not finite`)
  const sum = scores.reduce((total, score) => total + score, 0)
  if (card.output.activation === 'none' && (Math.abs(sum - 1) > 0.01 || scores.some(score => score < 0))) {
    throw new Error(`output '${card.output.tensor}' is no list of probabilities: it sums to ${sum.toFixed(3)}; does the card want "activation": "softmax"?`)
  }
}

/** A service that would answer otherwise than the model did where it was trained must not start. */
async function checkSamples (model: Model): Promise<void> {
  const { samples = [], tolerance = TOLERANCE } = model.card
  for (const sample of samples) {
    const name = 'file' in sample ? sample.file : `[${sample.row}]`
    const input = 'file' in sample
      ? { name, bytes: await readFile(join(model.folder, sample.file)) }
      : { name, row: sample.row }
    const { rankings: [[first] = []] } = await model.predict([input], { topK: 1, deadline: SAMPLE_DEADLINE })
    if (first?.label !== sample.label || Math.abs(first.probability - sample.probability) > tolerance) {
      throw new Error(`sample ${name} is '${sample.label}' with ${sample.probability} on the card, and '${first?.label}' with ${first?.probability} here`)
    }
  }
}
