import createOpenapiClient, { type Client, type ClientOptions } from 'openapi-fetch'
import { infer, type InferAnswer, type InferRequest } from './infer.ts'
import type { paths } from './paths.ts'

/** A typed client for one server. */
export interface ServeryClient<Paths extends {}> extends Client<Paths> {
  /**
   * Sends tensors as bytes, and resolves to the tensors of the answer.
   *
   * @param model the model's name in the server's addresses
   * @throws InferError when the server does not answer 200
   */
  infer: (model: string, request: InferRequest) => Promise<InferAnswer>
}

/**
 * Makes a typed client for one server.
 *
 * It sends a Blob or a File as it is, a string as CSV, an object with Blobs as a form, and anything else as JSON. A
 * request resolves to `{ data, response }` or to `{ error, response }`, where `error` is the error of the server.
 *
 * @typeParam Paths the types of the server's routes; by default those for the default model
 * @see https://openapi-ts.dev/openapi-fetch/
 */
export function createClient<Paths extends {} = paths> (baseUrl: string, { apiKey, headers, ...options }: Omit<ClientOptions, 'baseUrl'> & { apiKey?: string } = {}): ServeryClient<Paths> {
  const key = apiKey && { authorization: `Bearer ${apiKey}` }
  const client = createOpenapiClient<Paths>({
    baseUrl,
    bodySerializer,
    // null: the request takes the content type of its body.
    headers: { 'content-type': null, ...key, ...headers },
    ...options
  })
  return Object.assign(client, {
    infer: (model: string, request: InferRequest) => infer(baseUrl, model, request, { headers: { ...key, ...headers }, ...options.fetch && { fetch: options.fetch } })
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
