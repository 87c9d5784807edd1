import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import protobuf from 'protobufjs/minimal.js'
import { otherFormat } from '../card/onnx/formats.ts'
import { Fields, OnnxFault } from '../card/onnx/wire.ts'
import { ModelInvalid } from '../errors.ts'

/** Numbers of the fields of ONNX's messages. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
const MODEL = { graph: 7 }
const GRAPH = { node: 1, output: 12, valueInfo: 13 }
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 }
const VALUE = { name: 1, type: 2 }
const ATTRIBUTE = { name: 1, i: 3, s: 4, g: 6, graphs: 11, type: 20 }

/** AttributeProto.AttributeType of an integer, and of a text. */
const INTEGER = 2
const STRING = 3

/** The locale that glibc brings. Containers have no other one. */
const LOCALE = 'C.UTF-8'

/** TensorProto.DataType of the probabilities. */
const FLOAT = 1

/** Most classes of a ZipMap that are counted; with more, the axis is declared without a length. */
const CLASSES = 1_000_000

/** Operators whose nodes are changed. The name of an operator stands in the file as it is. */
const CHANGED = process.platform === 'linux' ? ['ZipMap', 'StringNormalizer'] : ['ZipMap']

/** How much of a file is searched at once. */
const PIECE_BYTES = 1024 * 1024

/** Wire type of texts, bytes and messages. */
const LENGTH_DELIMITED = 2

/**
 * Reads an ONNX file, and changes what ONNX Runtime cannot run here: ZipMap nodes, which its Node.js binding cannot, and
 * StringNormalizer nodes without a locale.
 *
 * skl2onnx, onnxmltools and CatBoost add a ZipMap to a classifier. It converts the tensor of probabilities to a list of
 * dictionaries, a type that the binding does not have. This function replaces each ZipMap with a Cast. The output
 * keeps its name, and is then the tensor of probabilities, [batch, classes], in the order of the classes. All else is
 * copied byte by byte, so that nothing is lost that a newer ONNX may have.
 *
 * skl2onnx writes a StringNormalizer for each text of a TF-IDF. For one without a locale, ONNX Runtime on Linux takes
 * en_US.UTF-8, which most containers do not have, and then the model does not load. It gets C.UTF-8, which changes the case
 * of the same letters.
 *
 * @param inside values inside the graph that become outputs too. A model with such outputs has no ZipMap.
 * @returns the path if the file has no such node, so that ONNX Runtime reads the file itself; otherwise the changed model.
 * Its external data stay where they are, in the folder of the file.
 * @throws Error when the file cannot be read
 * @throws ModelInvalid when it has such a node but is not ONNX
 * @see https://github.com/microsoft/onnxruntime/issues/8007
 */
export async function readOnnxFile (path: string, inside: readonly string[] = []): Promise<string | Uint8Array> {
  // Most models have none of these nodes. Parsing them here would take as long as loading them, and up to 2 GiB of memory.
  if (inside.length === 0 && !await holdsAny(path, CHANGED)) return path
  const bytes = await readFile(path)
  try {
    const localised = CHANGED.includes('StringNormalizer') ? withLocales(bytes) : null
    if (inside.length > 0) return withOutputs(localised ?? bytes, inside)
    return withoutZipMaps(localised ?? bytes) ?? localised ?? path
  } catch (error) {
    if (!(error instanceof OnnxFault)) throw error
    throw new ModelInvalid(path, otherFormat(bytes) ?? error.message)
  }
}

/** Whether a file holds one of these texts, which are shorter than a piece. */
async function holdsAny (path: string, texts: readonly string[]): Promise<boolean> {
  const overlap = Math.max(...texts.map(({ length }) => length)) - 1
  let end = Buffer.alloc(0)
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    const bytes = Buffer.concat([end, piece])
    if (texts.some(text => bytes.includes(text))) return true
    end = bytes.subarray(-overlap)
  }
  return false
}

/**
 * The model with more outputs. Protobuf merges a second graph into the first: its outputs come after those of the first.
 * ONNX Runtime works out their types itself.
 */
function withOutputs (model: Buffer, names: readonly string[]): Buffer {
  const outputs = names.flatMap(name => message(GRAPH.output, [protobuf.Writer.create().uint32(tag(VALUE.name)).string(name).finish()]))
  return Buffer.concat([model, ...message(MODEL.graph, outputs)])
}

