import createOpenapiClient, { type Client, type ClientOptions } from 'openapi-fetch'
import type { paths } from './paths.ts'

/**
 * A typed client for one server.
 *
 * A body is a Blob or File (sent as it is), a string (CSV), an object with Blobs in it (a form), or anything else
 * (JSON). An answer is `{ data, response }` or `{ error, response }`; `error` is the server's own.
 *
 * @typeParam Paths the routes of the server's model; those of the default model without
 * @see https://openapi-ts.dev/openapi-fetch/
 */
export function createClient<Paths extends {} = paths> (baseUrl: string, { apiKey, headers, ...options }: Omit<ClientOptions, 'baseUrl'> & { apiKey?: string } = {}): Client<Paths> {
  return createOpenapiClient<Paths>({
    baseUrl,
    bodySerializer,
    // Without a type of its own a request takes its body's.
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
