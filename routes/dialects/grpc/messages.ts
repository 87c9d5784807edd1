import protobuf from 'protobufjs/minimal.js'
import type { Card } from '../../../lib/card/card.ts'
import { RequestInvalid } from '../../../lib/errors.ts'
import { nextTurn } from '../../../lib/turn.ts'
import { bytesOf } from '../../../wire/open-inference/binary.ts'
import { dtypeOf } from '../../../wire/open-inference/datatypes.ts'
import { placeOf } from '../../../wire/open-inference/given.ts'
import type { OutputTensor } from '../../../wire/open-inference/infer.ts'
import type { ModelMetadata, TensorMetadata } from '../../../wire/open-inference/metadata.ts'
import type { GivenTensor, InferQuestion, WantedOutput } from '../../../wire/open-inference/question.ts'
import { contentsOf, countContents, hasContents, type Counted } from './contents.ts'
import { Fields, Pace, WIRE } from './protobuf.ts'

/**
 * The messages of `inference.GRPCInferenceService`. The numbers of the fields are those of its .proto file; Triton's own
 * file has the same ones.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto
 */

/** How many inputs, outputs and raw contents a request may have. */
const TENSORS_LIMIT = 256

/** How many parameters a request may have, those of its inputs and outputs included. */
const PARAMETERS_LIMIT = 1024

/** How many axes a shape may have: as many as numpy's. */
const AXES_LIMIT = 32

/** Microseconds in a millisecond. */
const MICROSECONDS = 1000

/** An input of a request, whose elements are not read yet. */
interface Input {
  name: string
  datatype: string
  shape: number[]
  /** The message with its elements. Without it, they are in `raw`. */
  contents?: Uint8Array
}

/** A request for an inference. */
export interface InferMessage {
  model: string
  /** Undefined: any version. */
  version: string | undefined
  /** The client's own name for the request, to be sent back. */
  id: string
  /** Milliseconds within which the client wants its answer. */
  timeoutMs: number | undefined
  inputs: Input[]
  outputs: WantedOutput[]
  /** The bytes of each input, instead of its contents. */
  raw: Uint8Array[]
}

/** A parameter that means something here. */
interface Parameter {
  timeout?: number
  classification?: number
  isShared?: boolean
}

/** The texts of a small message by the numbers of their fields; of a repeated field the last one. */
export function readTexts (message: Uint8Array): Map<number, string> {
  const texts = new Map<number, string>()
  const fields = new Fields(message)
  while (fields.next()) if (fields.wire === WIRE.BYTES) texts.set(fields.number, fields.text())
  return texts
}

/**
 * Reads a request for an inference in pieces, but not yet the elements of its tensors.
 *
 * @throws RequestInvalid
 */
export async function readInferMessage (message: Uint8Array): Promise<InferMessage> {
  const request: InferMessage = { model: '', version: undefined, id: '', timeoutMs: undefined, inputs: [], outputs: [], raw: [] }
  const pace = new Pace()
  const counts = { parameters: 0 }
  const fields = new Fields(message)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    switch (fields.number) {
      case 1: request.model = fields.text(); break
      case 2: request.version = fields.text() || undefined; break
      case 3: request.id = fields.text(); break
      case 4: {
        const { timeout } = await readParameter(fields.bytes(), pace, counts)
        if (timeout !== undefined && timeout > 0) request.timeoutMs = Math.ceil(timeout / MICROSECONDS)
        break
      }
      case 5: request.inputs.push(await readInput(another(fields.bytes(), request.inputs, 'inputs'), pace, counts)); break
      case 6: request.outputs.push(await readOutput(another(fields.bytes(), request.outputs, 'outputs'), pace, counts)); break
      case 7: request.raw.push(another(fields.bytes(), request.raw, 'raw_input_contents'))
    }
  }
  return request
}

