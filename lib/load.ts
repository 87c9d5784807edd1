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

/**
 * Loads the model in the layout that suits it here, warm, so that the first caller waits no longer than the next, and
 * checks that it answers as it did where it was trained.
 *
 * @throws ModelMissing, CardInvalid, ModelInvalid
 */
export async function loadClassifier (config: Config): Promise<Classifier> {
  const folder = modelFolder(config)
  const file = join(folder, 'model.onnx')
  for (const part of [join(folder, 'card.json'), file]) {
    await access(part).catch(() => { throw new ModelMissing(`There is no ${part}; a model is a folder with card.json and model.onnx, or set MODEL_URL to fetch it.`) })
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
  const modality = modalityOf(card.input)
  const example = async () => await modality.prepare(await modality.example(), { pixels: Infinity })
  const engine = await calibrate({
    open: async (workers, threads) => await open(workers, model, card, threads),
    row: example(),
    isQuick: modality.isQuick,
    cpus: cpuCount(),
    workers: config.WORKERS,
    threads: config.THREADS,
    maxBatch: config.MAX_BATCH
  })
  const classifier = new Classifier({ folder, card, engine, queueLimit: config.QUEUE_LIMIT, limits: { pixels: config.PIXEL_LIMIT } })
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

/** Loaded when it is needed: the event loop pays for ONNX Runtime and for WebAssembly only where it runs the model. */
async function openInline (options: Parameters<typeof WorkerPool.open>[0]): Promise<Runner> {
  const { InlineRunner } = await import('./engine/inline.ts')
  return await InlineRunner.open(options)
}
