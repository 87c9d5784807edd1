import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import ts from 'typescript'

const HEADER = `/* eslint-disable */
// Made by npm run client from the OpenAPI document of a model; do not edit.

`

/**
 * Makes the TypeScript types of a server's routes from its OpenAPI document. A binary body is a Blob. A field of a form
 * is a Blob or a list of them. The answer as bare text is left out.
 *
 * @see https://openapi-ts.dev
 */
export async function typesOf (document: OpenAPI3): Promise<string> {
  // A client that asks for JSON never gets the bare text, and would have to tell the two apart.
  const withoutText: OpenAPI3 = JSON.parse(JSON.stringify(document, (key, value: unknown) => key === 'text/plain' ? undefined : value))
  const nodes = await openapiTypescript(withoutText, {
    transform: ({ format }, { path }) => format !== 'binary' ? undefined : path?.includes('multipart') ? BLOBS : BLOB
  })
  // Shortens the examples that are pictures in base64.
  const text = astToString(nodes).replace(/[\w+/]{99,}=*/g, '…')
  return HEADER + text
}

const BLOB = ts.factory.createTypeReferenceNode('Blob')
const BLOBS = ts.factory.createUnionTypeNode([BLOB, ts.factory.createArrayTypeNode(BLOB)])
