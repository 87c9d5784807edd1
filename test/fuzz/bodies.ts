import fc from 'fast-check'

/** Numbers as text: huge, tiny, and such as only some readers take. */
const numberText = fc.oneof(
  fc.double().map(String),
  fc.constantFrom('0', '-0', '1e999', '-1e999', '1e-999', '1E+2', '123456789012345678901234567890', '3.4028236e38', '0x10', 'NaN', 'Infinity', '.5', '5.', '01', '+1', '1_0', '1,5', '', 'null', 'true', '٣')
)

/** Numbers that any reader takes. */
const plainNumber = fc.constantFrom('5.9', '3.0', '5.1', '1.8', '0', '-1', '2e1')

/** Names that JavaScript itself gives a meaning. */
const specialName = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', 'toJSON', '')

/** Strings in JSON, with halves of surrogate pairs, control characters and any Unicode. */
const stringText = fc.oneof(
  fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
  fc.constantFrom('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\', '"\u0000"', "'a'", '"\\x41"', '"\u2028"', '""', '"data:,"', '"data:image/png;base64,"')
)

/** JSON of any shape, also very deep, and text that is none. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.tuple(fc.constantFrom('[', '{"a":', '[[1],', '{"instances":[', '{"image":'), fc.oneof(fc.nat(50), fc.nat(200_000)), fc.boolean()).map(([open, depth, isClosed]) => {
    const closing = [...open].filter(character => '[{'.includes(character)).reverse().map(character => character === '[' ? ']' : '}').join('').slice(0, 1)
    return `${open.repeat(depth)}1${isClosed ? closing.repeat(depth) : ''}`
  }),
  numberText,
  stringText,
  fc.constantFrom('', ' ', '\ufeff[1,2,3,4]', '[1,2,3,4]\0', '{}{}', '[,]', '{"a":1,}', '/**/1', 'undefined')
)

const anyValue = fc.oneof({ weight: 4, arbitrary: numberText }, { weight: 1, arbitrary: stringText }, { weight: 1, arbitrary: fc.constantFrom('[]', '{}', '[1]', 'false', '"3"') })

/** A field of an object that does not belong there. */
const otherField = fc.option(fc.tuple(fc.oneof(fc.constantFrom('image', 'instances'), specialName), anyValue), { freq: 2 })
  .map(field => field ? `,${JSON.stringify(field[0])}:${field[1]}` : '')

/**
 * JSON near what a table model takes: rows by value and by name, and `instances`; with names that are there twice, and
 * with values of other types.
 *
 * @param features names of the columns
 */
export function jsonRows (features: readonly string[]): fc.Arbitrary<string> {
  const value = fc.oneof({ weight: 15, arbitrary: plainNumber }, { weight: 1, arbitrary: anyValue })
  const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...features, 'image', 'instances') }, { weight: 1, arbitrary: specialName })
  const list = fc.oneof({ weight: 3, arbitrary: fc.array(value, { minLength: features.length, maxLength: features.length }) }, { weight: 1, arbitrary: fc.array(value, { maxLength: 6 }) }).map(values => `[${values.join()}]`)
  const byName = fc.array(fc.tuple(name, value), { maxLength: 6 }).map(objectText)
  const whole = fc.tuple(...features.map(name => fc.tuple(fc.constant(name), value))).map(objectText)
  const row = fc.oneof(list, byName, whole)
  const rows = fc.array(row, { maxLength: 4 }).map(rows => `[${rows.join()}]`)
  return fc.oneof(row, rows, fc.tuple(rows, otherField).map(([rows, other]) => `{"instances":${rows}${other}}`))
}

/**
 * JSON near what an image model takes: a picture in base64.
 *
 * @param base64 pictures
 */
export function jsonImage (base64: readonly string[]): fc.Arbitrary<string> {
  const image = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...base64) }, { weight: 4, arbitrary: damagedBase64(base64) }).map(text => JSON.stringify(text))
  return fc.tuple(fc.oneof({ weight: 6, arbitrary: image }, { weight: 1, arbitrary: anyValue }), otherField).map(([image, other]) => `{"image":${image}${other}}`)
}

