import { dirname } from 'node:path'
import type { Preset } from './card/infer/presets.ts'
import { settleOutput } from './card/infer/probe.ts'
import type { Graph } from './card/onnx/graph.ts'
import { resolveWithPreset } from './card/preset.ts'
import type { Resolved } from './card/resolve.ts'
import { checkSignature } from './card/signature.ts'
import { checkModel, faultsOf } from './checks.ts'
import { Classifier } from './classifier.ts'
import type { Config } from './config.ts'
import { cpuCount } from './cpus.ts'
import { calibrate } from './engine/calibrate.ts'
import { readOnnxFile } from './engine/onnx-file.ts'
import { WorkerPool } from './engine/pool.ts'
import { chooseProviders } from './engine/providers.ts'
import type { Runner } from './engine/runner.ts'
import type { SessionOptions } from './engine/session.ts'
import { ModelInvalid } from './errors.ts'
import { modalityOf } from './modalities/index.ts'
import type { Row } from './modalities/modality.ts'
import { outputsOf } from './output/prediction.ts'
import { locateModel } from './sources/locate.ts'
import { concatenate, rowsOfAll, type Signature, type Tensors } from './tensor.ts'
import { variationsOf } from './variations.ts'

/** A model that runs, and has not been checked yet. */
export interface Opened {
  classifier: Classifier
  /** Its card, complete, and what the card was read from. */
  resolved: Resolved
  /**
   * Checks the scores of an example, and the golden samples.
   *
   * @throws ModelInvalid with the first fault
   */
  check: () => Promise<void>
  /** As `check`, but goes on after a fault. Returns a line for each. */
  faults: () => Promise<string[]>
}

/** A model of this size is not loaded several times to measure what is faster: each worker has a copy of its own. */
const LARGE_BYTES = 2 ** 30

/**
 * Loads the model in the fastest layout for this machine, warms it up, and checks its golden samples.
 *
 * @throws ConfigInvalid when an execution provider cannot be used
 * @throws ModelMissing when there is no model
 * @throws CardInvalid when `card.json` is wrong
 * @throws CardAmbiguous when the files do not say what the model takes or answers
 * @throws ModelInvalid when the model cannot run, does not fit its card, or fails a golden sample
 */
export async function loadClassifier (config: Config): Promise<Classifier> {
  const { classifier, check } = await openClassifier(config)
  try {
    await check()
    return classifier
  } catch (error) {
    await classifier.close()
    throw error
  }
}

/**
 * Loads the model as `loadClassifier` does, without the checks.
 *
 * @param preset settles what the model's files do not say
 * @throws the errors of `loadClassifier`
 */
export async function openClassifier (config: Config, preset: Preset | null = null): Promise<Opened> {
  const providers = await chooseProviders(config)
  const resolved = renamed(await resolveWithPreset(await locateModel(config), preset), config)
  const { model: file, root } = resolved.files
  return await blaming(file, async () => await start(resolved, { model: await readOnnxFile(file, resolved.inside), folder: dirname(file), root, providers }, config))
}

/** The model under the name and the version that SERVED_NAME and MODEL_VERSION give it. */
function renamed (resolved: Resolved, { SERVED_NAME, MODEL_VERSION }: Config): Resolved {
  const { card } = resolved
  return { ...resolved, card: { ...card, name: SERVED_NAME ?? card.name, version: MODEL_VERSION ?? card.version } }
}

/** Names the file in an error. The messages of ONNX Runtime may have several lines. */
async function blaming<Result> (file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ModelInvalid) throw error
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim()
    throw new ModelInvalid(file, /protobuf parsing failed/i.test(reason) ? 'is not an ONNX file; export it again' : reason)
  }
}

/** An ONNX file, or its bytes and the folder of its external data; the folder of all that belongs to it; and what runs it. */
type ModelData = Pick<SessionOptions, 'model' | 'folder' | 'root' | 'providers'>

