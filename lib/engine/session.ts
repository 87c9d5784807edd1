import { InferenceSession, Tensor } from 'onnxruntime-node'
import { decodePicture } from '../input/image.ts'
import { JpegScan } from '../input/jpeg.ts'
import { isPicture, isScanned, writeImage, writeRow, type Picture, type ReadRow, type Row, type TensorRow } from '../input/tensor.ts'
import { rowShapeOf } from '../input/shape.ts'
import type { Card } from '../model/card.ts'
import type { Run } from './runner.ts'

/** What a session needs; plain data, so that it can cross to a thread. */
export interface SessionOptions {
  /** Path of an ONNX file, or its bytes. */
  model: string | Uint8Array
  card: Card
  /** ONNX Runtime's own threads for one run. */
  threads: number
}

/**
 * The scores of one row in the order of the card's labels, with its row of the input tensor where that was to be kept;
 * or why it has none: whether the picture or the model is at fault.
 */
export type Outcome = { scores: Float32Array, kept?: TensorRow } | { error: string, fault: 'picture' | 'model' }

/** What becomes of a row that the model left out. */
export const UNANSWERED = { error: 'the run answered too few rows', fault: 'model' } as const satisfies Outcome

/** A loaded model. Calls block the thread they are made on. */
export interface Session {
  /** Whether several rows can run together. */
  batches: boolean
  run: (rows: Row[]) => Promise<Run>
  release: () => Promise<void>
}

/**
 * Loads an ONNX file and checks that it is what the card says.
 *
 * @throws Error that names the tensor at fault.
 * @see https://github.com/microsoft/onnxruntime/issues/19611 why this belongs in a worker thread
 */
export async function openSession ({ model, card, threads }: SessionOptions): Promise<Session> {
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
  const { input, output, labels } = card
  const rowShape = rowShapeOf(input)
  const rowLength = rowShape.reduce((product, length) => product * length, 1)
  const { batches } = check(session, card, rowShape)

  function newTensor (rows: number): TensorRow {
    return input.type === 'uint8' ? new Uint8Array(rows * rowLength) : new Float32Array(rows * rowLength)
  }

  async function decode (picture: Picture): Promise<ReadRow | Fault> {
    if (input.kind !== 'image') throw new Error('a model of rows was given a picture')
    const row = newTensor(1)
    if (isScanned(picture, input)) {
      try {
        writeImage(new JpegScan(picture.bytes), input, row, 0)
        return row
      } catch {
        // libvips has the last word on what is wrong with it.
      }
    }
    try {
      const pixels = await decodePicture(picture, input.background)
      if (!picture.keep) return pixels
      writeImage(pixels, input, row, 0)
      return row
    } catch (error) {
      return { error: messageOf(error), fault: 'picture' }
    }
  }

  async function scoresOf (rows: ReadRow[]): Promise<Float32Array[]> {
    const data = newTensor(rows.length)
    rows.forEach((row, at) => writeRow(row, input, data, at))
    const feeds = { [input.tensor]: new Tensor(input.type, data, [rows.length, ...rowShape]) }
    const { [output.tensor]: scores } = await session.run(feeds, [output.tensor])
    if (!(scores?.data instanceof Float32Array) || scores.data.length !== rows.length * labels.length) {
      throw new Error(`output '${output.tensor}' is ${scores?.type} [${scores?.dims}], not float32 [${rows.length},${labels.length}]`)
    }
    const all = scores.data
    return rows.map((_, at) => all.subarray(at * labels.length, (at + 1) * labels.length))
  }

  async function outcomesOf (rows: ReadRow[]): Promise<Array<{ scores: Float32Array } | { error: string, fault: 'model' }>> {
    if (rows.length === 0) return []
    try {
      return (await scoresOf(rows)).map(scores => ({ scores }))
    } catch (error) {
      if (rows.length === 1) return [{ error: messageOf(error), fault: 'model' }]
      // One bad row never fails its batch-mates: alone, each answers for itself.
      return (await Promise.all(rows.map(row => outcomesOf([row])))).flat()
    }
  }

  async function run (rows: Row[]): Promise<Run> {
    const started = performance.now()
    const read: Array<ReadRow | Fault> = []
    // One after the other: the pool as a whole keeps as many cores busy as it has workers.
    for (const row of rows) read.push(isPicture(row) ? await decode(row) : row)
    const decoded = performance.now()
    const outcomes = (await outcomesOf(read.filter((row): row is ReadRow => !isFault(row)))).values()
    return {
      outcomes: read.map((row, at): Outcome => {
        if (isFault(row)) return row
        const outcome = outcomes.next().value ?? UNANSWERED
        return isKept(rows[at]) && ArrayBuffer.isView(row) ? { ...outcome, kept: row } : outcome
      }),
      decode: decoded - started,
      duration: performance.now() - decoded
    }
  }

  return { batches, run, release: () => session.release() }
}

/** A picture that could not be decoded. */
interface Fault {
  error: string
  fault: 'picture'
}

function isKept (row: Row | undefined): boolean {
  return row !== undefined && isPicture(row) && row.keep === true
}

function isFault (row: ReadRow | Fault): row is Fault {
  return 'fault' in row
}

function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The binding has an overload for a path and one for bytes, and none for either. */
function create (model: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}

function check (session: InferenceSession, card: Card, rowShape: number[]): { batches: boolean } {
  const input = session.inputMetadata.find(({ name }) => name === card.input.tensor)
  if (!input?.isTensor) {
    throw new Error(`has no input '${card.input.tensor}'; its inputs are ${session.inputNames.join(', ')}`)
  }
  const [batch, ...shape] = input.shape
  if (input.type !== card.input.type) throw new Error(`input '${input.name}' is ${input.type}, the card says ${card.input.type}`)
  if (shape.length !== rowShape.length || shape.some((length, at) => typeof length === 'number' && length !== rowShape[at])) {
    throw new Error(`input '${input.name}' is [${input.shape}], the card says [batch,${rowShape}]`)
  }
  const output = session.outputMetadata.find(({ name }) => name === card.output.tensor)
  if (!output?.isTensor) {
    throw new Error(`has no output '${card.output.tensor}'; its outputs are ${session.outputNames.join(', ')}`)
  }
  const classes = output.shape.at(-1)
  if (typeof classes === 'number' && classes !== card.labels.length) {
    throw new Error(`output '${output.name}' has ${classes} classes, the card ${card.labels.length} labels`)
  }
  return { batches: typeof batch !== 'number' }
}
