import { join } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { CardInvalid } from '../errors.ts'
import { faultOf } from '../modalities/index.ts'
import { INPUT_SCHEMAS } from '../modalities/kinds.ts'
import { Check, Type, type Static } from '../typebox.ts'
import { AboutSchema } from './about.ts'
import { ContractProperties } from './contract.ts'
import type { ModelFiles } from './files.ts'
import type { PartialCard } from './infer/source.ts'
import { parseJsonWithComments } from './jsonc.ts'
import { OUTPUT_SCHEMAS } from './output.ts'
import { relaxed } from './relaxed.ts'

/** Schema of a whole card: the contract of a model, and its description for people. */
export const CardSchema = Type.Object({ ...ContractProperties, about: Type.Optional(AboutSchema) }, { additionalProperties: false })

/** A whole card: what `card.json` says, completed with what was inferred. */
export type Card = Static<typeof CardSchema>

// TypeScript has checked the schemas. To check them here again, or to optimize code that runs once, would take longer than to compile them.
const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, code: { optimize: false } })

/** The fields that are the same for every kind of input and output. The fields of these two depend on their kind. */
const SHARED = { ...CardSchema, properties: { ...CardSchema.properties, input: {}, output: {} } }
const PARTIAL_SHARED = relaxed({ ...SHARED, properties: { ...SHARED.properties, $schema: { type: 'string' } } })

/** Name of the card's file. */
export const CARD_FILE = 'card.json'

/**
 * Reads `card.json`, which may hold any part of a card. Without the file, nothing is set.
 *
 * @throws CardInvalid with the path of the file, and all faults
 */
export async function readCard (files: ModelFiles): Promise<PartialCard> {
  const bytes = await files.read(CARD_FILE)
  return bytes ? await parseCard(bytes.toString('utf8'), join(files.root, CARD_FILE)) : {}
}

/**
 * Reads the text of a card, which may hold any part of one, and comments.
 *
 * @param path of the file, for the error
 * @throws CardInvalid with all faults: each names the field, by the schema of the card's own kind of input and output
 */
export async function parseCard (text: string, path: string): Promise<PartialCard> {
  const card = await parse(text, path)
  const faults: string[] = []
  if (!isPartialCard(card, faults)) throw new CardInvalid(path, faults.join('; '))
  return Object.fromEntries(Object.entries(card).filter(([key]) => key !== '$schema'))
}

/**
 * Checks that a card is whole, by the schemas of its kinds of input and output.
 *
 * @param path of the file, for the error
 * @throws CardInvalid with all faults
 */
export function checkCard (card: PartialCard, path: string): Card {
  const faults: string[] = []
  if (!isCard(card, faults)) throw new CardInvalid(path, faults.join('; '))
  const fault = faultOf(card.input)
  if (fault !== null) throw new CardInvalid(path, fault)
  return card
}

async function parse (text: string, path: string): Promise<unknown> {
  try {
    return await parseJsonWithComments(text)
  } catch (error) {
    throw new CardInvalid(path, `is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isPartialCard (card: unknown, faults: string[]): card is PartialCard {
  if (!isObject(card)) faults.push('a card is an object, such as {"labels":["ant","bee"]}')
  else {
    faults.push(...faultsIn(PARTIAL_SHARED, card, ''))
    for (const [part, schemas] of [['input', INPUT_SCHEMAS], ['output', OUTPUT_SCHEMAS]] as const) {
      if (part in card) faults.push(...partialFaults(card[part], schemas, `/${part}`))
    }
  }
  return faults.length === 0
}

function isCard (card: PartialCard, faults: string[]): card is Card {
  faults.push(...faultsIn(SHARED, card, ''))
  for (const [part, schemas] of [['input', INPUT_SCHEMAS], ['output', OUTPUT_SCHEMAS]] as const) {
    const schema = schemaOf(card[part], schemas)
    if (schema) faults.push(...faultsIn(schema, card[part], `/${part}`))
    else if (card[part]) faults.push(kindFault(schemas, `/${part}`))
  }
  return faults.length === 0
}

/** The faults by the schema of its kind. Without a kind: none if it fits any kind, else those of the kind that it fits best. */
function partialFaults (value: unknown, schemas: Record<string, object>, path: string): string[] {
  if (!isObject(value)) return [`${path} must be an object`]
  if ('kind' in value) {
    const schema = schemaOf(value, schemas)
    return schema ? faultsIn(relaxed(schema), value, path) : [kindFault(schemas, path)]
  }
  const strangers = ({ properties = {} }: { properties?: object }) => Object.keys(value).filter(key => !(key in properties)).length
  const all = Object.values(schemas).map(schema => ({ strangers: strangers(schema), faults: faultsIn(relaxed(schema), value, path) }))
  all.sort((a, b) => a.strangers - b.strangers || a.faults.length - b.faults.length)
  return all[0]?.faults ?? []
}

function schemaOf (value: unknown, schemas: Record<string, object>): object | undefined {
  const kind = isObject(value) ? value['kind'] : undefined
  return Object.entries(schemas).find(([name]) => name === kind)?.[1]
}

function kindFault (schemas: Record<string, object>, path: string): string {
  return `${path}/kind must be one of ${Object.keys(schemas).join(', ')}`
}

const compiled = new Map<object, ValidateFunction>()

function faultsIn (schema: object, value: unknown, path: string): string[] {
  // Only what is wrong needs a compiled validator, which says what. To compile one takes longer than most models take to load.
  if (Check(schema, value)) return []
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  if (validate(value)) return []
  // The fault of a union comes with those of its parts, and says less.
  const errors = validate.errors ?? []
  return [...new Set(errors.filter(({ keyword }) => keyword !== 'anyOf' || errors.length === 1).map(error => explain(error, path)))]
}

function explain ({ instancePath, keyword, message = 'does not fit the schema', params }: ErrorObject, path: string): string {
  const at = `${path}${instancePath}`
  if (keyword === 'additionalProperties') return `${at}/${String(params['additionalProperty'])} is not a field of a card`
  if (keyword === 'required') return `${at}/${String(params['missingProperty'])} is missing`
  if (keyword === 'enum') return `${at} must be one of ${String(params['allowedValues'])}`
  if (keyword === 'const') return `${at} must be ${JSON.stringify(params['allowedValue'])}`
  return `${at} ${message}`.trim()
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
