import createOpenapiClient, { type Client, type ClientOptions } from 'openapi-fetch'
import type { paths } from './paths.ts'

/**
 * Makes a typed client for one server.
 *
 * It sends a Blob or a File as it is, a string as CSV, an object with Blobs as a form, and anything else as JSON. A
 * request resolves to `{ data, response }` or to `{ error, response }`, where `error` is the error of the server.
 *
 * @typeParam Paths the types of the server's routes; by default those for the default model
 * @see https://openapi-ts.dev/openapi-fetch/
 */
export function createClient<Paths extends {} = paths> (baseUrl: string, { apiKey, headers, ...options }: Omit<ClientOptions, 'baseUrl'> & { apiKey?: string } = {}): Client<Paths> {
  return createOpenapiClient<Paths>({
    baseUrl,
    bodySerializer,
    // null: the request takes the content type of its body.
    headers: { 'content-type': null, ...(apiKey && { authorization: `Bearer ${apiKey}` }), ...headers },
    ...options
  })
}

function bodySerializer (body: unknown): Blob | FormData {
  if (body instanceof Blob) return body.type ? body : body.slice(0, body.size, 'application/octet-stream')
  if (typeof body === 'string') return new Blob([body], { type: 'text/csv' })
  const fields = Object.entries(body ?? {})
  if (!fields.some(([, value]) => [value].flat()[0] instanceof Blob)) return new Blob([JSON.stringify(body)], { type: 'application/json' })
  const form = new FormData()
  for (const [name, value] of fields) {
    for (const each of [value].flat()) form.append(name, each instanceof Blob ? each : String(each))
  }
  return form
}