/** The model without ZipMaps; null if its main graph has none. */
function withoutZipMaps (model: Buffer): Buffer | null {
  const parts: Uint8Array[] = []
  let isChanged = false
  const fields = new Fields(model)
  while (fields.next()) {
    if (fields.number !== MODEL.graph) {
      parts.push(fields.whole())
      continue
    }
    const graph = fields.once()
    const zipped = findZipped(graph)
    isChanged ||= zipped.size > 0
    // One by one: a call takes no hundred thousand arguments.
    for (const part of message(MODEL.graph, zipped.size > 0 ? graphWithoutZipMaps(graph, zipped) : [graph])) parts.push(part)
  }
  return isChanged ? Buffer.concat(parts) : null
}

/** The model with a locale for each StringNormalizer that has none; null if there is none. */
function withLocales (model: Buffer): Buffer | null {
  return model.includes('StringNormalizer') ? replaced(model, (field, content) => field === MODEL.graph ? graphWithLocales(content) : null) : null
}

function graphWithLocales (graph: Buffer): Buffer | null {
  return replaced(graph, (field, content) => field === GRAPH.node ? nodeWithLocale(content) : null)
}

function nodeWithLocale (node: Buffer): Buffer | null {
  if (!node.includes('StringNormalizer')) return null
  const { isStringNormalizer, hasLocale } = readNode(node)
  if (isStringNormalizer) return hasLocale ? null : Buffer.concat([node, ...message(NODE.attribute, [localeAttribute()])])
  // One inside a graph of this node, such as a branch of an If.
  return replaced(node, (field, attribute) => field === NODE.attribute
    ? replaced(attribute, (field, graph) => field === ATTRIBUTE.g || field === ATTRIBUTE.graphs ? graphWithLocales(graph) : null)
    : null)
}

function localeAttribute (): Uint8Array {
  const writer = protobuf.Writer.create().uint32(tag(ATTRIBUTE.name)).string('locale').uint32(tag(ATTRIBUTE.s)).string(LOCALE)
  return writer.uint32(ATTRIBUTE.type << 3).int32(STRING).finish()
}

/**
 * A message with other contents for some of its fields.
 *
 * @param change makes the content for a field that holds a message, or null for one that stays
 * @returns null when all stay
 */
function replaced (whole: Buffer, change: (field: number, content: Buffer) => Buffer | null): Buffer | null {
  const parts: Uint8Array[] = []
  let isChanged = false
  const fields = new Fields(whole)
  while (fields.next()) {
    const { number } = fields
    const field = fields.whole()
    const content = (field[0]! & 7) === LENGTH_DELIMITED ? change(number, contentOf(field)) : null
    isChanged ||= content !== null
    // One by one: a call takes no hundred thousand arguments.
    for (const part of content ? message(number, [content]) : [field]) parts.push(part)
  }
  return isChanged ? Buffer.concat(parts) : null
}

/** A node's parts that matter here. */
interface Node {
  isZipMap: boolean
  isStringNormalizer: boolean
  /** Whether it has an attribute `locale`. */
  hasLocale: boolean
  isIdentity: boolean
  name: string
  inputs: string[]
  outputs: string[]
  /** ZipMap's number of classes. */
  classes: number
}

/** The values that are lists of dictionaries, with the number of classes: what ZipMaps make, also behind Identities. */
function findZipped (graph: Buffer): Map<string, number> {
  const zipped = new Map<string, number>()
  const copies = new Map<string, string[]>()
  const fields = new Fields(graph)
  while (fields.next()) {
    if (fields.number !== GRAPH.node) continue
    const { isZipMap, isIdentity, inputs: [input = ''], outputs: [output = ''], classes } = readNode(fields.bytes())
    if (isZipMap) zipped.set(output, classes)
    if (!isIdentity) continue
    const list = copies.get(input)
    if (list) list.push(output)
    else copies.set(input, [output])
  }
  // A Map's loop also reaches what is added on the way.
  for (const [value, classes] of zipped) {
    for (const copy of copies.get(value) ?? []) zipped.set(copy, classes)
  }
  return zipped
}

function graphWithoutZipMaps (graph: Buffer, zipped: ReadonlyMap<string, number>): Uint8Array[] {
  const parts: Uint8Array[] = []
  const fields = new Fields(graph)
  while (fields.next()) {
    const whole = fields.whole()
    if (fields.number === GRAPH.node) {
      const node = readNode(contentOf(whole))
      parts.push(...node.isZipMap ? message(GRAPH.node, [cast(node)]) : [whole])
    } else if (fields.number === GRAPH.output || fields.number === GRAPH.valueInfo) {
      const name = nameOf(contentOf(whole))
      const classes = zipped.get(name)
      if (classes === undefined) parts.push(whole)
      // ONNX Runtime works out the types of values between the nodes itself.
      else if (fields.number === GRAPH.output) parts.push(...message(GRAPH.output, [probabilities(name, classes)]))
    } else {
      parts.push(whole)
    }
  }
  return parts
}

