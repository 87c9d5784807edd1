import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { readCard, type Card } from './card/card.ts'
import { checkSignature } from './card/signature.ts'
import { checkModel } from './checks.ts'
import { Classifier } from './classifier.ts'
import type { Config } from './config.ts'
import { cpuCount } from './cpus.ts'
import { calibrate } from './engine/calibrate.ts'
import { readOnnxFile } from './engine/onnx-file.ts'
import { WorkerPool } from './engine/pool.ts'
import type { Runner } from './engine/runner.ts'
import { ModelInvalid, ModelMissing } from './errors.ts'
import { modalityOf } from './modalities/index.ts'
import { modelFolder } from './sources/locate.ts'
import type { Signature } from './tensor.ts'

/**
 * Loads the model in the fastest layout for this machine, warms it up, and checks its golden samples.
 *
 * @throws ModelMissing when a file is missing
 * @throws CardInvalid when `card.json` is wrong
 * @throws ModelInvalid when the model cannot run, does not fit its card, or fails a golden sample
 */
export async function loadClassifier (config: Config): Promise<Classifier> {
  const folder = modelFolder(config)
  const file = join(folder, 'model.onnx')
  for (const part of [join(folder, 'card.json'), file]) {
    await access(part).catch(() => { throw new ModelMissing(`There is no ${part}; a model is a folder with card.json and model.onnx. Set MODEL_URL to download one.`) })
  }
  const card = await readCard(folder)
  try {
    return await start(folder, card, await readOnnxFile(file), config)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ModelInvalid(file, /protobuf parsing failed/i.test(reason) ? 'is not an ONNX file' : reason)
  }
}

async function start (folder: string, card: Card, model: string | Uint8Array, config: Config): Promise<Classifier> {
  let tell: (signature: Signature) => void = () => {}
  const opened = new Promise<Signature>(resolve => { tell = resolve })
  const early = modalityOf(card.input, { inputs: [], outputs: [] })
  const example = async () => {
    // What plain tensors are is only known from the model. All other inputs are prepared while it loads.
    const modality = early.tensors.length === 0 ? modalityOf(card.input, await opened) : early
    return await modality.prepare(await modality.example(), { pixels: Infinity })
  }
  const engine = await calibrate({
    open: async (workers, threads) => {
      const runner = await open(workers, model, card, threads)
      tell(runner.signature)
      return runner
    },
    row: example(),
    isQuick: early.isQuick,
    cpus: cpuCount(),
    workers: config.WORKERS,
    threads: config.THREADS,
    maxBatch: config.MAX_BATCH
  })
  const classifier = new Classifier({ folder, card, engine, queueLimit: config.QUEUE_LIMIT, limits: { pixels: config.PIXEL_LIMIT }, decodeLimit: config.DECODE_LIMIT })
  try {
    await checkModel(classifier, engine.runner, await example())
    return classifier
  } catch (error) {
    await classifier.close()
    throw error
  }
}

async function open (workers: number, model: string | Uint8Array, card: Card, threads: number): Promise<Runner> {
  const { input, output } = card
  const options = { model, contract: { input, output }, threads }
  const runner = workers === 0 ? await openInline(options) : await WorkerPool.open(options, workers)
  try {
    checkSignature(runner.signature, card)
    return runner
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** Loads the model inline. Only then does the main thread import ONNX Runtime and WebAssembly, which are slow to load. */
async function openInline (options: Parameters<typeof WorkerPool.open>[0]): Promise<Runner> {
  const { InlineRunner } = await import('./engine/inline.ts')
  return await InlineRunner.open(options)
}
