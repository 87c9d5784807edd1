import fc from 'fast-check'
import { anyMutation, mutated, type Mutation } from './mutations.ts'

/** What a part of a form holds: a picture, damaged or not; text; or another form. */
export type Content = { sample: string, mutations: Mutation[] } | { text: string } | { nested: Part[] }

export interface Part {
  headers: string[]
  content: Content
}

export interface FormCase {
  boundary: string
  /** The boundary that Content-Type names; null: the same. */
  declared: string | null
  type: string
  parts: Part[]
  /** Damage to the whole body. */
  damage: Mutation[]
}

const BOUNDARIES = ['x', '----WebKitFormBoundary7MA4YWxkTrZu0gW', '--', "a'()+_,-./:=?b", 'ab cd', '-'.repeat(70), 'z'.repeat(300), '']

/**
 * @param samples names of the pictures that a part may hold
 * @param features names of the columns of a table model
 */
export function formArbitrary (samples: readonly string[], features: readonly string[]): fc.Arbitrary<FormCase> {
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('file', 'image', ...features) },
    { weight: 1, arbitrary: fc.constantFrom('', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a"b', 'a;b=c', 'a\r\nb', '\0', 'é', '../..', '%22') },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }) }
  )
  const disposition = fc.record({ kind: fc.constantFrom('form-data', 'form-data', 'form-data', 'attachment', 'file', ''), name: fc.option(name), filename: fc.option(name), extended: fc.boolean() })
    .map(({ kind, name, filename, extended }) => `Content-Disposition: ${kind}${name === null ? '' : `; name="${name}"`}${filename === null ? '' : extended ? `; filename*=utf-8''${filename}` : `; filename="${filename}"`}`)
  const header = fc.oneof(
    fc.constantFrom('Content-Type: image/jpeg', 'Content-Type: text/csv', 'Content-Type: application/json', 'Content-Type: ', 'Content-Type: multipart/mixed; boundary=y', 'Content-Transfer-Encoding: base64', 'Content-Transfer-Encoding: quoted-printable', 'Content-Length: 3', 'X', ': a', ' folded', 'Content-Disposition: form-data'),
    fc.string({ maxLength: 40 }).map(text => `X-Any: ${text}`),
    fc.nat(40).map(count => Array.from({ length: count }, (_, at) => `X-${at}: ${'v'.repeat(at)}`).join('\r\n')),
    fc.constant(`X-Long: ${'v'.repeat(20_000)}`)
  )
  const headers = fc.oneof(
    { weight: 4, arbitrary: disposition.map(line => [line]) },
    { weight: 2, arbitrary: fc.tuple(disposition, fc.array(header, { maxLength: 3 })).map(([line, more]) => [line, ...more]) },
    { weight: 1, arbitrary: fc.array(fc.oneof(disposition, header), { maxLength: 3 }) }
  )
  const plain: fc.Arbitrary<Content> = fc.oneof(
    fc.record({ sample: fc.constantFrom(...samples), mutations: fc.array(anyMutation, { maxLength: 2 }) }),
    fc.record({ text: fc.oneof(fc.constantFrom('5.9', '3', '', '5.9,3,5.1,1.8\n', '--x', '\r\n--x--\r\n', '\r\n--y\r\n', 'a'.repeat(2000)), fc.string({ unit: 'binary' })) })
  )
  const part = fc.record({ headers, content: plain })
  const anyPart = fc.oneof({ weight: 8, arbitrary: part }, { weight: 1, arbitrary: fc.record({ headers, content: fc.record({ nested: fc.array(part, { maxLength: 3 }) }) }) })
  const parts = fc.oneof(
    { weight: 6, arbitrary: fc.array(anyPart, { maxLength: 4 }) },
    // The same part many times.
    { weight: 1, arbitrary: fc.tuple(part, fc.integer({ min: 2, max: 300 })).map(([part, count]) => new Array<Part>(count).fill(part)) },
    // What a table model takes.
    { weight: 1, arbitrary: fc.shuffledSubarray([...features], { minLength: features.length }).map(names => names.map(name => ({ headers: [`Content-Disposition: form-data; name="${name}"`], content: { text: '3.1' } }))) }
  )
  return fc.record({
    boundary: fc.oneof({ weight: 4, arbitrary: fc.constant('x') }, { weight: 1, arbitrary: fc.constantFrom(...BOUNDARIES) }),
    declared: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...BOUNDARIES) }),
    type: fc.oneof({ weight: 8, arbitrary: fc.constant('multipart/form-data') }, { weight: 1, arbitrary: fc.constantFrom('multipart/mixed', 'multipart/form-data; charset=utf-8', 'Multipart/Form-Data', 'multipart/form-data; boundary=y') }),
    parts,
    damage: fc.oneof({ weight: 2, arbitrary: fc.array(anyMutation, { maxLength: 0 }) }, { weight: 1, arbitrary: fc.array(anyMutation, { minLength: 1, maxLength: 2 }) })
  })
}

/** @param bytesOf the bytes of a sample */
export function formBytes ({ boundary, declared, type, parts, damage }: FormCase, bytesOf: (sample: string) => Uint8Array): { type: string, payload: Buffer } {
  const name = declared ?? boundary
  return { type: `${type}; boundary=${/^[\w-]*$/.test(name) ? name : `"${name}"`}`, payload: mutated(joined(parts, boundary), damage) }

  function joined (parts: readonly Part[], boundary: string): Buffer {
    const pieces = parts.map(({ headers, content }) => Buffer.concat([
      Buffer.from(`--${boundary}\r\n${headers.map(line => `${line}\r\n`).join('')}\r\n`), contentOf(content), Buffer.from('\r\n')
    ]))
    return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
  }

  function contentOf (content: Content): Buffer {
    if ('text' in content) return Buffer.from(content.text)
    if ('nested' in content) return joined(content.nested, 'y')
    return mutated(bytesOf(content.sample), content.mutations)
  }
}
