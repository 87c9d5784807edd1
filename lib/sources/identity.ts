import { schemeOf } from './index.ts'
import type { SourceSettings } from './source.ts'

/** Parameters that only sign a URL: of Amazon, Google, Alibaba and CloudFront. Another signature does not mean another model. */
const SIGNATURE = /^(?:x-(?:amz|goog|oss)-.+|awsaccesskeyid|googleaccessid|ossaccesskeyid|key-pair-id|policy|signature|expires)$/i

/** Those of Azure, which are that only beside its signature, `sig`. @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas */
const AZURE_SIGNATURE = /^(?:sig|sv|ss|srt|sr|sp|st|se|sip|spr|skoid|sktid|skt|ske|sks|skv)$/i

const S3_PLACES = ['AWS_ENDPOINT_URL_S3', 'MLFLOW_S3_ENDPOINT_URL', 'AWS_ENDPOINT_URL', 'S3_ENDPOINT', 'AWS_PROFILE']

const MLFLOW_PLACES = ['MLFLOW_TRACKING_URI', 'MLFLOW_REGISTRY_URI']

/** The variables that say which server an address is of. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  's3:': S3_PLACES, 'gs:': ['STORAGE_EMULATOR_HOST'], 'hf:': ['HF_ENDPOINT'], 'runs:': MLFLOW_PLACES, 'models:': MLFLOW_PLACES
}

/**
 * What tells a model apart from others: its address without a signature, and the servers that variables name for it. It may hold
 * secrets, so that only its hash may be shown or stored.
 */
export function identityOf (address: string, environment: SourceSettings['environment']): string {
  const places = PLACES[schemeOf(address) ?? ''] ?? []
  return [unsigned(address), ...places.flatMap(name => environment[name] ? [`${name}=${withoutUser(environment[name])}`] : [])].join('\0')
}

/** A URL without the parameters of its signature. Anything else, such as a key of S3 with `?`, stays as it is. */
function unsigned (address: string): string {
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return address
  const url = new URL(address)
  const isAzure = url.searchParams.has('sig')
  const kept = [...url.searchParams].filter(([name]) => !SIGNATURE.test(name) && !(isAzure && AZURE_SIGNATURE.test(name)))
  url.hash = ''
  url.search = new URLSearchParams(kept).toString()
  return url.href
}

/** Another user or password does not mean another server. */
function withoutUser (place: string): string {
  return place.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1').replace(/\/+$/, '')
}
