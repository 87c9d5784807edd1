import { tensorOf, type Signature } from '../../tensor.ts'
import type { Encoder } from '../modality.ts'
import type { TextInput, TextItem } from './input.ts'

/**
 * The encoder of the text modality: tokenizes, or passes the text on to a model that takes it as it is.
 *
 * @param signature what the ONNX file declares
 * @param _root the folder of the tokenizer
 */
export async function textEncoder ({ tensor }: TextInput, signature: Signature, _root: string): Promise<Encoder> {
  const axes = signature.inputs.find(({ name }) => name === tensor)?.shape.length ?? 2
  return {
    hasRows: true,
    encode: async payloads => {
      const texts = payloads.map(payload => textOf(payload).text)
      return { feeds: { [tensor ?? '']: tensorOf('string', axes === 1 ? [texts.length] : [texts.length, 1], texts) }, faults: [] }
    }
  }
}

function textOf (payload: unknown): TextItem {
  if (payload instanceof Object && 'text' in payload && typeof payload.text === 'string') return { text: payload.text }
  throw new Error('the payload is no text')
}
