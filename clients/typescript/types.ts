import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import ts from 'typescript'

const HEADER = `/* eslint-disable */
// Made by npm run client from the OpenAPI document of a model; do not edit.

`

/**
 * TypeScript types of a server's routes, from its OpenAPI document. Binary bodies are Blobs, of which a form may hold
 * several in one field.
 *
 * @see https://openapi-ts.dev
 */
export async function typesOf (document: OpenAPI3): Promise<string> {
  const nodes = await openapiTypescript(document, {
    transform: ({ format }, { path }) => format !== 'binary' ? undefined : path?.includes('multipart') ? BLOBS : BLOB
  })
  // An example that is a picture in base64 has nothing to read.
  const text = astToString(nodes).replace(/[\w+/]{99,}=*/g, '…')
  return HEADER + text
}

const BLOB = ts.factory.createTypeReferenceNode('Blob')
const BLOBS = ts.factory.createUnionTypeNode([BLOB, ts.factory.createArrayTypeNode(BLOB)])
