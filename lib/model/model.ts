import { availableParallelism } from 'node:os'
import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pLimit from 'p-limit'
import type { Config } from '../config.ts'
import { ClientGone, DeadlinePassed, ModelInvalid, ModelMissing } from '../errors.ts'
import { WorkerPool } from '../engine/pool.ts'
import { Scheduler } from '../engine/scheduler.ts'
import type { Input } from '../input/body.ts'
import { decodeImage } from '../input/image.ts'
import type { Row } from '../input/tensor.ts'
import { softmax, topK, type Ranked } from '../output/classify.ts'
import { projectFile } from '../project.ts'
import { readCard, type Card } from './card.ts'

export interface PredictOptions {
  /** How many labels to rank. */
  topK: number
  /** Milliseconds until the answer is no longer wanted. */
  deadline: number
  /** Aborts when the caller has gone. */
  signal?: AbortSignal | null
}

/** What a service takes on when its settings do not say: pictures are large and slow, rows of numbers small and fast. */
const DEFAULTS = {
  image: { maxBatch: 8, queueLimit: 256, workers: availableParallelism() },
  table: { maxBatch: 256, queueLimit: 16_384, workers: 1 }
}

/** How far a probability may be from that of a golden sample. */
const TOLERANCE = 0.01

/** Milliseconds that one golden sample may take at start-up. */
const SAMPLE_DEADLINE = 60_000

/** A model that is loaded, warm and ready to answer. */
export class Model {
  readonly card: Card
  readonly folder: string
  readonly scheduler: Scheduler
  readonly pool: WorkerPool
  readonly #pixelLimit: number
  readonly #ahead: ReturnType<typeof pLimit>

  constructor (folder: string, card: Card, pool: WorkerPool, config: Config) {
    this.folder = folder
    this.card = card
    this.pool = pool
    const { maxBatch, queueLimit } = DEFAULTS[card.input.kind]
    this.scheduler = new Scheduler(pool, { maxBatch: config.MAX_BATCH ?? maxBatch, queueLimit: config.QUEUE_LIMIT ?? queueLimit })
    this.#pixelLimit = config.PIXEL_LIMIT
    // Enough decoded pictures to keep every worker's next batch full; the others wait as the compressed bytes they came as.
    this.#ahead = pLimit(pool.size * (this.scheduler.maxBatch + 1))
  }

  /**
   * Classifies the inputs of one request: all of them, or none.
   *
   * @returns for each input, in order, its labels with the most probable first
   * @throws TooManyInputs, QueueFull at once; InputEmpty, ImageUnsupported, ImageCorrupt, ImageTooLarge naming the
   * input at fault; DeadlinePassed; ClientGone; WorkerLost
   */
  async predict (inputs: Input[], { topK: k, deadline, signal }: PredictOptions): Promise<Ranked[][]> {
    const release = this.scheduler.admit(inputs.length)
    // One signal stops the whole request, whatever ends it first: the deadline, the caller, or one input's error.
    const stop = new AbortController()
    const gone = () => stop.abort(new ClientGone())
    const timer = setTimeout(() => stop.abort(new DeadlinePassed(deadline)), deadline)
    signal?.addEventListener('abort', gone, { once: true })
    const stopped = new Promise<never>((_resolve, reject) => {
      stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true })
    })
    const work = Promise.allSettled(inputs.map(async input => {
      try {
        return await this.#classify(input, k, stop.signal)
      } catch (error) {
        stop.abort(error)
        throw error
      }
    })).finally(release)
    try {
      if (signal?.aborted) gone()
      const results = await Promise.race([work, stopped])
      return results.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', gone)
    }
  }

  /** Lets the runs in progress end, then frees the model. */
  async close (): Promise<void> {
    await this.pool.close()
  }

  async #classify (input: Input, k: number, signal: AbortSignal): Promise<Ranked[]> {
    const scores = await this.#ahead(async () => {
      signal.throwIfAborted()
      return await this.scheduler.run(await this.#read(input), signal)
    })
    const probabilities = this.card.output.activation === 'softmax' ? softmax(scores) : scores
    return topK(probabilities, this.card.labels, k)
  }

  async #read (input: Input): Promise<Row> {
    if ('row' in input) return input.row
    if (this.card.input.kind !== 'image') throw new Error('a model of rows was given a picture')
    return await decodeImage(input.bytes, input.name, this.card.input, this.#pixelLimit)
  }
}

/** The folder of the model to serve, with `card.json` and `model.onnx`. */
export function modelFolder (config: Config): string {
  return resolve(config.MODEL_PATH ?? projectFile(`models/${config.MODEL_NAME}`))
}

/**
 * Loads the model and runs it once on each worker, so that the first caller waits no longer than the next.
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
  const workers = config.WORKERS ?? DEFAULTS[card.input.kind].workers
  const pool = await WorkerPool.open({ file, card, threads: config.THREADS }, workers).catch((error: Error) => {
    throw new ModelInvalid(file, error.message)
  })
  const model = new Model(folder, card, pool, config)
  try {
    await warmUp(model)
    await checkSamples(model)
  } catch (error) {
    await pool.close()
    throw new ModelInvalid(file, error instanceof Error ? error.message : String(error))
  }
  return model
}

async function warmUp ({ card: { input }, pool, scheduler }: Model): Promise<void> {
  const row = input.kind === 'table'
    ? input.features.map(({ example }) => example)
    : { data: new Uint8Array(input.width * input.height * 3), width: input.width, height: input.height, channels: 3 }
  const signal = AbortSignal.timeout(SAMPLE_DEADLINE)
  await Promise.all(Array.from({ length: pool.size }, () => scheduler.run(row, signal)))
}

/** A service that would answer otherwise than the model did where it was trained must not start. */
async function checkSamples (model: Model): Promise<void> {
  const { samples = [], tolerance = TOLERANCE } = model.card
  for (const sample of samples) {
    const name = 'file' in sample ? sample.file : `[${sample.row}]`
    const input = 'file' in sample
      ? { name, bytes: await readFile(join(model.folder, sample.file)) }
      : { name, row: sample.row }
    const [[first] = []] = await model.predict([input], { topK: 1, deadline: SAMPLE_DEADLINE })
    if (first?.label !== sample.label || Math.abs(first.probability - sample.probability) > tolerance) {
      throw new Error(`sample ${name} is '${sample.label}' with ${sample.probability} on the card, and '${first?.label}' with ${first?.probability} here`)
    }
  }
}
