import { ELEMENTS, type Bounds } from './bounds.ts'
import { dtypeOf, readHead, readTensor, type GraphTensor, type TensorHead } from './tensor.ts'
import { readValue, type GraphValue } from './value.ts'
import { Fields } from './wire.ts'

/** One operator with the names of the values that it takes and makes. A left-out optional value is ''. */
export interface GraphNode {
  opType: string
  /** '' is ai.onnx. */
  domain: string
  name: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, GraphAttribute>>
}

/** An attribute's value, in the field of its type. Lists of more than 64 Ki elements and subgraphs are left out. */
export interface GraphAttribute {
  int?: number
  float?: number
  string?: string
  ints?: number[]
  floats?: number[]
  strings?: string[]
  tensor?: GraphTensor
}

/** What to note while reading nodes, wherever in the file they are. */
export interface Notes {
  bounds: Bounds
  /** Tensors whose elements lie in other files. */
  external: TensorHead[]
  /** The operators of each domain, for domains that ONNX Runtime may not have. */
  foreign: Map<string, Set<string>>
}

/** A GraphProto: the main graph, or a branch or loop body. */
export interface GraphBody {
  nodes: GraphNode[]
  /** All inputs, initializers included. */
  inputs: GraphValue[]
  outputs: GraphValue[]
  /** The TensorProto of each initializer of at most 64 Ki elements, or else what it says of itself. */
  initializers: Map<string, Buffer | GraphTensor>
  /** Number of elements of all initializers. */
  parameters: number
}

/** Domains of operators that ONNX Runtime brings along. https://onnxruntime.ai/docs/reference/operators/ContribOperators.html */
const DOMAINS = new Set(['', 'ai.onnx.ml', 'ai.onnx.training', 'ai.onnx.preview', 'ai.onnx.preview.training', 'com.microsoft', 'com.microsoft.nchwc', 'com.microsoft.experimental', 'com.ms.internal.nhwc'])

/** Longest text of an attribute that is kept, in bytes. */
const ATTRIBUTE_BYTES = 64 * 1024

/** Most bytes of one small initializer that are kept: 64 Ki elements of 8 bytes, or words. */
const INITIALIZER_BYTES = 4 * 1024 * 1024

/** Most bytes of all small initializers together that are kept. */
const INITIALIZERS_BYTES = 256 * 1024 * 1024

/** The domain of an operator or operator set. ONNX has two names for its own. */
export function domainOf (name: string): string {
  return name === 'ai.onnx' ? '' : name
}

/**
 * Reads a GraphProto and the subgraphs in it.
 *
 * @param depth how many graphs it is inside of
 * @throws OnnxFault when it is no protobuf, or over a limit
 */
export function readBody (bytes: Buffer, notes: Notes, depth: number): GraphBody {
  const { bounds } = notes
  bounds.depth(depth)
  const body: GraphBody = { nodes: [], inputs: [], outputs: [], initializers: new Map(), parameters: 0 }
  let kept = 0

  function readInitializer (bytes: Buffer): void {
    bounds.count('initializers')
    const head = note(readHead(bytes), notes)
    const { name, count, external } = head
    body.parameters += count
    const isKept = depth === 0 && count <= ELEMENTS && bytes.length <= INITIALIZER_BYTES && kept + bytes.length <= INITIALIZERS_BYTES && !external
    if (isKept) kept += bytes.length
    // A copy, so that the bytes of the whole file can be freed.
    body.initializers.set(bounds.text(name), isKept ? Buffer.from(bytes) : withoutValues(head))
  }

  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1) body.nodes.push(readNode(fields.bytes(), notes, depth))
    else if (fields.number === 5) readInitializer(fields.bytes())
    else if (fields.number === 11) {
      bounds.count('inputs')
      body.inputs.push(readValue(fields.bytes(), bounds))
    } else if (fields.number === 12) {
      bounds.count('outputs')
      body.outputs.push(readValue(fields.bytes(), bounds))
    } else if (fields.number === 15) {
      bounds.count('initializers')
      const head = readSparse(fields.bytes(), notes)
      body.parameters += head?.count ?? 0
      if (head) body.initializers.set(bounds.text(head.name), withoutValues(head))
    }
  }
  return body
}

/** Reads a FunctionProto: which operator it defines, and what its nodes say. */
export function readFunction (bytes: Buffer, notes: Notes): { domain: string, name: string } {
  notes.bounds.count('functions')
  const definition = { domain: '', name: '' }
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1) definition.name = notes.bounds.text(fields.text())
    else if (fields.number === 10) definition.domain = domainOf(notes.bounds.text(fields.text()))
    else if (fields.number === 7) readNode(fields.bytes(), notes, 0)
    else if (fields.number === 11) readAttribute(fields.bytes(), notes, 0)
  }
  return definition
}

