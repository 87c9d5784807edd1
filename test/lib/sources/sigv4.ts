import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request as it arrived. */
export interface Arrived {
  method?: string | undefined
  /** Path and query. */
  url?: string | undefined
  headers: IncomingHttpHeaders
}

/** What a request of AWS says of its signature. */
export interface Claim { accessKeyId: string, region: string, service: string, signature: string, signedHeaders: string[] }

/** Reads the header `Authorization`, or returns null for an anonymous request. */
export function claimOf ({ headers }: Arrived): Claim | null {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([\da-f]{64})$/
  const [, accessKeyId = '', region = '', service = '', signed = '', signature = ''] = pattern.exec(headers.authorization ?? '') ?? []
  return signature === '' ? null : { accessKeyId, region, service, signature, signedHeaders: signed.split(';') }
}

/**
 * Calculates the signature that a request to S3 must have, by the steps of AWS's documentation.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signatureOf (request: Arrived, { region, service, signedHeaders }: Claim, secret: string): string {
  const { method, url = '', headers } = request
  const [path = '', query = ''] = url.split('?')
  const date = String(headers['x-amz-date'])
  const pairs = query === '' ? [] : query.split('&').map(pair => pair.split('=').map(part => encoded(decodeURIComponent(part))))
  const canonical = [
    method,
    path.split('/').map(part => encoded(decodeURIComponent(part))).join('/'),
    pairs.map(([name, value = '']) => `${name}=${value}`).sort().join('&'),
    ...signedHeaders.map(name => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders.join(';'),
    headers['x-amz-content-sha256']
  ].join('\n')
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${secret}`)
  return createHmac('sha256', key).update(text).digest('hex')
}

/** As AWS encodes: all but letters, digits and `-._~`. */
function encoded (text: string): string {
  return [...Buffer.from(text)].map(byte => /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
