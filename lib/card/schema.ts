import { CardSchema } from './card.ts'
import { INPUT_SCHEMAS } from '../modalities/kinds.ts'
import { OUTPUT_SCHEMAS } from './output.ts'
import { relaxed } from './relaxed.ts'

/**
 * The JSON Schema of `card.json` for editors, as the text of `models/card.schema.json`. `npm run schema` writes it.
 *
 * Nothing is required, because everything else is inferred.
 *
 * @see https://json-schema.org/draft-07/json-schema-release-notes
 */
export function cardSchemaText (): string {
  const anyOf = (schemas: Record<string, object>, description: string) => ({ description, anyOf: Object.values(schemas).map(relaxed) })
  const schema = relaxed({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'card.json of Servery',
    description: 'What a model takes and answers. Fields that are left out are inferred from the model and the files beside it.',
    ...CardSchema,
    properties: {
      $schema: { type: 'string', description: 'Path of this schema, for editors.' },
      ...CardSchema.properties,
      input: anyOf(INPUT_SCHEMAS, 'What the model takes.'),
      output: anyOf(OUTPUT_SCHEMAS, 'What the model answers.')
    }
  })
  return `${JSON.stringify(schema, null, 2)}\n`
}
