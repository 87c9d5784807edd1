import { resolveModel } from '../../lib/card/resolve.ts'
import { signatureOf } from '../../lib/card/infer/signature.ts'
import { textEncoder } from '../../lib/modalities/text/encode.ts'
import type { Tensor } from '../../lib/tensor.ts'
import { fieldOf, type Case, type Reference } from './judge.ts'

/** Most texts of a batch. */
const TOGETHER = 50

/**
 * Compares the tokens of each text with those that the framework makes of it: alone, and in batches that are filled up.
 *
 * @returns what differs, one line each
 */
export async function otherTokens (path: string, { cases, alone }: Reference): Promise<string[]> {
  if (!cases.some(({ tokens }) => tokens !== undefined)) return []
  const { card: { input }, files, graph, inside } = await resolveModel(path)
  if (input.kind !== 'text') return [`its input is taken for ${input.kind}, not for a text`]
  const { padId = 0, paddingSide = 'right' } = input.tokenizer ?? {}
  const encoder = await textEncoder(input, signatureOf(graph, inside), files.root)
  const faults: string[] = []
  for (const size of alone ? [1] : [1, TOGETHER]) {
    for (let from = 0; from < cases.length; from += size) {
      const some = cases.slice(from, from + size)
      const { feeds, faults: reasons } = await encoder.encode(some.map(payloadOf))
      if (reasons.length > 0) faults.push(`a text has no tokens: ${JSON.stringify(reasons)}`)
      const rows = (name: string) => rowsOf(feeds[name], some.length)
      for (const [at, { input: given, tokens = '', types }] of some.entries()) {
        const width = rows('input_ids')[at]?.length ?? 0
        const filled = (numbers: string, filler: number) => {
          const own = numbers.split(' ').map(Number)
          const rest = Array.from({ length: width - own.length }, () => filler)
          return paddingSide === 'left' ? [...rest, ...own] : [...own, ...rest]
        }
        const expected = { input_ids: filled(tokens, padId), attention_mask: filled(tokens.replaceAll(/\d+/g, '1'), 0), token_type_ids: filled(types ?? '', 0) }
        for (const [name, numbers] of Object.entries(expected)) {
          const own = rows(name)[at]
          if (own && String(own) !== String(numbers)) faults.push(`${name} of ${JSON.stringify(given).slice(0, 100)} in a batch of ${size} are ${String(own).slice(0, 100)}, not ${String(numbers).slice(0, 100)}`)
        }
      }
    }
  }
  return faults
}

function payloadOf ({ input }: Case): unknown {
  const pair = fieldOf(input, 'text_pair')
  return { text: fieldOf(input, 'text'), ...pair !== undefined && { pair } }
}

function rowsOf (tensor: Tensor | undefined, rows: number): number[][] {
  if (!tensor) return []
  const numbers = [...tensor.data].map(Number)
  const width = numbers.length / rows
  return Array.from({ length: rows }, (_, at) => numbers.slice(at * width, (at + 1) * width))
}
