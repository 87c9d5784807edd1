import { InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import type { Contract } from '../card/contract.ts'
import { encoderOf } from '../modalities/encoders.ts'
import type { Content, Fault } from '../modalities/modality.ts'
import { outputsOf } from '../output/prediction.ts'
import { concatenate, countOf, rowsOfAll, type Tensors } from '../tensor.ts'
import { fromOrt, toOrt } from './ort-tensor.ts'
import type { Loaded, Outcome, Run } from './runner.ts'
import { batchingOf, signatureOf } from './signature.ts'

/** Options of a session. Plain data, which can be sent to a worker thread. */
export interface SessionOptions {
  /** Path of an ONNX file, or its bytes. */
  model: string | Uint8Array
  /** For a model given as its bytes: the folder that holds its external data. */
  folder?: string
  /** The folder that holds everything about the model, such as its tokenizer. */
  root?: string
  /** Defines how inputs become tensors, and which outputs an answer needs. */
  contract: Pick<Contract, 'input' | 'output'>
  /** ONNX Runtime threads for one run. */
  threads: number
  /** Names of execution providers in the order of preference. Default: the CPU, which also takes what the others leave. */
  providers?: readonly string[]
}

/** A loaded model. `run` blocks the calling thread. */
export interface Session extends Loaded {
  /** Encodes inputs of the same batch key, and runs the model on them as one batch. */
  run: (contents: Content[]) => Promise<Run>
  /** Frees the model. */
  release: () => Promise<void>
}

/**
 * Loads an ONNX model into ONNX Runtime.
 *
 * @throws Error when ONNX Runtime cannot load the model, or lacks an execution provider
 * @see https://github.com/microsoft/onnxruntime/issues/19611 run() blocks its thread, so it belongs in a worker thread
 */
export async function openSession ({ model, folder, root = '', contract, threads, providers = ['cpu'] }: SessionOptions): Promise<Session> {
  checkNames(providers)
  const session = await create(model, {
    executionProviders: [...providers],
    // By default, ONNX Runtime pins threads to the host's cores, and fails if the container may not use these cores.
    // https://github.com/microsoft/onnxruntime/issues/8313
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Without the arena, each run allocates memory from the system. That costs a tenth of the throughput and more memory.
    enableCpuMemArena: true,
    // Errors of a run are thrown, and a client can cause as many as it likes: ONNX Runtime does not print them as well.
    logSeverityLevel: 4,
    // Spinning threads would double the CPU time of a run, and save only a tenth of its latency.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        ...typeof model !== 'string' && folder !== undefined && { model_external_initializers_file_folder_path: folder }
      },
      // ONNX Runtime fuses a Pad with zeros into a MaxPool, which pads with -infinity: wrong answers where all else is negative.
      optimization: { disable_specified_optimizers: 'Pad_Fusion' }
    }
  })
  const signature = signatureOf(session)
  const encoder = await encoderOf(contract.input, signature, root)
  const batching = batchingOf(session, encoder)
  /** Whether the card's outputs have had a row for each encoded input so far. If not, encoded inputs run alone. */
  let isAligned = batching.batches

  async function run (contents: Content[]): Promise<Run> {
    const started = performance.now()
    const { batch, faults } = await encode(contents)
    const encoded = performance.now()
    const outcomes = await outcomesOf(batch)
    return { outcomes: faults.length === 0 ? outcomes : withFaults(outcomes, faults, contents.length), encode: encoded - started, infer: performance.now() - encoded }
  }

  /** Encodes payloads. Contents that are tensors already are only concatenated. */
  async function encode (contents: Content[]): Promise<{ batch: Batch, faults: Fault[] }> {
    const payloads: unknown[] = []
    for (const content of contents) if ('payload' in content) payloads.push(content.payload)
    if (payloads.length === 0) return { batch: stack(contents), faults: [] }
    const { feeds, faults } = await encoder.encode(payloads)
    const encoded = faults.length === 0 ? contents : contents.filter((_content, at) => !faults.some(fault => fault.at === at))
    return { batch: { feeds, counts: encoded.map(content => 'payload' in content ? content.count ?? 1 : countOf(content.feeds)), isKept: encoded.map(isKept), isEncoded: true, outputs: contents[0]?.outputs ?? outputsOf(contract.output) }, faults }
  }

  async function outcomesOf (batch: Batch): Promise<Outcome[]> {
    if (batch.counts.length === 0) return []
    try {
      if (batch.counts.length === 1 || isAligned || !batch.isEncoded) return await infer(batch)
    } catch (error) {
      if (batch.counts.length === 1) return [{ error: error instanceof Error ? error.message : String(error), fault: 'model' }]
    }
    // One bad input must not fail the others of its batch, so each input runs again alone.
    const outcomes: Outcome[] = []
    for (const part of split(batch)) outcomes.push(...await outcomesOf(part))
    return outcomes
  }

  async function infer ({ feeds, counts, isKept, isEncoded, outputs }: Batch): Promise<Outcome[]> {
    const fetches = outputs ?? signature.outputs.map(({ name }) => name)
    const results = await session.run(mapTensors(feeds, toOrt), fetches)
    const all = mapTensors(results, fromOrt)
    const rows = counts.reduce((sum, count) => sum + count, 0)
    // The one output row of a model that sums over its batch, or of one without a batch axis, would belong to any input.
    const mismatch = Object.entries(all).find(([, { shape }]) => shape[0] !== rows)
    if (mismatch && isEncoded) isAligned = false
    // A list of scores for one input may lack the batch axis. Anything else has a row for each input.
    const isLoose = counts.length === 1 && (!isEncoded || contract.output.kind === 'tensors' || (rows === 1 && (mismatch?.[1].shape.length ?? 0) < 2))
    if (mismatch && !isLoose) throw new Error(`output '${mismatch[0]}' has the shape [${mismatch[1].shape}], not [${rows},…]`)
    if (counts.length === 1) return [{ outputs: all, at: 0, isAlone: true, ...isKept[0] && { kept: feeds } }]
    const places = placesOf(counts)
    if (contract.output.kind === 'tensors') return places.map((at, input) => ({ outputs: rowsOfAll(all, at, counts[input]!), at: 0 }))
    return places.map((at, input) => isKept[input] ? { outputs: all, at, kept: rowsOfAll(feeds, at, 1) } : { outputs: all, at })
  }

  return { signature, ...batching, run, release: () => session.release() }
}