/** @throws RequestInvalid when the list is full */
function another (bytes: Uint8Array, list: readonly unknown[], field: string): Uint8Array {
  if (list.length === TENSORS_LIMIT) throw new RequestInvalid(`The request has more than ${TENSORS_LIMIT} ${field}; send fewer.`)
  return bytes
}

async function readInput (message: Uint8Array, pace: Pace, counts: { parameters: number }): Promise<Input> {
  const input: Input = { name: '', datatype: '', shape: [] }
  let isShared = false
  const fields = new Fields(message)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    switch (fields.number) {
      case 1: input.name = fields.text(); break
      case 2: input.datatype = fields.text(); break
      case 3: readLengths(fields, input); break
      case 4: isShared ||= (await readParameter(fields.bytes(), pace, counts)).isShared ?? false; break
      case 5:
        if (input.contents) throw new RequestInvalid(`${placeOf(input.name)} has two 'contents'; send one.`)
        input.contents = fields.bytes()
    }
  }
  if (isShared) throw new RequestInvalid(`${placeOf(input.name)} is in shared memory, which this service does not read; send raw_input_contents.`)
  return input
}

function readLengths (fields: Fields, { name, shape }: Input): void {
  if (fields.wire === WIRE.BYTES) {
    const packed = new Fields(fields.bytes())
    while (!packed.isOver) {
      packed.varint()
      push((packed.high | 0) * 2 ** 32 + packed.low)
    }
  } else push(fields.int())

  function push (length: number): void {
    if (shape.length === AXES_LIMIT) throw new RequestInvalid(`${placeOf(name)}: 'shape' has more than ${AXES_LIMIT} axes.`)
    shape.push(length)
  }
}

async function readOutput (message: Uint8Array, pace: Pace, counts: { parameters: number }): Promise<WantedOutput> {
  const output: WantedOutput = { name: '' }
  const fields = new Fields(message)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    if (fields.number === 1) output.name = fields.text()
    else if (fields.number === 2) {
      const { classification, isShared } = await readParameter(fields.bytes(), pace, counts)
      if (isShared) throw new RequestInvalid(`output '${output.name}' is wanted in shared memory, which this service does not write; read raw_output_contents.`)
      if (classification !== undefined && classification > 0) output.classes = classification
    }
  }
  return output
}

/** Reads an entry of a map of parameters. */
async function readParameter (entry: Uint8Array, pace: Pace, counts: { parameters: number }): Promise<Parameter> {
  if (++counts.parameters > PARAMETERS_LIMIT) throw new RequestInvalid(`The request has more than ${PARAMETERS_LIMIT} parameters; send fewer.`)
  let name = ''
  let number: number | undefined
  const fields = new Fields(entry)
  while (fields.next()) {
    if (pace.isLong) await nextTurn()
    if (fields.number === 1) name = fields.text()
    else if (fields.number === 2) {
      const value = new Fields(fields.bytes())
      while (value.next()) {
        if (pace.isLong) await nextTurn()
        // int64_param and uint64_param.
        number = (value.number === 2 || value.number === 5) && value.wire === WIRE.VARINT ? value.int() : undefined
      }
    }
  }
  if (name === 'shared_memory_region') return { isShared: true }
  if (name !== 'timeout' && name !== 'classification') return {}
  if (number === undefined || !Number.isSafeInteger(number) || number < 0) throw new RequestInvalid(`The parameter '${name}' must be an int64_param of 0 or more.`)
  return { [name]: number }
}

/** Tensors whose elements are counted, but not read yet. */
export interface CountedQuestion {
  weightBytes: number
  read: () => Promise<InferQuestion>
}

/**
 * Finds the elements of each input: its raw contents, which are views of the message, or its typed contents.
 *
 * @throws RequestInvalid, TensorUnusable
 */
