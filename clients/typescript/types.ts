import openapiTypescript, { astToString, type OpenAPI3, type OperationObject, type ReferenceObject } from 'openapi-typescript'
import ts from 'typescript'

const HEADER = `/* eslint-disable */
// Made by npm run client from the OpenAPI document of a model; do not edit.

`

const JSON_TYPE = 'application/json'

/** The tags of the routes that are the service's own. All others are for the clients of other systems. */
const OWN_TAGS: ReadonlySet<string | undefined> = new Set(['predict', 'info', 'health'])

/**
 * Makes the TypeScript types of a server's own routes from its OpenAPI document. A binary body is a Blob. A field of a form
 * is a Blob or a list of them. Of the answers, those in JSON are left.
 *
 * @see https://openapi-ts.dev
 */
export async function typesOf (document: OpenAPI3): Promise<string> {
  // A client that does not ask for another type gets JSON, and would have to tell the two apart.
  const onlyJson: OpenAPI3 = JSON.parse(JSON.stringify(document, (key, value: unknown) => key === 'responses' ? withoutOthers(value) : value))
  const own = Object.entries(onlyJson.paths ?? {}).filter(([, path]) => !('$ref' in path) && [path.get, path.post].some(isOwn))
  const nodes = await openapiTypescript({ ...onlyJson, paths: Object.fromEntries(own) }, {
    transform: ({ format }, { path }) => format !== 'binary' ? undefined : path?.includes('multipart') ? BLOBS : BLOB
  })
  // Shortens the examples that are pictures in base64.
  const text = astToString(nodes).replace(/[\w+/]{99,}=*/g, '…')
  return HEADER + text
}

function withoutOthers (responses: unknown): unknown {
  return JSON.parse(JSON.stringify(responses, (_key, value: unknown) => {
    return typeof value === 'object' && value !== null && JSON_TYPE in value ? { [JSON_TYPE]: value[JSON_TYPE] } : value
  }))
}

function isOwn (operation: OperationObject | ReferenceObject | undefined): boolean {
  return operation !== undefined && 'tags' in operation && OWN_TAGS.has(operation.tags?.[0])
}

const BLOB = ts.factory.createTypeReferenceNode('Blob')
const BLOBS = ts.factory.createUnionTypeNode([BLOB, ts.factory.createArrayTypeNode(BLOB)])
