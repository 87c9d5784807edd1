import type { Card } from '../../lib/card/card.ts'
import { PAIR, TEXT, type TextInput } from '../../lib/modalities/text/input.ts'
import { Type, type TSchema } from '../../lib/typebox.ts'
import { BINARY, explained, explanation, type Content, type Described } from '../schemas.ts'
import { takesPairs } from './body.ts'
import { exampleOf } from './example.ts'

/**
 * The request body for each content type, with valid texts as examples.
 *
 * @param limit largest number of texts
 */
export function textBody (card: Card, input: TextInput, limit: number): { content: Content } {
  const { text, pair } = exampleOf(card, input)
  const item = textSchema(card, input)
  const texts = Type.Array(item, { minItems: 1, maxItems: limit, title: 'Texts' })
  const takesTwo = takesPairs(input)
  const [names, values] = pair === undefined ? [[TEXT], [text]] : [[TEXT, PAIR], [text, pair]]
  return {
    content: {
      'application/json': {
        schema: Type.Union([item, texts, Type.Object({ instances: texts }, { additionalProperties: false, title: 'Instances' })], {
          'x-read-by-hand': true, examples: [bodyOf(card, input)]
        })
      },
      'text/plain': { schema: Type.String({ minLength: 1, description: 'One text: the whole body, in UTF-8 or in the encoding that Content-Type names.', examples: [text] }) },
      'text/csv': {
        schema: Type.String({
          description: `Texts in the column \`${TEXT}\`${takesTwo ? ` and, if there is one, \`${PAIR}\`` : ''}. The first line names the columns; other columns are ignored.`,
          examples: [`${names.join()}\n${values.map(quoted).join()}\n`]
        })
      },
      'multipart/form-data': {
        schema: Type.Object({
          [TEXT]: Type.Optional(Type.String({ description: 'A text.', examples: [text] })),
          ...takesTwo && { [PAIR]: Type.Optional(Type.String({ description: 'The second text of a pair.', ...pair !== undefined && { examples: [pair] } })) },
          file: Type.Optional(Type.Unsafe<unknown>({ ...BINARY, description: `Instead of the field${takesTwo ? 's' : ''}: a text file, or a CSV file (\`.csv\`) with a column \`${TEXT}\`. Repeat the field to send several text files.` }))
        }, {
          additionalProperties: false,
          minProperties: 1,
          ...takesTwo ? { dependentRequired: { [PAIR]: [TEXT] }, not: { required: [TEXT, 'file'] } } : { maxProperties: 1 },
          description: 'Either a text, or a file.'
        })
      }
    }
  }
}

/** A text of JSON: alone, or in an object. */
export function textSchema (card: Card, input: TextInput): TSchema {
  const takesTwo = takesPairs(input)
  return Type.Union([
    Type.String({ title: 'Text', description: 'A text of at most TEXT_LIMIT characters.' }),
    Type.Object({
      [TEXT]: Type.String({ description: 'A text.' }),
      ...takesTwo && { [PAIR]: Type.Optional(Type.String({ description: 'The second text, for a model that compares two. Both together have at most TEXT_LIMIT characters.' })) }
    }, { additionalProperties: false, title: takesTwo ? 'Text, or two' : 'Text by name' })
  ], { examples: [bodyOf(card, input)] })
}

function bodyOf (card: Card, input: TextInput): Record<string, string> {
  const { text, pair } = exampleOf(card, input)
  return { [TEXT]: text, ...pair !== undefined && { [PAIR]: pair } }
}

function quoted (text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** The answer of `/explain` for texts: the effect of each word. */
export function explanationOf (card: Card, input: TextInput): Described {
  const { name, importance } = explained(card)
  const words = Type.Array(Type.Object({
    word: Type.String({ description: 'The word as it stands in the text. Of a long text, several words in a row.' }),
    text: Type.Integer({ minimum: 0, maximum: takesPairs(input) ? 1 : 0, description: `0: the word is in \`${TEXT}\`${takesPairs(input) ? `; 1: it is in \`${PAIR}\`` : ''}.` }),
    start: Type.Integer({ minimum: 0, description: 'Place of its first character in the text, in UTF-16 code units, as JavaScript counts.' }),
    importance: Type.Unsafe<number>({ ...importance, description: `The ${name}, minus that of the text without the word.` })
  }), { description: 'One entry for each word, in the order of the text.' })
  return {
    description: `The effect of each word on the ${name}.`,
    content: { 'application/json': { schema: explanation(card, { words }) } }
  }
}
