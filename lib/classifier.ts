import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pLimit from 'p-limit'
import type { Config } from '../config.ts'
import { ClientGone, DeadlinePassed, ImageCorrupt, ModelInvalid, ModelMissing } from '../errors.ts'
import { calibrate, type Engine } from '../engine/calibrate.ts'
import { cpuCount } from '../cpus.ts'
import { effectsOf, STEPS, variations, type FeatureEffect } from '../explain/features.ts'
import { GRID, importanceOf, occlusions } from '../explain/occlusion.ts'
import { drawOverlay } from '../explain/overlay.ts'
import { Scheduler, type Ticket, type Timing } from '../engine/scheduler.ts'
import type { Outcome } from '../engine/session.ts'
import type { Input, PictureInput } from '../input/body.ts'
import { Budget } from '../input/budget.ts'
import { examplePhoto, readPicture } from '../input/image.ts'
import { isScanned, type Picture, type Row, type TensorRow } from '../input/tensor.ts'
import { rounded, softmax, topK, type Ranked } from '../output/classify.ts'
import { projectFile } from '../project.ts'
import { readCard, type Card } from './card.ts'
import type { FetchOptions } from './fetch.ts'
import { readOnnxFile } from './onnx-file.ts'

export interface AskOptions {
  /** Milliseconds until the answer is no longer wanted. */
  deadline: number
  /** Is given what to call when the caller has gone. */
  onGone?: (stop: () => void) => void
}

export interface PredictOptions extends AskOptions {
  /** How many labels to rank. */
  topK: number
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

/** What the model made of an input, with its row of the input tensor where that was to be kept. */
interface Classified {
  scores: Float32Array
  kept?: TensorRow | undefined
  timing: Timing
}

export interface Answer {
  /** For each input, in order, its labels with the most probable first. */
  rankings: Ranked[][]
  /** Of each stage, the longest. */
  timing: Timing
}

/** The most probable label of an input, and what carried it. */
export interface Explanation {
  first: Ranked
  /** For a picture: rows of cells of what the model sees, and that drawn as PNG. @see importanceOf, drawOverlay */
  picture?: { importance: number[][], overlay: Buffer }
  /** For a row, what each feature did. */
  features?: FeatureEffect[]
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
  /** One large picture for each worker at most, so that a small one finds a place beside it. */
  readonly #large: ReturnType<typeof pLimit>

  constructor (folder: string, card: Card, engine: Engine, config: Config) {
    this.folder = folder
    this.card = card
    this.engine = engine
    this.scheduler = new Scheduler(engine.runner, {
      maxBatch: engine.maxBatch, queueLimit: config.QUEUE_LIMIT ?? QUEUE_LIMIT[card.input.kind]
    })
    this.#pixelLimit = config.PIXEL_LIMIT
    this.#large = pLimit(engine.runner.size)
  }