async function start (unsettled: Resolved, model: ModelData, config: Config): Promise<Opened> {
  const { files } = unsettled
  const { input } = unsettled.card
  let tell: (signature: Signature) => void = () => {}
  const opened = new Promise<Signature>(resolve => { tell = resolve })
  const early = modalityOf(input, { inputs: [], outputs: [] })
  const example = async () => {
    // What plain tensors are is only known from the model. All other inputs are prepared while it loads.
    const modality = early.tensors.length === 0 ? modalityOf(input, await opened) : early
    return await modality.prepare(await modality.example(), { pixels: Infinity, characters: Infinity })
  }
  const engine = await calibrate({
    open: async (workers, threads) => {
      const runner = await open(workers, model, unsettled, threads)
      tell(runner.signature)
      return runner
    },
    row: example(),
    isQuick: early.isQuick,
    isEven: early.isEven,
    cpus: cpuCount(),
    workers: config.WORKERS ?? (unsettled.graph.bytes > LARGE_BYTES ? 1 : undefined),
    threads: config.THREADS,
    maxBatch: scalesBatches(unsettled.graph) ? 1 : config.MAX_BATCH,
    ...model.providers && { providers: model.providers }
  })
  try {
    const resolved = unsettled.probe ? await settle(unsettled, engine.runner, await example()) : unsettled
    const { card, sources, assumptions } = resolved
    const classifier = new Classifier({
      folder: files.root, card, sources, assumptions, engine, queueLimit: config.QUEUE_LIMIT, limits: { pixels: config.PIXEL_LIMIT, characters: config.TEXT_LIMIT }, decodeLimit: config.DECODE_LIMIT
    })
    const faults = async () => (await faultsOf(classifier, engine.runner, await example())).map(fault => `${files.model}: ${fault}`)
    const check = async () => await blaming(files.model, async () => await checkModel(classifier, engine.runner, await example()))
    return { classifier, resolved, check, faults }
  } catch (error) {
    await engine.runner.close()
    throw error
  }
}

/**
 * Whether the model quantises its inputs by their own range, which is that of the whole batch. Then the answer to an input
 * would depend on the others in the batch, so that each has to run alone.
 *
 * @see https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
 */
function scalesBatches ({ nodes }: Graph): boolean {
  return nodes.some(({ opType }) => opType.startsWith('DynamicQuantize'))
}

/** Runs the model on examples, and settles by its answers what the files do not say of its output. */
async function settle (resolved: Resolved, runner: Runner, example: Row): Promise<Resolved> {
  const outputs = outputsOf(resolved.card.output)
  const { kept, ...first } = await runOne(runner, { ...example, content: { ...example.content, keep: true }, transfer: [] })
  const answers = [first.outputs]
  for (const feeds of kept ? variationsOf(kept) : []) {
    answers.push((await runOne(runner, { ...example, content: { feeds, outputs }, weightBytes: 0, isSlow: false, transfer: [] })).outputs)
  }
  const names = Object.keys(first.outputs)
  const all: Tensors = Object.fromEntries(names.map(name => [name, concatenate(answers.flatMap(({ [name]: tensor }) => tensor ? [tensor] : []))]))
  const { card, assumptions } = settleOutput(resolved.card, all, answers.length)
  checkSignature(runner.signature, card)
  return { ...resolved, card, assumptions: [...resolved.assumptions, ...assumptions], probe: false }
}

async function runOne (runner: Runner, row: Row): Promise<{ outputs: Tensors, kept?: Tensors | undefined }> {
  const { outcomes: [outcome] } = await runner.run([row])
  if (!outcome || !('outputs' in outcome)) throw new Error(outcome && 'error' in outcome ? outcome.error : 'the model gave no answer for the example')
  const { outputs, at, kept } = outcome
  return { outputs: rowsOfAll(outputs, at, 1), kept }
}

async function open (workers: number, model: ModelData, { card, probe }: Resolved, threads: number): Promise<Runner> {
  const { input, output } = card
  const options = { ...model, contract: { input, output }, threads }
  const runner = workers === 0 ? await openInline(options) : await WorkerPool.open(options, workers)
  try {
    // Before the run that settles it, a card may lack labels.
    if (!probe) checkSignature(runner.signature, card)
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
