import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { CardInvalid } from '../errors.ts'
import { faultOf } from '../modalities/index.ts'
import { INPUT_SCHEMAS, inputSchemaOf } from '../modalities/kinds.ts'
import { Type, type Static } from '../typebox.ts'
import { AboutSchema } from './about.ts'
import { ContractProperties } from './contract.ts'

/** Schema of `card.json`: the contract of a model, and its description for people. */
export const CardSchema = Type.Object({ ...ContractProperties, about: Type.Optional(AboutSchema) }, { additionalProperties: false })

/** A valid `card.json`, with defaults for the fields that it leaves out. */
export type Card = Static<typeof CardSchema>

// TypeScript has checked the schemas. Checking them here again would take longer than compiling them.
const ajv = new Ajv({ strict: false, validateSchema: false })
const isCard = ajv.compile<Card>(CardSchema)

/**
 * Reads and checks `card.json`. Missing fields other than `about` get their defaults.
 *
 * @param folder path of the model's folder
 * @throws CardInvalid with the path of the file and the wrong field
 */
export async function readCard (folder: string): Promise<Card> {
  const path = join(folder, 'card.json')
  const card: Record<string, unknown> = { name: basename(folder), version: '1', labelKey: 'label', ...await readObject(path) }
  if (card['output'] instanceof Object) card['output'] = { kind: 'classes', ...card['output'] }
  const fault = inputFaultIn(card['input'])
  if (fault !== null) throw new CardInvalid(path, fault)
  if (!isCard(card)) throw new CardInvalid(path, explain(isCard.errors?.[0]))
  const inputFault = faultOf(card.input)
  if (inputFault !== null) throw new CardInvalid(path, inputFault)
  return card
}

async function readObject (path: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!(value instanceof Object)) throw new Error('the card is not an object')
    return value
  } catch (error) {
    throw new CardInvalid(path, error instanceof Error ? error.message : String(error))
  }
}

/** Checks `input` against the schema of its own modality. An error of the union of all schemas would not name the field. */
function inputFaultIn (input: unknown): string | null {
  const schema = inputSchemaOf(input)
  if (!schema) return `/input/kind must be one of ${Object.keys(INPUT_SCHEMAS).join(', ')}`
  return ajv.validate(schema, input) ? null : `/input${explain(ajv.errors?.[0])}`
}

function explain ({ instancePath = '', message = 'does not fit the schema', params = {} }: Partial<ErrorObject> = {}): string {
  if ('additionalProperty' in params) return `${instancePath}/${params['additionalProperty']} is not a field of a card`
  return `${instancePath} ${message}`.trim()
}
