/** A value of Python, as its `repr()` writes it. Tuples and lists are lists. */
export type PythonValue = null | boolean | number | string | PythonValue[] | Map<PythonValue, PythonValue>

/** Deepest nesting of lists and dicts. */
const DEPTH_LIMIT = 16

/** Longest text, in characters. */
const LENGTH_LIMIT = 4_194_304

const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([['None', null], ['True', true], ['False', false]])

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' }

/** Number of hex digits after the letter of an escape. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/**
 * Reads the repr of a Python value, as `ast.literal_eval` does: dicts, lists, tuples, strings, numbers, None, True and False.
 *
 * @throws SyntaxError with the position of the first wrong character
 * @see https://docs.python.org/3/library/ast.html#ast.literal_eval
 */
export function readPythonLiteral (text: string): PythonValue {
  if (text.length > LENGTH_LIMIT) throw new SyntaxError(`it has more than ${LENGTH_LIMIT} characters`)
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor (text: string) {
    this.#text = text
  }

  value (depth: number): PythonValue {
    if (depth > DEPTH_LIMIT) throw this.#fault('it is nested too deeply')
    const next = this.#next()
    if (next === '{') return this.#dict(depth)
    if (next === '[') return this.#list(depth, ']')
    if (next === '(') return this.#list(depth, ')')
    if (next === "'" || next === '"') return this.#string(next)
    return this.#word()
  }

  end (): void {
    if (this.#next() !== '') throw this.#fault()
  }

  /** The next character that is no blank. */
  #next (): string {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++
    return this.#text.charAt(this.#at)
  }

  #takes (character: string): boolean {
    if (this.#next() !== character) return false
    this.#at++
    return true
  }

  #dict (depth: number): Map<PythonValue, PythonValue> {
    const entries = new Map<PythonValue, PythonValue>()
    this.#at++
    while (!this.#takes('}')) {
      if (entries.size > 0) {
        if (!this.#takes(',')) throw this.#fault()
        if (this.#takes('}')) return entries
      }
      const key = this.value(depth + 1)
      if (!this.#takes(':')) throw this.#fault()
      if (entries.has(key)) throw this.#fault('a key is there twice')
      entries.set(key, this.value(depth + 1))
    }
    return entries
  }

  #list (depth: number, close: string): PythonValue[] {
    const items: PythonValue[] = []
    this.#at++
    while (!this.#takes(close)) {
      if (items.length > 0) {
        if (!this.#takes(',')) throw this.#fault()
        if (this.#takes(close)) return items
      }
      items.push(this.value(depth + 1))
    }
    return items
  }

  #string (quote: string): string {
    let value = ''
    this.#at++
    for (;;) {
      const character = this.#text.charAt(this.#at++)
      if (character === quote) return value
      if (character === '' || character === '\n') throw this.#fault('a string has no end')
      value += character === '\\' ? this.#escape() : character
    }
  }

  #escape (): string {
    const letter = this.#text.charAt(this.#at++)
    const plain = ESCAPES[letter]
    if (plain !== undefined) return plain
    const length = HEX_DIGITS[letter]
    const digits = this.#text.slice(this.#at, this.#at + (length ?? 0))
    if (length === undefined || digits.length !== length || !/^[\da-f]+$/i.test(digits)) throw this.#fault('an escape is unknown')
    const point = Number.parseInt(digits, 16)
    if (point > 0x10FFFF) throw this.#fault('an escape is unknown')
    this.#at += length
    return String.fromCodePoint(point)
  }

  #word (): null | boolean | number {
    const [word = ''] = /^[-+.\w]{1,40}/.exec(this.#text.slice(this.#at, this.#at + 40)) ?? []
    const constant = CONSTANTS.get(word)
    const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(word)
    if (constant === undefined && !isNumber) throw this.#fault()
    this.#at += word.length
    return constant === undefined ? Number(word) : constant
  }

  #fault (reason = 'it is no value of Python'): SyntaxError {
    return new SyntaxError(`${reason}, at character ${this.#at + 1}`)
  }
}
