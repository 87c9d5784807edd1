import type { FastifyReply } from 'fastify'

/**
 * Whether a client wants this content type and not JSON, which is the default: its Accept header names the type, with a
 * quality above 0 and at least that of JSON. A wildcard names no type.
 *
 * @param type such as `text/csv`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function isPreferred (type: string, accept = ''): boolean {
  if (!isMentioned(type, accept)) return false
  const { quality, json } = qualitiesIn(accept, type)
  return quality > 0 && quality >= json
}

/**
 * As `isPreferred`, but JSON wins where the header names both alike. For a type that some clients always name beside JSON,
 * such as axios: `application/json, text/plain` and anything else.
 */
export function isPreferredToJson (type: string, accept = ''): boolean {
  if (!isMentioned(type, accept)) return false
  const { quality, json, isJsonNamed } = qualitiesIn(accept, type)
  return quality > 0 && (isJsonNamed ? quality > json : quality >= json)
}

/** Whether a client wants a page for people: a browser names HTML before anything else. Programs name it nowhere. */
export function isForPeople (accept?: string): boolean {
  return isPreferredToJson('text/html', accept)
}

/** Whether a header such as Accept-Encoding names a value, and does not rule it out with a quality of 0. */
export function isNamed (value: string, accept = ''): boolean {
  return isMentioned(value, accept) && qualitiesIn(accept, value).quality > 0
}

/** Spares most requests, whose headers do not mention the value at all, the reading of all qualities. */
function isMentioned (value: string, accept: string): boolean {
  return accept.toLowerCase().includes(value)
}

/** Tells caches that the answer depends on a header of the request, in addition to others. */
export function varyBy (reply: FastifyReply, name: string): void {
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? name : `${String(others)}, ${name}`)
}

function qualitiesIn (accept: string, type: string): { quality: number, json: number, isJsonNamed: boolean } {
  const ranges = new Map(accept.split(',').map(each => {
    const [range = '', ...parameters] = each.split(';').map(part => part.trim().toLowerCase())
    const quality = Number(parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? 1)
    return [range, quality] as const
  }))
  const quality = ranges.get(type) ?? 0
  const json = ranges.get('application/json') ?? ranges.get('application/*') ?? ranges.get('*/*') ?? 0
  return { quality, json, isJsonNamed: ranges.has('application/json') }
}