function readNode (bytes: Buffer): Node {
  const node: Node = { isZipMap: false, isStringNormalizer: false, hasLocale: false, isIdentity: false, name: '', inputs: [], outputs: [], classes: 0 }
  let [opType, domain] = ['', '']
  const attributes: Buffer[] = []
  const fields = new Fields(bytes)
  while (fields.next()) {
    if (fields.number === NODE.opType) opType = fields.text()
    else if (fields.number === NODE.domain) domain = fields.text()
    else if (fields.number === NODE.name) node.name = fields.text()
    else if (fields.number === NODE.input) node.inputs.push(fields.text())
    else if (fields.number === NODE.output) node.outputs.push(fields.text())
    else if (fields.number === NODE.attribute) attributes.push(fields.bytes())
  }
  node.isZipMap = opType === 'ZipMap' && domain === 'ai.onnx.ml'
  const isOnnx = domain === '' || domain === 'ai.onnx'
  node.isIdentity = opType === 'Identity' && isOnnx
  node.isStringNormalizer = opType === 'StringNormalizer' && isOnnx
  if (node.isStringNormalizer) node.hasLocale = attributes.some(attribute => nameOf(attribute) === 'locale')
  if (node.isZipMap) node.classes = Math.max(0, ...attributes.map(classesOf))
  return node
}

/** Number of classes in ZipMap's attribute, classlabels_int64s or classlabels_strings. */
function classesOf (attribute: Buffer): number {
  const [name, ints, strings, fields] = [{ text: '' }, { list: new Array<number>() }, { count: 0 }, new Fields(attribute)]
  while (fields.next()) {
    if (fields.number === 1) name.text = fields.text()
    else if (fields.number === 8) fields.ints(ints.list, CLASSES)
    else if (fields.number === 9) strings.count++
  }
  return name.text.startsWith('classlabels_') ? Math.max(ints.list.length, strings.count) : 0
}

function nameOf (value: Buffer): string {
  const fields = new Fields(value)
  let name = ''
  while (fields.next()) if (fields.number === VALUE.name) name = fields.text()
  return name
}

/**
 * A NodeProto that copies ZipMap's input to its output, as floats. skl2onnx writes a ZipMap of doubles for a table of float64,
 * which ONNX does not allow, and which no runtime loads as it is.
 */
function cast ({ name, inputs: [input = ''], outputs: [output = ''] }: Node): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [field, text] of [[NODE.input, input], [NODE.output, output], [NODE.name, name], [NODE.opType, 'Cast']] as const) {
    writer.uint32(tag(field)).string(text)
  }
  // attribute { name, i, type }
  writer.uint32(tag(NODE.attribute)).fork().uint32(tag(ATTRIBUTE.name)).string('to').uint32(ATTRIBUTE.i << 3).int64(FLOAT)
  return writer.uint32(ATTRIBUTE.type << 3).int32(INTEGER).ldelim().finish()
}

/** A ValueInfoProto of a tensor of floats, [batch, classes]. */
function probabilities (name: string, classes: number): Uint8Array {
  const writer = protobuf.Writer.create().uint32(tag(VALUE.name)).string(name)
  // type { tensor_type { elem_type, shape { dim { dim_param }, dim { dim_value } } } }
  writer.uint32(tag(VALUE.type)).fork().uint32(tag(1)).fork().uint32(1 << 3).int32(FLOAT).uint32(tag(2)).fork()
  writer.uint32(tag(1)).fork().uint32(tag(2)).string('batch').ldelim()
  writer.uint32(tag(1)).fork()
  if (classes > 0 && classes <= CLASSES) writer.uint32(1 << 3).int64(classes)
  return writer.ldelim().ldelim().ldelim().ldelim().finish()
}

/** A field that holds a message, made of parts. */
function message (field: number, parts: Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, { length }) => sum + length, 0)
  return [protobuf.Writer.create().uint32(tag(field)).uint32(length).finish()].concat(parts)
}

/** What is in a field that holds a message. */
function contentOf (whole: Buffer): Buffer {
  const fields = new Fields(whole)
  return fields.next() ? fields.bytes() : whole
}

function tag (field: number): number {
  return field << 3 | LENGTH_DELIMITED
}