function readNode (bytes: Buffer, notes: Notes, depth: number): GraphNode {
  const { bounds } = notes
  bounds.count('nodes')
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: Record<string, GraphAttribute> = Object.create(null)
  let [name, opType, domain] = ['', '', '']
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === 1 || fields.number === 2) {
      bounds.count('names of values')
      const list = fields.number === 1 ? inputs : outputs
      list.push(bounds.text(fields.text()))
    } else if (fields.number === 3) name = bounds.text(fields.text())
    else if (fields.number === 4) opType = bounds.text(fields.text())
    else if (fields.number === 7) domain = domainOf(bounds.text(fields.text()))
    else if (fields.number === 5) {
      bounds.count('attributes')
      const attribute = readAttribute(fields.bytes(), notes, depth)
      attributes[attribute.name] = attribute.value
    }
  }
  if (!DOMAINS.has(domain)) notes.foreign.set(domain, (notes.foreign.get(domain) ?? new Set()).add(opType))
  return { opType, domain, name, inputs, outputs, attributes }
}

function readAttribute (bytes: Buffer, notes: Notes, depth: number): { name: string, value: GraphAttribute } {
  const { bounds } = notes
  const fields = new Fields(bytes)
  const value: GraphAttribute = {}
  const lists: { ints: number[], floats: number[], strings: string[] } = { ints: [], floats: [], strings: [] }
  let [name, type] = ['', 0]
  while (fields.next()) {
    if (fields.number === 1) name = bounds.text(fields.text())
    else if (fields.number === 20) type = fields.int()
    else if (fields.number === 2) value.float = fields.float()
    else if (fields.number === 3) value.int = fields.int()
    else if (fields.number === 4) {
      const text = fields.bytes()
      if (text.length <= ATTRIBUTE_BYTES) value.string = bounds.text(text.toString('utf8'))
    } else if (fields.number === 5) {
      const tensor = fields.once()
      note(readHead(tensor), notes)
      value.tensor = readTensor(tensor, bounds)
    } else if (fields.number === 6) readBody(fields.once(), notes, depth + 1)
    else if (fields.number === 11) readBody(fields.bytes(), notes, depth + 1)
    else if (fields.number === 10) note(readHead(fields.bytes()), notes)
    else if (fields.number === 22 || fields.number === 23) readSparse(fields.bytes(), notes)
    else if (fields.number === 7) fields.floats(lists.floats, ELEMENTS)
    else if (fields.number === 8) fields.ints(lists.ints, ELEMENTS)
    else if (fields.number === 9 && lists.strings.length <= ELEMENTS) lists.strings.push(fields.text())
  }
  return { name, value: { ...withoutOthers(value, type), ...listOf(lists, type, bounds) } }
}

/** AttributeProto.AttributeType and the fields that hold the value of each. 0 is what files of before 2018 write. */
const [UNDEFINED, FLOAT, INT, STRING, TENSOR, FLOATS, INTS, STRINGS] = [0, 1, 2, 3, 4, 6, 7, 8]

/** Some exporters write a zero into the fields of other types. */
function withoutOthers (value: GraphAttribute, type: number): GraphAttribute {
  const { float, int, string, tensor } = value
  const is = (own: number) => type === UNDEFINED || type === own
  return {
    ...is(FLOAT) && float !== undefined && { float },
    ...is(INT) && int !== undefined && { int },
    ...is(STRING) && string !== undefined && { string },
    ...is(TENSOR) && tensor !== undefined && { tensor }
  }
}

/** The list of an attribute, also an empty one; nothing when it is too long. */
function listOf ({ ints, floats, strings }: { ints: number[], floats: number[], strings: string[] }, type: number, bounds: Bounds): GraphAttribute {
  const is = (own: number, list: readonly unknown[]) => (type === own || (type === UNDEFINED && list.length > 0)) && bounds.keeps(list.length)
  return {
    ...is(INTS, ints) && { ints },
    ...is(FLOATS, floats) && { floats },
    ...is(STRINGS, strings) && { strings: strings.map(text => bounds.text(text)) }
  }
}

/** Reads a SparseTensorProto; gives its elements' tensor, which carries its name. */
function readSparse (bytes: Buffer, notes: Notes): TensorHead | null {
  const fields = new Fields(bytes)
  let values: TensorHead | null = null
  while (fields.next()) {
    if (fields.number === 1) values = note(readHead(fields.once()), notes)
    else if (fields.number === 2) note(readHead(fields.once()), notes)
  }
  return values
}

function withoutValues ({ type, shape }: TensorHead): GraphTensor {
  return { dtype: dtypeOf(type), shape, values: null }
}

function note (head: TensorHead, notes: Notes): TensorHead {
  if (head.external) notes.external.push(head)
  return head
}
