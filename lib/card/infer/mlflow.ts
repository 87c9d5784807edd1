import { ModelInvalid } from '../../errors.ts'
import type { Graph, GraphValue } from '../onnx/graph.ts'
import { COLUMN_TYPES } from '../../modalities/table/input.ts'
import { parseYaml } from '../yaml.ts'
import type { Evidence, Finding, PartialCard, Source } from './source.ts'

/** Largest example that is read. */
const LIMIT_BYTES = 1024 * 1024

/** Largest number of columns. */
const LIMIT_COLUMNS = 10_000

/** A column that the signature or the example names. */
interface Column {
  name: string
  /** MLflow's type, such as `double`; null if the file does not say. */
  type: string | null
  isRequired: boolean
  /** Its value in the example. */
  example?: number | string | boolean
}

type Feature = NonNullable<Extract<NonNullable<PartialCard['input']>, { features?: unknown }>['features']>[number]

/**
 * Reads the names of columns from the signature in MLflow's `MLmodel`, and example values from `input_example.json`.
 *
 * @see https://mlflow.org/docs/latest/ml/model/signatures/
 * @throws ModelInvalid when one of the files is malformed, or names other columns than the model takes
 */
export const inferMlflow: Source = async ({ files, graph }: Evidence, known): Promise<Finding | null> => {
  const bytes = await files.read('MLmodel')
  // What the card says of the columns is not read again.
  if (bytes === null || known.input?.kind === 'image' || (known.input && 'features' in known.input)) return null
  const signed = columnsOfSignature(readMlmodel(bytes, `${files.root}/MLmodel`), `${files.root}/MLmodel`)
  const { columns: shown, values } = readExample(await files.read('input_example.json'), `${files.root}/input_example.json`)
  const columns = signed ?? shown.map((name): Column => ({ name, type: null, isRequired: true }))
  if (columns.length === 0) return null
  const [path, from] = signed ? [`${files.root}/MLmodel`, 'MLmodel (signature)'] : [`${files.root}/input_example.json`, 'input_example.json']
  const features = featuresOf(columns.map(column => ({ ...column, ...exampleOf(values.get(column.name)) })), graph, path)
  return features ? { from, card: { input: features } } : null
}

function exampleOf (value: unknown): Pick<Column, 'example'> {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? { example: value } : {}
}

function readMlmodel (bytes: Buffer, path: string): unknown {
  try {
    return parseYaml(bytes.toString())
  } catch (error) {
    throw new ModelInvalid(path, `is not the YAML that MLflow writes: ${reasonOf(error)}; save the model again with mlflow.onnx.save_model`)
  }
}

/** The named columns of the signature, or null if it has none: it may be missing, or describe tensors without names. */
function columnsOfSignature (mlmodel: unknown, path: string): Column[] | null {
  const signature = fieldOf(mlmodel, 'signature')
  const text = fieldOf(signature, 'inputs')
  if (text === undefined || text === null) return null
  const wrong = (reason: string) => new ModelInvalid(path, `signature.inputs ${reason}; save the model again with signature=mlflow.models.infer_signature(…)`)
  if (typeof text !== 'string') throw wrong('must be a text that holds JSON')
  const inputs = parseJson(text, reason => wrong(`is not JSON: ${reason}`))
  if (!Array.isArray(inputs)) throw wrong('must be a list')
  if (inputs.length > LIMIT_COLUMNS) throw wrong(`has ${inputs.length} columns, over the limit of ${LIMIT_COLUMNS}`)
  const columns = inputs.flatMap((input: unknown): Column[] => {
    const [name, type] = [fieldOf(input, 'name'), fieldOf(input, 'type')]
    if (typeof name !== 'string' || name === '' || typeof type !== 'string' || type === 'tensor') return []
    return [{ name, type, isRequired: fieldOf(input, 'required') !== false }]
  })
  if (columns.length > 0 && columns.length < inputs.length) throw wrong('names some columns and not others')
  if (new Set(columns.map(({ name }) => name)).size < columns.length) throw wrong('names a column twice')
  return columns.length === 0 ? null : columns
}

