import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Contract } from '../card/contract.ts'
import { encoderOf } from '../modalities/encoders.ts'
import type { Content, Fault } from '../modalities/modality.ts'
import { concatenate, countOf, rowsOfAll, tensorOf, type Tensors } from '../tensor.ts'
import type { Loaded, Outcome, Run } from './runner.ts'
import { batchingOf, signatureOf } from './signature.ts'

/** What a session needs; plain data, so that it can cross to a thread. */
export interface SessionOptions {
  /** Path of an ONNX file, or its bytes. */
  model: string | Uint8Array
  /** How an input becomes tensors, and which output holds the scores. */
  contract: Pick<Contract, 'input' | 'output'>
  /** ONNX Runtime's own threads for one run. */
  threads: number
}

/** A loaded model. Calls block the thread they are made on. */
export interface Session extends Loaded {
  /** Runs inputs of the same batch key together. */
  run: (contents: Content[]) => Promise<Run>
  release: () => Promise<void>
}

/**
 * Loads an ONNX file.
 *
 * @throws Error when it is none that ONNX Runtime can run
 * @see https://github.com/microsoft/onnxruntime/issues/19611 why this belongs in a worker thread
 */
export async function openSession ({ model, contract, threads }: SessionOptions): Promise<Session> {
  const session = await create(model, {
    // Never left to ONNX Runtime, which pins threads to the host's cores and fails where a container may not use them.
    // https://github.com/microsoft/onnxruntime/issues/8313
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Without it every run takes its memory from the system anew, which costs a tenth of the runs and holds on to more.
    enableCpuMemArena: true,
    logSeverityLevel: 3,
    // Spinning doubles the CPU time of a run for a tenth of its latency.
    extra: { session: { intra_op: { allow_spinning: '0' } } }
  })
  const signature = signatureOf(session)
  const encoder = encoderOf(contract.input)

  async function run (contents: Content[]): Promise<Run> {
    const started = performance.now()
    const { batch, faults } = await encode(contents)
    const encoded = performance.now()
    const outcomes = await outcomesOf(batch)
    return { outcomes: faults.length === 0 ? outcomes : withFaults(outcomes, faults, contents.length), encode: encoded - started, infer: performance.now() - encoded }
  }

  /** Payloads become tensors; what came as tensors is taken as it is. */
  async function encode (contents: Content[]): Promise<{ batch: Batch, faults: Fault[] }> {
    const payloads: unknown[] = []
    for (const content of contents) if ('payload' in content) payloads.push(content.payload)
    if (payloads.length === 0) return { batch: stack(contents), faults: [] }
    const { feeds, faults } = await encoder.encode(payloads)
    const encoded = faults.length === 0 ? contents : contents.filter((_content, at) => !faults.some(fault => fault.at === at))
    return { batch: { feeds, counts: encoded.map(() => 1), isKept: encoded.map(isKept), outputs: [contract.output.tensor] }, faults }
  }

  async function outcomesOf (batch: Batch): Promise<Outcome[]> {
    if (batch.counts.length === 0) return []
    try {
      return await infer(batch)
    } catch (error) {
      if (batch.counts.length === 1) return [{ error: error instanceof Error ? error.message : String(error), fault: 'model' }]
      // One bad row never fails its batch-mates: alone, each answers for itself.
      const outcomes: Outcome[] = []
      for (const part of apart(batch)) outcomes.push(...await outcomesOf(part))
      return outcomes
    }
  }

  async function infer ({ feeds, counts, isKept, outputs }: Batch): Promise<Outcome[]> {
    const wanted = outputs ?? signature.outputs.map(({ name }) => name)
    const results = await session.run(mapTensors(feeds, ({ dtype, data, shape }) => new OrtTensor(dtype, data, shape)), wanted)
    const all = mapTensors(results, ({ type, dims, data }) => tensorOf(type, dims, data))
    if (counts.length === 1) return [{ outputs: all, at: 0, ...isKept[0] && { kept: feeds } }]
    const rows = counts.reduce((sum, count) => sum + count, 0)
    const odd = Object.entries(all).find(([, { shape }]) => shape[0] !== rows)
    if (odd) throw new Error(`output '${odd[0]}' is [${odd[1].shape}], not [${rows},…]`)
    return placesOf(counts).map((at, input) => isKept[input] ? { outputs: all, at, kept: rowsOfAll(feeds, at, 1) } : { outputs: all, at })
  }

  return { signature, ...batchingOf(session, contract), run, release: () => session.release() }
}

/** Inputs that run together, one behind the other along the first axis. */
interface Batch {
  feeds: Tensors
  /** How many rows each input has. */
  counts: number[]
  /** Whether an input's own tensors are wanted back. */
  isKept: boolean[]
  /** The outputs that are wanted; all of them by default. */
  outputs?: string[] | undefined
}

function isKept (content: Content): boolean {
  return 'keep' in content && content.keep === true
}

/** The outcomes of all inputs, from those of the inputs without fault. */
function withFaults (outcomes: Outcome[], faults: Fault[], count: number): Outcome[] {
  const others = outcomes.values()
  return Array.from({ length: count }, (_, at): Outcome => {
    const fault = faults.find(fault => fault.at === at)
    if (!fault) return others.next().value ?? { error: 'the run answered too few rows', fault: 'model' }
    return 'again' in fault ? { again: fault.again } : { error: fault.error, fault: 'input' }
  })
}

/** Inputs that came as tensors. */
function stack (contents: Content[]): Batch {
  const all = contents.flatMap(content => 'feeds' in content ? [content] : [])
  const names = Object.keys(all[0]?.feeds ?? {})
  return {
    feeds: Object.fromEntries(names.map(name => [name, concatenate(all.flatMap(({ feeds: { [name]: tensor } }) => tensor ? [tensor] : []))])),
    counts: all.map(({ feeds }) => countOf(feeds)),
    isKept: all.map(() => false),
    outputs: all[0]?.outputs
  }
}

/** The inputs of a batch, each in a batch of its own. */
function apart ({ feeds, counts, isKept, outputs }: Batch): Batch[] {
  return placesOf(counts).map((at, input) => ({
    feeds: rowsOfAll(feeds, at, counts[input]!), counts: [counts[input]!], isKept: [isKept[input]!], outputs
  }))
}

/** Where each input begins along the first axis. */
function placesOf (counts: number[]): number[] {
  let next = 0
  return counts.map(count => (next += count) - count)
}

function mapTensors<From, To> (tensors: Readonly<Record<string, From>>, convert: (tensor: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, convert(tensor)]))
}

/** The binding has an overload for a path and one for bytes, and none for either. */
function create (model: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}
