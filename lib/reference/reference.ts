import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ModelReferenceInvalid } from '../errors.ts'
import type { Signature } from '../tensor.ts'
import { readNpy } from './npy.ts'
import { readLists, type NestedValues } from './values.ts'

/** Largest file of a reference, and all its arrays together. */
const LIMIT_BYTES = 512 * 1024 * 1024

/** Largest number of arrays. */
const LIMIT_ARRAYS = 1000

/** Inputs of a model and the outputs that its framework gave for them, by the names of the tensors. */
export interface Reference {
  inputs: Record<string, NestedValues>
  outputs: Record<string, NestedValues>
}

/**
 * Reads what Python has computed: `numpy.savez(path, **inputs, **outputs)` with the names of the model's tensors, or JSON
 * `{"inputs": {name: nested list}, "outputs": {name: nested list}}`.
 *
 * @throws ModelReferenceInvalid with one line that names the file, the array, and what is wrong
 */
export async function readReference (path: string, { inputs, outputs }: Signature): Promise<Reference> {
  const file = await stat(path).catch(() => { throw new ModelReferenceInvalid(path, 'there is no such file') })
  if (!file.isFile()) throw new ModelReferenceInvalid(path, 'is not a file')
  if (file.size > LIMIT_BYTES) throw new ModelReferenceInvalid(path, `has ${file.size} bytes, over the limit of ${LIMIT_BYTES}; save fewer examples`)
  const all = path.endsWith('.json') ? await readJson(path) : await readNpz(path)
  const reference: Reference = { inputs: {}, outputs: {} }
  for (const [name, values] of all) {
    const place = inputs.some(input => input.name === name) ? 'inputs' : outputs.some(output => output.name === name) ? 'outputs' : null
    if (place === null) {
      throw new ModelReferenceInvalid(path, `'${name}' is no tensor of the model; its inputs are ${namesOf(inputs)}, its outputs ${namesOf(outputs)}`)
    }
    reference[place][name] = values
  }
  const missing = inputs.find(({ name }) => !(name in reference.inputs))
  if (missing) throw new ModelReferenceInvalid(path, `lacks the input '${missing.name}'; save every input of the model by its name`)
  if (Object.keys(reference.outputs).length === 0) throw new ModelReferenceInvalid(path, `holds no output to compare with; save one of ${namesOf(outputs)} by its name`)
  return reference
}

function namesOf (tensors: Signature['inputs']): string {
  return tensors.map(({ name }) => `'${name}'`).join(', ')
}

async function readJson (path: string): Promise<Map<string, NestedValues>> {
  const all = new Map<string, NestedValues>()
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'))
    for (const side of ['inputs', 'outputs'] as const) {
      const tensors: unknown = content instanceof Object && side in content ? Object.entries(content).find(([name]) => name === side)?.[1] : undefined
      if (!(tensors instanceof Object)) throw new Error(`it has no "${side}": {name: nested list}`)
      for (const [name, lists] of Object.entries(tensors)) all.set(name, named(name, () => readLists(lists)))
    }
  } catch (error) {
    throw new ModelReferenceInvalid(path, error instanceof Error ? error.message : String(error))
  }
  return all
}

async function readNpz (path: string): Promise<Map<string, NestedValues>> {
  const { default: { openPromise } } = await import('yauzl')
  const all = new Map<string, NestedValues>()
  try {
    // Names of arrays are no names of files: '/Softmax' is one, too.
    const zip = await openPromise(path, { autoClose: false, lazyEntries: true, decodeStrings: false })
    try {
      if (zip.entryCount > LIMIT_ARRAYS) throw new Error(`it holds more than ${LIMIT_ARRAYS} arrays`)
      let bytes = 0
      for await (const entry of zip.eachEntry()) {
        bytes += entry.uncompressedSize
        if (bytes > LIMIT_BYTES) throw new Error(`its arrays have more than ${LIMIT_BYTES} bytes; save fewer examples`)
        const name = entry.fileNameRaw.toString().replace(/\.npy$/, '')
        const content = await buffer(await zip.openReadStreamPromise(entry))
        all.set(name, named(name, () => readNpy(content)))
      }
    } finally {
      zip.close()
    }
  } catch (error) {
    throw new ModelReferenceInvalid(path, error instanceof Error ? error.message : String(error))
  }
  return all
}

/** Puts the name of the array before what is wrong with it. */
function named<Result> (name: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw new Error(`'${name}' ${error instanceof Error ? error.message : String(error)}`)
  }
}
