import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelInvalid, ModelMissing } from '../../errors.ts'
import { Bounds } from './bounds.ts'
import { checkExternal } from './external.ts'
import { otherFormat } from './formats.ts'
import { domainOf, readBody, readFunction, type GraphBody, type GraphNode, type Notes } from './node.ts'
import { printable, quoted, readEntry, readTensor, type GraphTensor } from './tensor.ts'
import type { GraphValue } from './value.ts'
import { Fields, OnnxFault } from './wire.ts'

export type { GraphAttribute, GraphNode } from './node.ts'
export type { GraphTensor } from './tensor.ts'
export type { GraphValue } from './value.ts'

/** What an ONNX file says of its model, without the weights. */
export interface Graph {
  /** Name of the tool that wrote the file: at most 64 printable characters of its first line. */
  producer: string
  irVersion: number
  /** Version of each operator set by its domain; '' is ai.onnx. */
  opsets: Readonly<Record<string, number>>
  /** The file's metadata_props. */
  metadata: Readonly<Record<string, string>>
  /** What the caller sends: inputs without initializers. */
  inputs: GraphValue[]
  outputs: GraphValue[]
  /** Nodes of the main graph, in the order of the file. */
  nodes: readonly GraphNode[]
  /** The constant of this name, or null. */
  initializer: (name: string) => GraphTensor | null
  /** Number of weights. */
  parameters: number
  /** Size of the file and its external data. */
  bytes: number
  /** Files of external data, relative to the ONNX file's folder. All are inside it and long enough. */
  externalFiles: readonly string[]
  /** The node that makes this value, or null: an input, an initializer or no value has none. */
  producerOf: (value: string) => GraphNode | null
  /** The nodes that take this value. */
  consumersOf: (value: string) => readonly GraphNode[]
}

/** Largest ONNX file: protobuf's own limit. Larger models keep their weights in external data. */
const FILE_BYTES = 2 ** 31 - 1

/** Longest value of metadata_props, in bytes. */
const METADATA_BYTES = 4 * 1024 * 1024

/** Most domains of foreign operators that an error names, and operators of each. */
const NAMED = 3

/**
 * Reads what an ONNX file says of its model, and checks all that ONNX Runtime must not be given unchecked: where its
 * external data lie, and whose operators it needs.
 *
 * @throws ModelMissing when there is no such file
 * @throws ModelInvalid with one line that names the file, the cause and the remedy
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
export async function readGraph (path: string): Promise<Graph> {
  const bytes = await readModelFile(path)
  try {
    const notes: Notes = { bounds: new Bounds(), external: [], foreign: new Map() }
    const { body, ...model } = readModel(bytes, notes)
    const external = await checkExternal(notes.external, dirname(await realpath(path)))
    return graphOf({ ...model, bytes: bytes.length + external.bytes, externalFiles: external.locations }, body)
  } catch (error) {
    if (!(error instanceof OnnxFault)) throw error
    throw new ModelInvalid(path, otherFormat(bytes) ?? error.message)
  }
}

/**
 * Reads an ONNX file as bytes, whatever they are.
 *
 * @throws ModelMissing when there is no such file
 * @throws ModelInvalid when it is empty, no file, too large or unreadable
 */
async function readModelFile (path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await file.stat()
      if (stats.isDirectory()) throw new ModelInvalid(path, 'is a folder, not an ONNX file; give the .onnx file in it')
      if (!stats.isFile()) throw new ModelInvalid(path, 'is a device or pipe, not a file; give an .onnx file')
      if (stats.size === 0) throw new ModelInvalid(path, 'is empty (0 bytes); download or export it again')
      if (stats.size > FILE_BYTES) throw new ModelInvalid(path, `has ${stats.size} bytes, over the limit of ${FILE_BYTES} for an ONNX file; export it with external data (save_as_external_data=True)`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof ModelInvalid) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ModelMissing(`There is no ${path}; give the path of an .onnx file, or of a folder that holds one.`)
    throw new ModelInvalid(path, `cannot be read (${code}); give the user that runs servery the right to read it`)
  }
}