export async function countQuestion ({ inputs, outputs, raw }: InferMessage): Promise<CountedQuestion> {
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw new RequestInvalid(`The request has ${inputs.length} inputs and ${raw.length} raw_input_contents; send the bytes of every input, in the order of the inputs.`)
  }
  const counted: Array<{ given: GivenTensor, elements: Counted | null }> = []
  for (const [at, { contents, ...given }] of inputs.entries()) {
    const bytes = raw[at]
    if (bytes && contents && contents.length > 0) throw new RequestInvalid(`${placeOf(given.name)} has 'contents' beside raw_input_contents; send one of them.`)
    const dtype = dtypeOf(given.datatype)
    // An unknown data type is refused with all others that the model does not take.
    const elements = bytes || dtype === undefined ? null : await countContents(contents ?? new Uint8Array(), dtype, given.shape, placeOf(given.name))
    counted.push({ given: { ...given, bytes: bytes ?? new Uint8Array() }, elements })
  }
  return {
    weightBytes: counted.reduce((sum, { elements }) => sum + (elements?.weightBytes ?? 0), 0),
    read: async () => {
      const tensors: GivenTensor[] = []
      for (const { given, elements } of counted) tensors.push(elements ? { ...given, bytes: await elements.read() } : given)
      return { inputs: tensors, outputs }
    }
  }
}

/**
 * Writes the answer to an inference: with raw contents, or with typed ones if each output has a list for them.
 *
 * @throws AnswerTooLong
 */
export async function inferAnswer ({ name, version }: Pick<Card, 'name' | 'version'>, outputs: readonly OutputTensor[], { id, isRaw }: { id: string, isRaw: boolean }): Promise<Uint8Array> {
  const writer = protobuf.Writer.create().uint32(text(1)).string(name).uint32(text(2)).string(version)
  if (id !== '') writer.uint32(text(3)).string(id)
  const isTyped = !isRaw && outputs.every(({ tensor }) => hasContents(tensor.dtype))
  for (const { name, datatype, shape, tensor } of outputs) {
    writeTensor(writer.uint32(text(5)).fork(), { name, datatype, shape })
    if (isTyped) writer.uint32(text(5)).bytes(await contentsOf(tensor))
    writer.ldelim()
  }
  if (!isTyped) for (const { tensor } of outputs) writer.uint32(text(6)).bytes(await bytesOf(tensor))
  return writer.finish()
}

/** A message with one truth, such as `ServerLiveResponse`. */
export function truthAnswer (isTrue: boolean): Uint8Array {
  return protobuf.Writer.create().uint32(1 << 3 | WIRE.VARINT).bool(isTrue).finish()
}

export function serverMetadataAnswer ({ name, version, extensions }: { name: string, version: string, extensions: string[] }): Uint8Array {
  const writer = protobuf.Writer.create().uint32(text(1)).string(name).uint32(text(2)).string(version)
  for (const extension of extensions) writer.uint32(text(3)).string(extension)
  return writer.finish()
}

export function modelMetadataAnswer ({ name, versions, platform, inputs, outputs }: ModelMetadata): Uint8Array {
  const writer = protobuf.Writer.create().uint32(text(1)).string(name)
  for (const version of versions) writer.uint32(text(2)).string(version)
  writer.uint32(text(3)).string(platform)
  for (const input of inputs) writeTensor(writer.uint32(text(4)).fork(), input).ldelim()
  for (const output of outputs) writeTensor(writer.uint32(text(5)).fork(), output).ldelim()
  return writer.finish()
}

/** The first three fields of every tensor. */
function writeTensor (writer: protobuf.Writer, { name, datatype, shape }: TensorMetadata): protobuf.Writer {
  writer.uint32(text(1)).string(name).uint32(text(2)).string(datatype)
  if (shape.length > 0) {
    writer.uint32(text(3)).fork()
    for (const length of shape) writer.int64(length)
    writer.ldelim()
  }
  return writer
}

/** The tag of a field that holds a text, bytes, a message or a packed list. */
function text (number: number): number {
  return number << 3 | WIRE.BYTES
}