/** Inputs that run together, concatenated along the first axis. */
interface Batch {
  feeds: Tensors
  /** Number of rows of each input. */
  counts: number[]
  /** For each input, whether to return its tensors with the outputs. */
  isKept: boolean[]
  /** Whether the inputs were payloads. */
  isEncoded: boolean
  /** Names of the requested outputs. Default: all outputs. */
  outputs?: string[] | undefined
}

function isKept (content: Content): boolean {
  return 'keep' in content && content.keep === true
}

/** Merges the outcomes of the encoded inputs with the faults of the others, in the order of the inputs. */
function withFaults (outcomes: Outcome[], faults: Fault[], count: number): Outcome[] {
  const others = outcomes.values()
  return Array.from({ length: count }, (_, at): Outcome => {
    const fault = faults.find(fault => fault.at === at)
    if (!fault) return others.next().value ?? { error: 'the model returned too few rows', fault: 'model' }
    return 'again' in fault ? { again: fault.again } : { error: fault.error, fault: fault.fault ?? 'input' }
  })
}

/** Concatenates inputs that are tensors already into a batch. */
function stack (contents: Content[]): Batch {
  const all = contents.flatMap(content => 'feeds' in content ? [content] : [])
  const names = Object.keys(all[0]?.feeds ?? {})
  return {
    feeds: Object.fromEntries(names.map(name => [name, concatenate(all.flatMap(({ feeds: { [name]: tensor } }) => tensor ? [tensor] : []))])),
    counts: all.map(({ feeds }) => countOf(feeds)),
    isKept: all.map(() => false),
    isEncoded: false,
    outputs: all[0]?.outputs
  }
}

/** Splits a batch into one batch per input. */
function split ({ feeds, counts, isKept, isEncoded, outputs }: Batch): Batch[] {
  return placesOf(counts).map((at, input) => ({
    feeds: rowsOfAll(feeds, at, counts[input]!), counts: [counts[input]!], isKept: [isKept[input]!], isEncoded, outputs
  }))
}

/** Index of the first row of each input. */
function placesOf (counts: number[]): number[] {
  let next = 0
  return counts.map(count => (next += count) - count)
}

function mapTensors<From, To> (tensors: Readonly<Record<string, From>>, convert: (tensor: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, convert(tensor)]))
}

/** Refuses names that this build of ONNX Runtime does not have. The binding would leave them out without a word. */
function checkNames (providers: readonly string[]): void {
  const names = listSupportedBackends().map(({ name }) => name)
  const unknown = providers.find(name => !names.includes(name))
  if (unknown !== undefined) throw new Error(`this build of ONNX Runtime has no '${unknown}', but ${names.join(', ')}`)
}

/** ONNX Runtime's binding has one overload for a path and one for bytes, but none for the union. */
function create (model: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}
