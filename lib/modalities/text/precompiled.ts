import { segmentsOf } from './segments.ts'

/** Largest number of bytes of a group of characters that is looked up as a whole. */
const GROUP_LIMIT_BYTES = 6

const HAS_LEAF = 1 << 8

/** What is not ASCII, with the characters before and after it, which may belong to it. */
const NOT_ASCII = /[\x20-\x7e]?(?:[^\x20-\x7e]+[\x20-\x7e]?)+/g

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const encoder = new TextEncoder()

/**
 * Makes the normaliser that SentencePiece compiled into a model: it replaces characters by a table. Replaces what the library
 * `tokenizers` replaces, which looks at whole graphemes first.
 *
 * @param charsmap `precompiled_charsmap` of tokenizer.json, in base64
 * @throws Error when it is damaged
 * @see https://github.com/huggingface/spm_precompiled/blob/master/src/lib.rs
 */
export function precompiledNormalizer (charsmap: string): (text: string) => string {
  const bytes = Buffer.from(charsmap, 'base64')
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0)
  if (trieBytes === 0 || trieBytes % 4 !== 0 || trieBytes + 4 > bytes.length) throw new Error('its precompiled_charsmap is damaged')
  const trie = Uint32Array.from({ length: trieBytes / 4 }, (_, at) => bytes.readUInt32LE(4 + at * 4))
  const texts = bytes.subarray(4 + trieBytes)

  /** The replacement of the shortest entry that a text begins with. */
  function replacement (key: Uint8Array): string | null {
    let place = offsetOf(trie[0] ?? 0)
    for (const byte of key) {
      if (byte === 0) return null
      place ^= byte
      const unit = trie[place] ?? 0
      if ((unit & 0x800000ff) !== byte) return null
      place ^= offsetOf(unit)
      if ((unit & HAS_LEAF) === 0) continue
      const start = (trie[place] ?? 0) & 0x7fffffff
      const end = texts.indexOf(0, start)
      return texts.toString('utf8', start, end < 0 ? texts.length : end)
    }
    return null
  }

  function replaced (text: string): string {
    let all = ''
    for (const { text: segment } of segmentsOf(text, segmenter)) {
      const key = segment.length < GROUP_LIMIT_BYTES ? encoder.encode(segment) : null
      const whole = key && key.length < GROUP_LIMIT_BYTES ? replacement(key) : null
      if (whole !== null) all += whole
      else for (const character of segment) all += replacement(encoder.encode(character)) ?? character
    }
    return all
  }

  const ascii = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at))
  // Some tables also make small letters.
  const keepsAscii = ascii.every(character => (replacement(encoder.encode(character)) ?? character) === character)
  return text => keepsAscii ? text.replaceAll(NOT_ASCII, replaced) : replaced(text)
}

function offsetOf (unit: number): number {
  return unit >>> 10 << ((unit & 1 << 9) >>> 6)
}