/** JSON near what a model of texts takes. */
export const jsonTexts: fc.Arbitrary<string> = (() => {
  const text = fc.oneof({ weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map(text => JSON.stringify(text)) }, { weight: 1, arbitrary: anyValue })
  const field = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('text', 'text', 'text_pair') }, { weight: 1, arbitrary: specialName })
  const item = fc.oneof(text, fc.array(fc.tuple(field, text), { maxLength: 3 }).map(objectText))
  const list = fc.array(item, { maxLength: 4 }).map(items => `[${items.join()}]`)
  return fc.oneof(item, list, fc.tuple(list, otherField).map(([list, other]) => `{"instances":${list}${other}}`))
})()

function objectText (fields: ReadonlyArray<readonly [string, string]>): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`
}

/** Base64 with characters that do not belong there, without its padding, or with too much of it. */
function damagedBase64 (texts: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom('', '=', '==', '===', '-', '_', ' ', '\n', '\r\n', '!', '%', 'A', 'é', '\0', 'data:', ',', '\ud800')
  return fc.tuple(fc.constantFrom(...texts, ''), fc.constantFrom('', 'data:image/jpeg;base64,', 'data:;base64,', 'DATA:image/png,', 'data:image/png;base64'), piece, fc.nat(1000), piece)
    .map(([text, prefix, inside, at, after]) => `${prefix}${text.slice(0, at)}${inside}${text.slice(at)}${after}`)
}

/**
 * CSV near what a table model takes.
 *
 * @param features names of the columns
 */
export function csvText (features: readonly string[]): fc.Arbitrary<string> {
  const quoted = fc.oneof(numberText, fc.string({ maxLength: 8 }), fc.constantFrom('a\nb', 'a\r\nb', 'a,b', 'a""b', 'a"b')).map(text => `"${text}"`)
  const field = fc.oneof(
    { weight: 60, arbitrary: plainNumber },
    { weight: 2, arbitrary: numberText },
    { weight: 1, arbitrary: quoted },
    { weight: 1, arbitrary: fc.constantFrom('"', '""', '"a', 'a"', '" ', ' "1"', '\0', '\ufeff', '=1+1', ' 1 ', '\t', '\v', '\ud800') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) }
  )
  const header = fc.oneof(
    { weight: 3, arbitrary: fc.constant([...features]) },
    {
      weight: 1,
      arbitrary: fc.shuffledSubarray([...features], { minLength: features.length })
        .chain(names => fc.array(fc.oneof(specialName, fc.constantFrom(...features)), { maxLength: 2 }).map(more => [...names, ...more]))
    },
    { weight: 2, arbitrary: fc.constant([]) }
  )
  const rows = fc.array(fc.oneof({ weight: 20, arbitrary: fc.array(field, { minLength: features.length, maxLength: features.length }) }, { weight: 1, arbitrary: fc.array(field, { maxLength: 9 }) }), { maxLength: 6 })
  return fc.record({
    start: fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom('\ufeff', '\ufeff\ufeff', '\n', '\0', ' ', 'sep=;\n') }),
    header,
    rows,
    delimiter: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(',', ';', '\t', '|') }, { weight: 1, arbitrary: fc.constantFrom(', ', ',,', '', '"', '\x1f') }),
    lineEnds: fc.oneof(fc.constantFrom(['\n'], ['\r\n'], ['\r']), fc.array(fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\n\r'), { minLength: 1, maxLength: 3 })),
    end: fc.constantFrom('', '\n', '\r\n', '\n\n\n', '"', ',')
  }).map(({ start, header, rows, delimiter, lineEnds, end }) => {
    const lines = [...header.length > 0 ? [header] : [], ...rows].map(fields => fields.join(delimiter))
    return start + lines.map((line, at) => at === 0 ? line : `${lineEnds[at % lineEnds.length]}${line}`).join('') + end
  })
}