type ModelText = Pick<Graph, 'producer' | 'irVersion' | 'opsets' | 'metadata'>

function readModel (bytes: Buffer, notes: Notes): ModelText & { body: GraphBody } {
  const { bounds } = notes
  const opsets: Record<string, number> = Object.create(null)
  const metadata: Record<string, string> = Object.create(null)
  const defined: Array<{ domain: string, name: string }> = []
  let [producer, irVersion] = ['', 0]
  let body: GraphBody | null = null
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1) irVersion = fields.int()
    else if (fields.number === 2) producer = bounds.text(fields.text())
    else if (fields.number === 7) body = readBody(fields.once(), notes, 0)
    else if (fields.number === 8) {
      bounds.count('operator sets')
      const { domain, version } = readOpset(fields.bytes())
      opsets[domain] = version
    } else if (fields.number === 14) {
      bounds.count('entries of metadata')
      const [key, value] = readEntry(fields.bytes(), METADATA_BYTES)
      metadata[bounds.text(key)] = bounds.text(value)
    } else if (fields.number === 25) defined.push(readFunction(fields.bytes(), notes))
  }
  if (!body || irVersion <= 0) {
    throw new OnnxFault(`is no ONNX model: it has no ${body ? 'ir_version' : 'graph'} (a TensorFlow .pb file? convert it with python -m tf2onnx.convert); give the .onnx file as its exporter wrote it`)
  }
  refuseForeign(notes.foreign, defined)
  return { producer: printable(producer.split(/[\r\n]/, 1)[0] ?? '', 64), irVersion, opsets, metadata, body }
}

function readOpset (bytes: Buffer): { domain: string, version: number } {
  const fields = new Fields(bytes)
  const opset = { domain: '', version: 0 }
  while (fields.next()) {
    if (fields.number === 1) opset.domain = domainOf(fields.text())
    else if (fields.number === 2) opset.version = fields.int()
  }
  return opset
}

/** Refuses operators that neither ONNX Runtime nor the file itself defines. They would need a library of native code. */
function refuseForeign (foreign: Notes['foreign'], defined: ReadonlyArray<{ domain: string, name: string }>): void {
  const own = new Set(defined.map(({ domain, name }) => `${domain}\0${name}`))
  const unknown = [...foreign].flatMap(([domain, operators]) => {
    const names = [...operators].filter(name => !own.has(`${domain}\0${name}`))
    return names.length > 0 ? [`${names.slice(0, NAMED).map(quoted).join(', ')}${names.length > NAMED ? ', …' : ''} of the domain ${quoted(domain)}`] : []
  })
  if (unknown.length === 0) return
  throw new OnnxFault(`needs the custom operator ${unknown.slice(0, NAMED).join(', and ')}, which ONNX Runtime does not have; export the model with standard operators alone`)
}

function graphOf (model: ModelText & Pick<Graph, 'bytes' | 'externalFiles'>, body: GraphBody): Graph {
  const { nodes, inputs, outputs, initializers, parameters } = body
  const producers = new Map<string, GraphNode>()
  const consumers = new Map<string, GraphNode[]>()
  for (const node of nodes) {
    for (const output of node.outputs) if (output !== '') producers.set(output, node)
    for (const input of new Set(node.inputs)) {
      const others = consumers.get(input)
      if (others) others.push(node)
      else if (input !== '') consumers.set(input, [node])
    }
  }

  function initializer (name: string): GraphTensor | null {
    const tensor = initializers.get(name)
    if (!tensor) return null
    if (!Buffer.isBuffer(tensor)) return tensor
    // Each asked one counts alone: who asks for many holds them.
    const decoded = readTensor(tensor, new Bounds())
    initializers.set(name, decoded)
    return decoded
  }

  return {
    ...model,
    inputs: inputs.filter(({ name }) => !initializers.has(name)),
    outputs,
    nodes,
    initializer,
    parameters,
    producerOf: value => producers.get(value) ?? null,
    consumersOf: value => consumers.get(value) ?? []
  }
}