  /**
   * Classifies the inputs of one request: all of them, or none.
   *
   * @returns for each input, in order, its labels with the most probable first, and the time of each stage
   * @throws TooManyInputs, QueueFull at once; InputEmpty, ImageUnsupported, ImageCorrupt, ImageTooLarge naming the
   * input at fault; DeadlinePassed; ClientGone; WorkerLost
   */
  async predict (inputs: Input[], { topK: k, ...options }: PredictOptions): Promise<Answer> {
    const ticket = this.scheduler.admit(inputs.length)
    const scored = await this.#inTime(ticket, options, this.#run(inputs, ticket))
    const longest = (stage: keyof Timing) => scored.reduce((most, { timing }) => Math.max(most, timing[stage]), 0)
    return {
      rankings: scored.map(({ scores }) => this.#rank(scores, k)),
      timing: { decode: longest('decode'), queue: longest('queue'), infer: longest('infer') }
    }
  }

  /**
   * Tells what carried the answer to an input, by asking again with parts of it changed: with low priority, so that
   * predictions go first, and refused before they are.
   *
   * @throws as `predict` does
   */
  async explain (input: Input, options: AskOptions): Promise<Explanation> {
    const { input: form } = this.card
    const ticket = this.scheduler.admit(1 + (form.kind === 'image' ? GRID * GRID : form.features.length * STEPS), 'low')
    return await this.#inTime(ticket, options, this.#explain(input, ticket).finally(ticket.release))
  }

  async #explain (input: Input, ticket: Ticket): Promise<Explanation> {
    const { input: form } = this.card
    if ('row' in input && form.kind === 'table') {
      const [original] = await this.#calculate([input.row], ticket)
      const { first, timing } = this.#firstOf(original)
      const probabilities = await this.#probabilities(variations(input.row, form), first.index, ticket)
      return { first, features: effectsOf(input.row, form, probabilities, first.probability), timing }
    }
    if ('bytes' in input && form.kind === 'image') {
      const picture = { ...await readPicture(input.bytes, input.name, this.#pixelLimit), keep: true }
      const [original] = await this.#look(picture, input.name, ticket)
      const { first, timing } = this.#firstOf(original)
      if (!original?.kept) throw new Error('the row of the picture was not kept')
      const probabilities = await this.#probabilities(occlusions(original.kept, form), first.index, ticket)
      const importance = importanceOf(probabilities, first.probability)
      return { first, picture: { importance, overlay: await this.#spend(picture, () => drawOverlay(picture, form, importance)) }, timing }
    }
    throw new Error(`the input is not what a model of kind '${form.kind}' takes`)
  }

  #firstOf (classified: Classified | undefined): { first: Ranked, timing: Timing } {
    const [first] = classified ? this.#rank(classified.scores, 1) : []
    if (!classified || !first) throw new Error('the input was not answered')
    return { first, timing: classified.timing }
  }

  /** Of one label, for each row. */
  async #probabilities (rows: Row[], index: number, ticket: Ticket): Promise<number[]> {
    return (await ticket.run(rows)).map(({ outcome }) => rounded(this.#probabilitiesOf(scoresOf(outcome))[index]!))
  }

  /** Whatever ends the request first, the deadline, the caller, or one input's error, ends all of it. */
  async #inTime<T> (ticket: Ticket, { deadline, onGone }: AskOptions, work: Promise<T>): Promise<T> {
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

  /** Lets the runs in progress end, then frees the model. */
  async close (): Promise<void> {
    await this.engine.runner.close()
  }

  /** Gives the ticket's places back when the last of the inputs is done with, also after one has failed. */
  async #run (inputs: Input[], ticket: Ticket): Promise<Classified[]> {
    const rows = inputs.filter(input => 'row' in input).map(({ row }) => row)
    const pictures = inputs.filter(input => 'bytes' in input)
    if (pictures.length === 0) return await this.#calculate(rows, ticket).finally(ticket.release)
    const each = pictures.map(async input => await this.#read(input, ticket))
    Promise.allSettled(each).then(ticket.release)
    return (await Promise.all(each)).flat()
  }

  async #calculate (rows: number[][], ticket: Ticket): Promise<Classified[]> {
    return (await ticket.run(rows)).map(({ outcome, timing }) => ({ scores: scoresOf(outcome), timing }))
  }

  async #read ({ bytes, movable = false, name }: PictureInput, ticket: Ticket): Promise<Classified[]> {
    if (this.card.input.kind !== 'image') throw new Error('a model of rows was given a picture')
    const started = performance.now()
    const picture = { ...await readPicture(bytes, name, this.#pixelLimit), movable }
    return await this.#look(picture, name, ticket, started)
  }

  async #look (picture: Picture, name: string, ticket: Ticket, started = performance.now()): Promise<Classified[]> {
    const header = performance.now() - started
    const [scored] = await this.#spend(picture, () => ticket.run([picture]))
    if (!scored) throw new Error('the picture was not answered')
    const { outcome, timing: { infer } } = scored
    if ('fault' in outcome && outcome.fault === 'picture') throw new ImageCorrupt(name, outcome.error)
    const decode = header + scored.timing.decode
    const timing = { decode, queue: performance.now() - started - decode - infer, infer }
    return [{ scores: scoresOf(outcome), kept: 'kept' in outcome ? outcome.kept : undefined, timing }]
  }

  /** Waits with what decodes a picture until there is memory for it, and a core where it is large. */
  async #spend<T> (picture: Picture, decode: () => Promise<T>): Promise<T> {
    const { input } = this.card
    const pixels = picture.width * picture.height
    const weight = input.kind === 'image' && isScanned(picture, input) ? 0 : pixels * 4
    const spend = () => this.#decodedBytes.spend(weight, decode)
    // A small one never waits in a line with large ones.
    return await (pixels < LARGE ? spend() : this.#large(spend))
  }

  #rank (scores: Float32Array, k: number): Ranked[] {
    return topK(this.#probabilitiesOf(scores), this.card.labels, k)
  }

  #probabilitiesOf (scores: Float32Array): Float32Array {
    return this.card.output.activation === 'softmax' ? softmax(scores) : scores
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
 * Fetches the model from MODEL_URL where its folder has none.
 *
 * @returns whether there is one now; what is missing is up to `loadModel` to say
 * @throws ModelUnfetched
 */
export async function fetchMissingModel (config: Config, onProgress?: FetchOptions['onProgress']): Promise<boolean> {
  const folder = modelFolder(config)
  const isThere = await access(join(folder, 'model.onnx')).then(() => true, () => false)
  if (isThere || config.MODEL_URL === undefined) return isThere
  const { fetchModel } = await import('./fetch.ts')
  await fetchModel(folder, { url: config.MODEL_URL, token: config.MODEL_TOKEN, sha256: config.MODEL_SHA256, limit: config.MODEL_LIMIT, onProgress })
  return true
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
    await access(part).catch(() => { throw new ModelMissing(`There is no ${part}; a model is a folder with card.json and model.onnx, or set MODEL_URL to fetch it.`) })
  }
  const card = await readCard(folder)
  try {
    const engine = await calibrate({
      model: await readOnnxFile(file),
      card,
      row: exampleRow(card),
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
    const reason = error instanceof Error ? error.message : String(error)
    throw new ModelInvalid(file, /protobuf parsing failed/i.test(reason) ? 'is not an ONNX file' : reason)
  }
}

/** A picture comes as a file, so that the time to decode one is part of what is measured. */
async function exampleRow ({ input }: Card): Promise<Row> {
  return input.kind === 'table'
    ? input.features.map(({ example }) => example)
    : await readPicture(await examplePhoto(), 'the example', Infinity)
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
