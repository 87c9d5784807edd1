import { tensorOf, type Signature, type Tensors, type TensorSpec } from '../../tensor.ts'
import type { Encoder, Fault } from '../modality.ts'
import { textIn, type TextInput, type TokenizerSettings } from './input.ts'
import { openTokenizer, type Encoding } from './tokenizer.ts'

/** What a tokenizer can fill the inputs of a graph with. */
const FILLED = ['input_ids', 'attention_mask', 'token_type_ids'] as const

/** The tensors of tokens. */
type Filled = typeof FILLED[number]

/** An input tensor of the graph, and what it takes. */
interface Input {
  spec: TensorSpec
  kind: Filled
}

/**
 * The encoder of the text modality: tokenizes, or passes the text on to a model that takes it as it is.
 *
 * @param signature what the ONNX file declares
 * @param root the folder of the tokenizer
 * @throws ModelInvalid that names the tokenizer's file
 * @throws Error when the graph has another input than the tokenizer fills
 */
export async function textEncoder ({ tensor, tokenizer }: TextInput, signature: Signature, root: string): Promise<Encoder> {
  if (tokenizer) return await tokensEncoder(tokenizer, signature, root)
  const axes = signature.inputs.find(({ name }) => name === tensor)?.shape.length ?? 2
  return {
    hasRows: true,
    encode: async payloads => {
      const texts = payloads.map(payload => textIn(payload).text)
      return { feeds: { [tensor ?? '']: tensorOf('string', axes === 1 ? [texts.length] : [texts.length, 1], texts) }, faults: [] }
    }
  }
}

async function tokensEncoder (settings: TokenizerSettings, { inputs: declared }: Signature, root: string): Promise<Encoder> {
  const inputs = declared.map(inputOf)
  if (!inputs.some(({ kind }) => kind === 'input_ids')) throw new Error("the model has no input 'input_ids' for the tokens of a text")
  const fixed = lengthOf(inputs)
  const tokenizer = await openTokenizer(root, { ...settings, maxTokens: Math.min(settings.maxTokens, fixed ?? Infinity) })
  return {
    hasRows: true,
    encode: async payloads => {
      const faults: Fault[] = []
      const encodings: Encoding[] = []
      for (const [at, payload] of payloads.entries()) {
        try {
          encodings.push(tokenizer.encode(textIn(payload)))
        } catch (error) {
          faults.push({ at, error: `the text cannot be tokenized: ${error instanceof Error ? error.message : String(error)}` })
        }
      }
      const width = fixed ?? Math.max(1, ...encodings.map(({ ids }) => ids.length))
      return { feeds: Object.fromEntries(inputs.map(input => [input.spec.name, tensorFor(input, encodings, width, settings)])), faults }
    }
  }
}

function inputOf (spec: TensorSpec): Input {
  const { name, dtype, shape } = spec
  const kind = FILLED.find(known => known === name)
  if (!kind) throw new Error(`the model has an input '${name}', which no tokenizer fills (they fill ${FILLED.join(', ')}); export it without this input`)
  if (shape.length !== 2 || (dtype !== 'int64' && dtype !== 'int32')) {
    throw new Error(`the input '${name}' takes ${dtype} with ${shape.length} axes; for the tokens of a text, it must take int64 or int32, [batch, tokens]`)
  }
  return { spec, kind }
}

/** The number of tokens that the graph fixes; `null` if it takes any number. */
function lengthOf (inputs: readonly Input[]): number | null {
  const lengths = new Set(inputs.flatMap(({ spec: { shape: [, length] } }) => typeof length === 'number' ? [length] : []))
  const [length = null, ...others] = lengths
  if (others.length > 0) throw new Error(`the inputs of the model take different numbers of tokens: ${[...lengths].join(' and ')}`)
  return length
}

/** Fills a tensor, [batch, width]. Short rows are filled up at the padding side. */
function tensorFor ({ spec: { dtype }, kind }: Input, encodings: readonly Encoding[], width: number, { padId, padTypeId = 0, paddingSide = 'right' }: TokenizerSettings): Tensors[string] {
  const filler = { input_ids: padId, attention_mask: 0, token_type_ids: padTypeId }[kind]
  const length = encodings.length * width
  const elements = new Int32Array(length).fill(filler)
  for (const [row, { ids, types }] of encodings.entries()) {
    const start = row * width + (paddingSide === 'left' ? width - ids.length : 0)
    if (kind === 'attention_mask') elements.fill(1, start, start + ids.length)
    else elements.set(kind === 'input_ids' ? ids : types, start)
  }
  return dtype === 'int32' ? tensorOf(dtype, [encodings.length, width], elements) : tensorOf('int64', [encodings.length, width], BigInt64Array.from(elements, BigInt))
}