/** The column names and the first row of an example that pandas wrote, as MLflow saves it. Other forms name no columns. */
function readExample (bytes: Buffer | null, path: string): { columns: string[], values: Map<string, unknown> } {
  const none = { columns: [], values: new Map() }
  if (bytes === null || bytes.length > LIMIT_BYTES) return none
  const example = parseJson(bytes.toString(), reason => new ModelInvalid(path, `is not JSON: ${reason}; save the model again, or remove the file`))
  const table = fieldOf(example, 'dataframe_split') ?? example
  const [columns, data] = [fieldOf(table, 'columns'), fieldOf(table, 'data')]
  if (!Array.isArray(columns) || columns.length > LIMIT_COLUMNS || !columns.every(name => typeof name === 'string' && name !== '') || !Array.isArray(data)) return none
  const names = columns.map(String)
  if (new Set(names).size < names.length) return none
  const row: unknown = data[0]
  return { columns: names, values: new Map(names.map((name, at) => [name, Array.isArray(row) ? row[at] : undefined])) }
}

/**
 * Finds the input tensor of each column: its own one by name, or one tensor that holds all columns in their order.
 *
 * @returns null when the columns say nothing about the tensors, as for pictures
 */
function featuresOf (columns: Column[], { inputs }: Graph, path: string): NonNullable<PartialCard['input']> | null {
  const [only] = inputs
  // One column of shape [batch] is the tensor itself, whatever its name.
  if (inputs.length === 1 && only && (columns.length === 1 || only.shape?.length !== 1)) {
    const width = only.shape?.at(-1)
    if (only.shape !== null && only.shape.length > 2) return null
    if (only.shape?.length === 2 && typeof width === 'number' && width !== columns.length) {
      throw new ModelInvalid(path, `names ${columns.length} columns, but input '${only.name}' takes ${width}; save the model with the signature of its own inputs`)
    }
    return { kind: 'table', tensor: only.name, ...typeOf(only), features: columns.map(column => featureOf(column, only)) }
  }
  const free = new Set(inputs)
  const features = columns.map((column): Feature => {
    const input = inputs.find(({ name }) => name === column.name) ?? inputs.find(input => free.has(input) && input.name === onnxName(column.name))
    if (!input) throw new ModelInvalid(path, `names the column '${column.name}', but the model has no such input; its inputs are ${inputs.slice(0, 20).map(({ name }) => name).join(', ')}`)
    free.delete(input)
    return { ...featureOf(column, input), tensor: input.name, ...typeOf(input) }
  })
  const [left] = free
  if (left) throw new ModelInvalid(path, `names no column for input '${left.name}'; save the model with the signature of its own inputs`)
  return { kind: 'table', features }
}

function featureOf ({ name, type, isRequired, example }: Column, { dtype }: GraphValue): Feature {
  const isFloat = dtype !== null && dtype.startsWith('float')
  // An example of another type, such as a missing value as a text, would not be a value of the column.
  const isUsable = example !== undefined && (typeof example === 'string') === (dtype === 'string') && type !== 'datetime'
  return { name, ...isUsable && { example: typeof example === 'number' && dtype === 'float32' ? shortest(example) : example }, ...!isRequired && isFloat && { optional: true } }
}

/** The shortest number of the same float32: pandas writes 14.23 as 14.229999542236328, which is its float64. */
function shortest (value: number): number {
  const short = Number(value.toPrecision(7))
  return Math.fround(short) === Math.fround(value) ? short : value
}

/** The data type of a tensor, if columns can have it. */
function typeOf ({ dtype }: GraphValue): Pick<Feature, 'type'> {
  const type = COLUMN_TYPES.find(known => known === dtype)
  return type ? { type } : {}
}

/** The name of an input that skl2onnx makes of a column: it allows letters, digits, `_` and `+`. */
function onnxName (column: string): string {
  return column.replaceAll(/[^\p{L}\p{N}_+]/gu, '_')
}

function fieldOf (value: unknown, name: string): unknown {
  return value instanceof Object ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

function parseJson (text: string, fault: (reason: string) => Error): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw fault(reasonOf(error))
  }
}

function reasonOf (error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 200)
}
